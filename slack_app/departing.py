"""An approved reply on its way out: its card waits with it, sends it at its moment, and tells what became of it.

The wait has a thread of its own, because a listener that waited would keep others, the Undo above all, from being served.
Who dies here loses nothing: the worker sends what is approved and due.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from slack_sdk import WebClient

from crm.errors import DraftConflict, SendUncertain, StillWaiting
from crm.identity import Principal
from outbox import drafts
from slack_app.attempt import guarded
from slack_app.blocks.modal import Place
from slack_app.blocks.text import Message
from slack_app.card import settle, update_card
from slack_app.deps import Deps

_log = logging.getLogger(__name__)
_LONGEST = 60.0  # seconds; who is scheduled for later is left to the worker


def depart(
    deps: Deps,
    client: WebClient,
    principal: Principal,
    draft: drafts.Draft,
    place: Place,
    *,
    thread: str,
    whisper: Callable[[Message], None],
) -> Message | None:
    """Show the approved draft with its Undo, and send it when its moment has come. The message to show instead of a card."""
    shown = update_card(deps, client, place, draft, thread=thread, zone=principal.zone)
    seconds = (draft.send_at - deps.clock()).total_seconds() if draft.send_at else 0.0
    if seconds > _LONGEST:
        return shown

    def leave() -> None:
        deps.wait(max(seconds, 0.0))
        told = guarded(deps, lambda: _send(deps, client, principal, draft, place, thread))
        if told is not None:
            whisper(told)

    threading.Thread(target=leave, name=f"departing-{draft.id}", daemon=True).start()
    return shown


def _send(
    deps: Deps, client: WebClient, principal: Principal, draft: drafts.Draft, place: Place, thread: str
) -> Message | None:
    try:
        now = deps.sender.send(principal, draft.id, sha256=draft.sha256)
    except StillWaiting:  # approved anew for another moment, or the clock was set back
        _card(deps, client, principal, draft, place, thread)
        raise
    except (DraftConflict, SendUncertain):  # undone, the worker was faster, or nobody knows
        now = deps.sender.settled(principal, draft.id, deps.wait)
    except Exception:
        _card(deps, client, principal, draft, place, thread)  # open again, with the reason
        raise
    if now.status in ("sent", "uncertain", "sending") or (now.status == "draft" and now.error):
        shown = update_card(deps, client, place, now, thread=thread, zone=principal.zone)
        if now.status in ("sent", "uncertain"):
            settle(deps, principal, thread)
        return shown
    return None  # an undo or an edit has brought its card up to date itself


def _card(deps: Deps, client: WebClient, principal: Principal, draft: drafts.Draft, place: Place, thread: str) -> None:
    with deps.database.read() as session:
        now = drafts.get(session, principal, draft.id)
    update_card(deps, client, place, now, thread=thread, zone=principal.zone)
