"""`/csm help`, and `/csm` alone."""

from __future__ import annotations

from slack_bolt import Ack, App

from slack_app.blocks.usage import usage
from slack_app.deps import Deps
from slack_app.subcommand import COMMAND, named


def register(app: App, _deps: Deps) -> None:
    @app.command(COMMAND, matchers=[named("help", "")])
    def show(ack: Ack) -> None:
        ack(**usage().as_posted())
