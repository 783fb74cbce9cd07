"""Discard on a draft's card."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from crm.errors import DraftConflict
from crm.identity import Principal
from outbox import drafts
from slack_app.attempt import attempt, caller_of
from slack_app.blocks.draft import DISCARD, Ref
from slack_app.blocks.text import Message
from slack_app.card import conflict, place_of, settle, update_card
from slack_app.deps import Deps


def register(app: App, deps: Deps) -> None:
    @app.action(DISCARD)
    def discard(
        ack: Ack,
        action: dict[str, Any],
        body: dict[str, Any],
        context: BoltContext,
        client: WebClient,
        respond: Respond,
    ) -> None:
        ack()
        ref, place = Ref.decode(action["value"]), place_of(body)

        def throw_away(principal: Principal) -> Message | None:
            try:
                with deps.database.write() as session:
                    draft = drafts.discard(session, deps.clock, principal, ref.draft_id)
            except DraftConflict:
                return conflict(deps, client, principal, ref, place)
            shown = update_card(deps, client, place, draft, thread=ref.thread)
            settle(deps, principal, ref.thread)
            return shown

        shown = attempt(deps, caller_of(context), throw_away)
        if shown is not None:
            respond(**shown.as_posted(), response_type="ephemeral", replace_original=False)
