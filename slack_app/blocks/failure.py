"""Failures: a fixed sentence each, the way on, and the trace id; never an exception's text."""

from __future__ import annotations

from crm.errors import LealUpError, NotAllowed, NotConnected, SendNotEnabled, UnknownCustomer
from slack_app.blocks.text import Message, escape, link, sentence


def failure(error: LealUpError, *, trace: str, base_url: str) -> Message:
    """What went wrong and what to do about it in Slack or in the app."""
    settings = link(f"{base_url}/settings", "Open LealUp")
    match error:
        case NotConnected():
            text = f"{escape(error.sentence)} {settings} → Gmail to connect it again."
        case SendNotEnabled():
            text = f"{escape(error.sentence)} {settings} → Gmail and turn on “Reply from LealUp”."
        case UnknownCustomer():
            text = f"{escape(error.sentence)} `/csm health` lists the customers, `/csm help` the commands."
        case NotAllowed() if error.sentence == NotAllowed.sentence:
            text = "That draft belongs to somebody else; only they can send, edit or discard it."
        case _:
            text = escape(error.for_user())
    return sentence(text, f"Trace id {trace}")
