"""Edit on a draft's card: opens the modal at once."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from crm.identity import Principal
from outbox import drafts
from slack_app.attempt import attempt, caller_of
from slack_app.blocks.draft import EDIT, Ref
from slack_app.blocks.modal import edit_modal
from slack_app.blocks.text import Message
from slack_app.card import conflict, place_of
from slack_app.deps import Deps


def register(app: App, deps: Deps) -> None:
    @app.action(EDIT)
    def edit(
        ack: Ack,
        action: dict[str, Any],
        body: dict[str, Any],
        context: BoltContext,
        client: WebClient,
        respond: Respond,
    ) -> None:
        ack()
        ref, place = Ref.decode(action["value"]), place_of(body)

        def open_modal(principal: Principal) -> Message | None:
            with deps.database.read() as session:
                draft = drafts.get(session, principal, ref.draft_id)
            if draft.status not in ("draft", "approved") or draft.sha256 != ref.sha256:
                return conflict(deps, client, principal, ref, place)
            client.views_open(
                trigger_id=body["trigger_id"], view=edit_modal(draft, ref, place, base_url=deps.base_url)
            )
            return None

        shown = attempt(deps, caller_of(context), open_modal)
        if shown is not None:
            respond(**shown.as_posted(), response_type="ephemeral", replace_original=False)
