"""Look again on the card of a draft of which nobody knows whether it left."""

from __future__ import annotations

from slack_bolt import App, Args

from crm.errors import SendUncertain
from crm.identity import Principal
from slack_app.attempt import attempt, caller_of
from slack_app.blocks.draft import LOOK
from slack_app.blocks.text import Message
from slack_app.card import clicked, refreshed, settle, update_card, whisper
from slack_app.deps import Deps


def register(app: App, deps: Deps) -> None:
    @app.action(LOOK)
    def look(args: Args) -> None:
        args.ack()
        ref, place = clicked(args)

        def look_again(principal: Principal) -> Message | None:
            try:
                draft = deps.sender.look_again(principal, ref.draft_id)
            except SendUncertain:
                refreshed(deps, args.client, principal, ref, place)
                raise
            shown = update_card(deps, args.client, place, draft, thread=ref.thread, zone=principal.zone)
            settle(deps, principal, ref.thread)
            return shown

        shown = attempt(deps, caller_of(args.context), look_again)
        if shown is not None:
            whisper(args, shown)
