"""Undo on the card of an approved draft: the approval is taken back while nothing has claimed it."""

from __future__ import annotations

from slack_bolt import App, Args

from crm.errors import DraftConflict
from crm.identity import Principal
from outbox.approvals import undo
from slack_app.attempt import attempt, caller_of
from slack_app.blocks.draft import UNDO
from slack_app.blocks.text import Message
from slack_app.card import clicked, conflict, update_card, whisper
from slack_app.deps import Deps


def register(app: App, deps: Deps) -> None:
    @app.action(UNDO)
    def take_back(args: Args) -> None:
        args.ack()
        ref, place = clicked(args)

        def do(principal: Principal) -> Message | None:
            try:
                with deps.database.write() as session:
                    draft = undo(session, deps.clock, principal, ref.draft_id, sha256=ref.sha256)
            except DraftConflict:
                return conflict(deps, args.client, principal, ref, place)
            return update_card(deps, args.client, place, draft, thread=ref.thread, zone=principal.zone)

        shown = attempt(deps, caller_of(args.context), do)
        if shown is not None:
            whisper(args, shown)
