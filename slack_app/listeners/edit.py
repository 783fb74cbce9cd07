"""Edit on a draft's card: opens the modal at once."""

from __future__ import annotations

from slack_bolt import App, Args

from crm.identity import Principal
from outbox import drafts
from slack_app.attempt import attempt, caller_of
from slack_app.blocks.draft import EDIT
from slack_app.blocks.modal import edit_modal
from slack_app.blocks.text import Message
from slack_app.card import clicked, conflict, whisper
from slack_app.deps import Deps


def register(app: App, deps: Deps) -> None:
    @app.action(EDIT)
    def edit(args: Args) -> None:
        args.ack()
        ref, place = clicked(args)

        def open_modal(principal: Principal) -> Message | None:
            with deps.database.read() as session:
                draft = drafts.get(session, principal, ref.draft_id)
            if draft.status not in ("draft", "approved") or draft.sha256 != ref.sha256:
                return conflict(deps, args.client, principal, ref, place)
            args.client.views_open(
                trigger_id=args.body["trigger_id"], view=edit_modal(draft, ref, place, base_url=deps.base_url)
            )
            return None

        shown = attempt(deps, caller_of(args.context), open_modal)
        if shown is not None:
            whisper(args, shown)
