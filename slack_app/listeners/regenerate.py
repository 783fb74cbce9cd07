"""Regenerate: the button opens a modal; submitting it words the draft anew, as a version that needs an approval of its own."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, Args, BoltContext
from slack_sdk import WebClient

from crm.errors import DraftConflict
from crm.identity import Principal
from outbox import drafts
from slack_app.attempt import attempt, caller_of
from slack_app.blocks.choices import REWORDED, WAY, Chosen, reword_modal
from slack_app.blocks.draft import REGENERATE
from slack_app.blocks.text import Message
from slack_app.card import clicked, conflict, update_card, whisper
from slack_app.deps import Deps


def register(app: App, deps: Deps) -> None:
    @app.action(REGENERATE)
    def regenerate(args: Args) -> None:
        args.ack()
        ref, place = clicked(args)

        def open_modal(principal: Principal) -> Message | None:
            with deps.database.read() as session:
                draft = drafts.get(session, principal, ref.draft_id)
            if draft.status != "draft" or draft.sha256 != ref.sha256:
                return conflict(deps, args.client, principal, ref, place)
            args.client.views_open(trigger_id=args.body["trigger_id"], view=reword_modal(ref, place))
            return None

        shown = attempt(deps, caller_of(args.context), open_modal)
        if shown is not None:
            whisper(args, shown)

    def acknowledge(ack: Ack) -> None:
        ack()  # a model takes longer than Slack waits

    def reword(view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        chosen = Chosen.read(view, WAY)

        def word_anew(principal: Principal) -> Message | None:
            ref = chosen.ref
            try:
                draft = deps.assistant.reword(principal, ref.draft_id, sha256=ref.sha256, how=chosen.value)
            except DraftConflict:
                return conflict(deps, client, principal, ref, chosen.place)
            return update_card(deps, client, chosen.place, draft, thread=ref.thread, zone=principal.zone)

        shown = attempt(deps, caller_of(context), word_anew)
        if shown is not None:
            client.chat_postEphemeral(
                channel=chosen.place.channel, user=context.user_id or "", text=shown.text, blocks=list(shown.blocks)
            )

    app.view(REWORDED)(ack=acknowledge, lazy=[reword])
