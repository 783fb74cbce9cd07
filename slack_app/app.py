"""The Bolt app: one for both ways to reach it, Socket Mode and signed HTTP."""

from __future__ import annotations

import secrets

from slack_bolt import App
from slack_sdk import WebClient

from slack_app.deps import Deps
from slack_app.listeners import (
    alerts,
    ask,
    choose,
    customer,
    discard,
    edit,
    edited,
    feedback,
    health,
    later,
    link,
    look,
    regenerate,
    send,
    undo,
    usage,
)


def create_bolt_app(deps: Deps, *, bot_token: str, signing_secret: str = "", api_url: str = "") -> App:
    """All listeners on a Bolt app that has not called Slack yet.

    `api_url` is the address of another Web API than Slack's, such as `http://127.0.0.1:PORT/api`. Without a
    signing secret every HTTP request is refused; Socket Mode needs none.
    """
    client = WebClient(token=bot_token, base_url=f"{api_url.rstrip('/')}/") if api_url else WebClient(token=bot_token)
    app = App(
        client=client,
        signing_secret=signing_secret or secrets.token_hex(32),  # nobody knows this one, so nothing verifies
        token_verification_enabled=False,
    )
    for listener in (
        usage,
        ask,
        feedback,
        health,
        link,
        send,
        later,
        undo,
        regenerate,
        edit,
        edited,
        discard,
        look,
        choose,
        alerts,
        customer,
    ):
        listener.register(app, deps)
    return app
