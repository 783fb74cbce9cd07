"""`/csm link`: a one-time address that links the Slack user."""

from __future__ import annotations

from slack_bolt import Ack, App, BoltContext

from slack_app.attempt import attempt, caller_of, invite
from slack_app.deps import Deps
from slack_app.subcommand import COMMAND, named


def register(app: App, deps: Deps) -> None:
    @app.command(COMMAND, matchers=[named("link")])
    def link(ack: Ack, context: BoltContext) -> None:
        caller = caller_of(context)
        shown = attempt(deps, caller, lambda principal: invite(deps, caller, linked_to=principal.email))
        if shown is not None:
            ack(**shown.as_posted())
