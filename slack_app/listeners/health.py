"""`/csm health [CUSTOMER]`."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond

from slack_app.attempt import attempt, caller_of
from slack_app.customers import about, all_health
from slack_app.deps import Deps
from slack_app.subcommand import COMMAND, named, rest


def register(app: App, deps: Deps) -> None:
    def acknowledge(ack: Ack) -> None:
        ack("Looking it up")

    def show(command: dict[str, Any], context: BoltContext, respond: Respond) -> None:
        name = rest(command)
        shown = attempt(
            deps,
            caller_of(context),
            lambda principal: about(deps, principal, name, "health") if name else all_health(deps, principal),
        )
        if shown is not None:
            respond(**shown.as_posted(), response_type="ephemeral", replace_original=True)

    app.command(COMMAND, matchers=[named("health")])(ack=acknowledge, lazy=[show])
