"""Send on a draft's card: the one human click that approves exactly the bytes shown and sends them."""

from __future__ import annotations

from slack_bolt import App, Args
from slack_sdk import WebClient

from crm.errors import DraftConflict, SendUncertain
from crm.identity import Principal
from outbox import drafts
from outbox.approvals import approve
from slack_app.attempt import attempt, caller_of
from slack_app.blocks.draft import SEND, Ref
from slack_app.blocks.modal import Place
from slack_app.blocks.text import Message
from slack_app.card import clicked, conflict, settle, update_card, whisper
from slack_app.deps import Deps


def register(app: App, deps: Deps) -> None:
    @app.action(SEND)
    def send(args: Args) -> None:
        args.ack()
        ref, place = clicked(args)
        shown = attempt(
            deps, caller_of(args.context), lambda principal: _send(deps, args.client, principal, ref, place)
        )
        if shown is not None:
            whisper(args, shown)


def _send(deps: Deps, client: WebClient, principal: Principal, ref: Ref, place: Place) -> Message | None:
    try:
        _approve(deps, principal, ref)
        draft = deps.sender.send(principal, ref.draft_id, sha256=ref.sha256)
    except DraftConflict:
        return conflict(deps, client, principal, ref, place)
    except SendUncertain:
        with deps.database.read() as session:
            draft = drafts.get(session, principal, ref.draft_id)
    shown = update_card(deps, client, place, draft, thread=ref.thread)
    settle(deps, principal, ref.thread)
    return shown


def _approve(deps: Deps, principal: Principal, ref: Ref) -> None:
    """Approve, unless the same human has approved these bytes already and nothing has claimed them yet."""
    with deps.database.write() as session:
        draft = drafts.get(session, principal, ref.draft_id)
        if draft.status != "approved" or draft.sha256 != ref.sha256:
            approve(session, deps.clock, principal, ref.draft_id, sha256=ref.sha256, face="slack")
