"""Snooze, Dismiss and Open on an alert's message: for its owner or an admin."""

from __future__ import annotations

import logging
from collections.abc import Callable

from slack_bolt import Ack, App, Args
from slack_sdk.errors import SlackClientError
from sqlalchemy.orm import Session

from crm.alerts import deliveries
from crm.alerts.alert import Alert, get_alert
from crm.alerts.handling import AlertHandled, dismiss, snooze, snooze_end
from crm.health.policy import policy_of
from crm.identity import Principal
from slack_app.alerts import handled_message
from slack_app.attempt import attempt, caller_of
from slack_app.blocks.alert import DISMISS, OPEN, SNOOZE, Snooze
from slack_app.blocks.modal import Place
from slack_app.blocks.text import Message, escape, sentence
from slack_app.card import whisper
from slack_app.deps import Deps

_log = logging.getLogger(__name__)
_Act = Callable[[Session, Principal], Alert]


def register(app: App, deps: Deps) -> None:
    @app.action(SNOOZE)
    def put_off(args: Args) -> None:
        args.ack()
        chosen = Snooze.decode((args.action or {})["selected_option"]["value"])

        def act(session: Session, principal: Principal) -> Alert:
            calendar = policy_of(session, principal.workspace_id).calendar
            until = snooze_end(chosen.until, deps.clock(), calendar)
            return snooze(session, deps.clock, principal, chosen.alert_id, until)

        _handle(args, deps, chosen.alert_id, act)

    @app.action(DISMISS)
    def throw_away(args: Args) -> None:
        args.ack()
        alert_id = int((args.action or {})["value"])
        _handle(args, deps, alert_id, lambda session, principal: dismiss(session, deps.clock, principal, alert_id))

    @app.action(OPEN)
    def opened(ack: Ack) -> None:
        ack()  # the button is a link; Slack reports the click all the same


def _handle(args: Args, deps: Deps, alert_id: int, act: _Act) -> None:
    container = args.body["container"]
    place = Place(channel=container["channel_id"], ts=container["message_ts"])

    def work(principal: Principal) -> Message | None:
        late = None
        try:
            with deps.database.write() as session:
                act(session, principal)
        except AlertHandled as error:
            late = sentence(escape(error.for_user()))
        return late if _show(args, deps, principal, alert_id, place) else late or sentence("Done.")

    shown = attempt(deps, caller_of(args.context), work)
    if shown is not None:
        whisper(args, shown)


def _show(args: Args, deps: Deps, principal: Principal, alert_id: int, place: Place) -> bool:
    """Bring the message up to date; False when Slack refuses. An alert that is open again keeps its buttons."""
    now = deps.clock()
    with deps.database.read() as session:
        alert = get_alert(session, principal.workspace_id, alert_id)
        state = alert.state(now)
        message = handled_message(session, alert, principal.workspace_id, now)
    if state == "open":
        return True
    try:
        args.client.chat_update(channel=place.channel, ts=place.ts, **message.as_update())
    except (SlackClientError, OSError) as error:
        _log.warning("alert's message not updated", extra={"fields": {"error": type(error).__name__}})
        return False
    with deps.database.write() as session:
        deliveries.shows(session, place.channel, place.ts, state)
    return True
