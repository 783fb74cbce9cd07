"""Discard on a draft's card."""

from __future__ import annotations

from slack_bolt import App, Args

from crm.errors import DraftConflict
from crm.identity import Principal
from outbox import drafts
from slack_app.attempt import attempt, caller_of
from slack_app.blocks.draft import DISCARD
from slack_app.blocks.text import Message
from slack_app.card import clicked, conflict, settle, update_card, whisper
from slack_app.deps import Deps


def register(app: App, deps: Deps) -> None:
    @app.action(DISCARD)
    def discard(args: Args) -> None:
        args.ack()
        ref, place = clicked(args)

        def throw_away(principal: Principal) -> Message | None:
            try:
                with deps.database.write() as session:
                    draft = drafts.discard(session, deps.clock, principal, ref.draft_id)
            except DraftConflict:
                return conflict(deps, args.client, principal, ref, place)
            shown = update_card(deps, args.client, place, draft, thread=ref.thread, zone=principal.zone)
            settle(deps, principal, ref.thread)
            return shown

        shown = attempt(deps, caller_of(args.context), throw_away)
        if shown is not None:
            whisper(args, shown)
