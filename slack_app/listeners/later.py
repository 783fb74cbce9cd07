"""Send later: the button opens a modal; submitting it approves exactly the bytes of the card for a later moment."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, Args, BoltContext
from slack_sdk import WebClient

from crm.errors import DraftConflict, InputError, PolicyRefused
from crm.identity import Principal
from outbox import drafts
from outbox.approvals import approve_shown
from outbox.schedule import parse_moment
from slack_app.attempt import attempt, caller_of
from slack_app.blocks.choices import MOMENT, SCHEDULED, Chosen, later_modal
from slack_app.blocks.draft import LATER
from slack_app.blocks.modal import notice_modal
from slack_app.blocks.text import Message
from slack_app.card import clicked, conflict, refreshed, whisper
from slack_app.departing import depart
from slack_app.deps import Deps


def register(app: App, deps: Deps) -> None:
    @app.action(LATER)
    def later(args: Args) -> None:
        args.ack()
        ref, place = clicked(args)

        def open_modal(principal: Principal) -> Message | None:
            with deps.database.read() as session:
                draft = drafts.get(session, principal, ref.draft_id)
            if draft.status != "draft" or draft.sha256 != ref.sha256:
                return conflict(deps, args.client, principal, ref, place)
            view = later_modal(draft, ref, place, timezone=principal.timezone)
            args.client.views_open(trigger_id=args.body["trigger_id"], view=view)
            return None

        shown = attempt(deps, caller_of(args.context), open_modal)
        if shown is not None:
            whisper(args, shown)

    @app.view(SCHEDULED)
    def scheduled(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        chosen = Chosen.read(view, MOMENT)
        faults: dict[str, str] = {}

        def approve(principal: Principal) -> Message | None:
            try:
                return _approve(deps, client, context, principal, chosen)
            except InputError as error:
                faults[MOMENT] = error.for_user()
                return None
            except DraftConflict:
                return conflict(deps, client, principal, chosen.ref, chosen.place)
            except PolicyRefused:
                refreshed(deps, client, principal, chosen.ref, chosen.place)
                raise

        shown = attempt(deps, caller_of(context), approve)
        if faults:
            ack(response_action="errors", errors=faults)
        elif shown is not None:
            ack(response_action="update", view=notice_modal(shown))
        else:
            ack()


def _approve(
    deps: Deps, client: WebClient, context: BoltContext, principal: Principal, chosen: Chosen
) -> Message | None:
    ref = chosen.ref
    moment = parse_moment(chosen.value, principal.zone, deps.clock())
    approved = approve_shown(
        deps.database, deps.clock, principal, ref.draft_id, sha256=ref.sha256, warned=ref.warned, face="slack",
        send_at=moment,
    )  # fmt: skip

    def tell(told: Message) -> None:  # a modal has no address to answer to
        client.chat_postEphemeral(
            channel=chosen.place.channel, user=context.user_id or "", text=told.text, blocks=list(told.blocks)
        )

    return depart(deps, client, principal, approved, chosen.place, thread=ref.thread, whisper=tell)
