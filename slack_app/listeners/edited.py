"""The submitted modal: a new version of the draft, which needs an approval of its own."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from crm.errors import DraftConflict, InputError
from crm.identity import Principal
from outbox import drafts
from slack_app.attempt import attempt, caller_of
from slack_app.blocks.modal import EDITED, Edited, notice_modal
from slack_app.blocks.text import Message
from slack_app.card import conflict, update_card
from slack_app.deps import Deps


def register(app: App, deps: Deps) -> None:
    @app.view(EDITED)
    def edited(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        change = Edited.read(view)
        faults: dict[str, str] = {}

        def save(principal: Principal) -> Message | None:
            try:
                draft = _save(deps, principal, change)
            except InputError as error:
                faults[_field(change, error)] = error.for_user()
                return None
            except DraftConflict:
                return conflict(deps, client, principal, change.ref, change.place)
            ack()
            update_card(deps, client, change.place, draft, thread=change.ref.thread, zone=principal.zone)
            return None

        shown = attempt(deps, caller_of(context), save)
        if faults:
            ack(response_action="errors", errors=faults)
        elif shown is not None:
            ack(response_action="update", view=notice_modal(shown))


def _save(deps: Deps, principal: Principal, change: Edited) -> drafts.Draft:
    with deps.database.write() as session:
        return drafts.edit(
            session,
            deps.clock,
            principal,
            change.ref.draft_id,
            sha256=change.ref.sha256,
            text=change.text,
            subject=change.subject,
            to=[change.to],
            cc=[change.cc],
        )


def _field(change: Edited, error: InputError) -> str:
    """The input whose content was refused: an error about an address carries that address."""
    for name, typed in (("to", change.to), ("cc", change.cc)):
        if error.args[0] and str(error.args[0]) in typed.lower():
            return name
    return "text"
