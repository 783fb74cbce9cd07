"""Send on a draft's card: the one human click that approves exactly the bytes shown."""

from __future__ import annotations

from slack_bolt import App, Args

from crm.errors import DraftConflict, PolicyRefused
from crm.identity import Principal
from outbox.approvals import approve_shown
from slack_app.attempt import attempt, caller_of
from slack_app.blocks.draft import SEND, Ref
from slack_app.blocks.modal import Place
from slack_app.blocks.text import Message
from slack_app.card import clicked, conflict, refreshed, whisper
from slack_app.departing import depart
from slack_app.deps import Deps


def register(app: App, deps: Deps) -> None:
    @app.action(SEND)
    def send(args: Args) -> None:
        args.ack()
        ref, place = clicked(args)
        shown = attempt(deps, caller_of(args.context), lambda principal: _send(deps, args, principal, ref, place))
        if shown is not None:
            whisper(args, shown)


def _send(deps: Deps, args: Args, principal: Principal, ref: Ref, place: Place) -> Message | None:
    try:
        approved = approve_shown(
            deps.database, deps.clock, principal, ref.draft_id, sha256=ref.sha256, warned=ref.warned, face="slack"
        )
    except DraftConflict:
        return conflict(deps, args.client, principal, ref, place)
    except PolicyRefused:
        refreshed(deps, args.client, principal, ref, place)
        raise
    return depart(
        deps, args.client, principal, approved, place, thread=ref.thread, whisper=lambda told: whisper(args, told)
    )
