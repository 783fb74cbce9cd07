"""draft_reply: store a reply for a human to review. There is no tool that sends."""

from __future__ import annotations

import re
from typing import Any

from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool

from crm.errors import LealUpError
from outbox.drafts import create_reply
from outbox.leaks import RECORD
from tools.context import Runtime
from tools.thread import find_reference

_REFERENCE = re.compile(r"\s*\[m:[^\]\n]*\]")  # how answers cite; a customer has no use for it


@tool(response_format="content_and_artifact")
def draft_reply(mail: str, text: str, runtime: Runtime) -> tuple[str, dict[str, Any]]:
    """Store a draft reply to one mail. A human reviews, edits and sends it; you can't.

    `mail` is the reference of the mail to answer, such as m:1a2b3c4d; recipients and thread follow from it. `text` is
    the plain text of the reply, with [placeholders] where a fact is missing.
    """
    context = runtime.context
    text = _REFERENCE.sub("", text)
    found = find_reference(mail, runtime)
    if found is None:
        return "No mail has that reference. Read the timeline first and use a reference from it.", _nothing()
    try:
        with context.database.write() as session:
            draft = create_reply(
                session, context.clock, context.principal, mail_id=found, text=text,
                sources=read_so_far(runtime), asked=_asked(runtime), by_assistant=True,
            )  # fmt: skip
    except LealUpError as error:
        return f"No draft was stored: {error.for_user()}", _nothing()
    warnings = "".join(f"\nWarning: {warning.sentence}" for warning in draft.warnings)
    return f"Draft {draft.id} to {', '.join(draft.to)} is stored and waits for a human.{warnings}", {
        "kind": "draft",
        "mails": [found],
        "draft_id": draft.id,
    }


def read_so_far(runtime: Runtime) -> list[str]:
    """Every mail and customer's record that this conversation has read: what the draft is compared with."""
    artifacts = [
        message.artifact
        for message in runtime.state.get("messages", [])
        if isinstance(message, ToolMessage) and isinstance(message.artifact, dict)
    ]
    mails = [mail_id for artifact in artifacts for mail_id in artifact.get("mails", [])]
    shown = [artifact["customers"] for artifact in artifacts if isinstance(artifact.get("customers"), list)]
    records = [f"{RECORD}{held}" for customers in shown for held in customers]
    return list(dict.fromkeys((*mails, *records)))


def _asked(runtime: Runtime) -> str:
    """What the human said in this conversation, a line for each question."""
    messages = runtime.state.get("messages", [])
    return "\n".join(" ".join(str(held.text).split()) for held in messages if isinstance(held, HumanMessage))


def _nothing() -> dict[str, Any]:
    return {"kind": "draft", "mails": [], "draft_id": None}
