"""`/csm CUSTOMER`: the customer's card. Registered last, so it takes whatever is no other command."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond

from slack_app.attempt import attempt, caller_of
from slack_app.customers import about
from slack_app.deps import Deps
from slack_app.subcommand import COMMAND, whole


def register(app: App, deps: Deps) -> None:
    def acknowledge(ack: Ack) -> None:
        ack("Looking it up")

    def show(command: dict[str, Any], context: BoltContext, respond: Respond) -> None:
        name = whole(command)
        shown = attempt(deps, caller_of(context), lambda principal: about(deps, principal, name, "card"))
        if shown is not None:
            respond(**shown.as_posted(), response_type="ephemeral", replace_original=True)

    app.command(COMMAND)(ack=acknowledge, lazy=[show])
