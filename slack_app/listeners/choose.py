"""A click on one of the customers that fit a name."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond

from slack_app.attempt import attempt, caller_of
from slack_app.blocks.customer import CHOOSE, Choice
from slack_app.customers import about_chosen
from slack_app.deps import Deps


def register(app: App, deps: Deps) -> None:
    @app.action(re.compile(rf"^{CHOOSE}_\d+$"))
    def choose(ack: Ack, action: dict[str, Any], context: BoltContext, respond: Respond) -> None:
        ack()
        chosen = Choice.decode(action["value"])
        shown = attempt(deps, caller_of(context), lambda principal: about_chosen(deps, principal, chosen))
        if shown is not None:
            respond(**shown.as_posted(), response_type="ephemeral", replace_original=True)
