"""Putting the Slack face beside the others, as the settings ask: Socket Mode, signed HTTP, or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crm.errors import SettingError

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from wiring.app import App


@contextmanager
def slack_face(
    app: App, *, required: bool = False, user: str | None = None, wait: Callable[[float], None] = time.sleep
) -> Iterator[list[BaseRoute]]:
    """Yield the routes to mount; with an app token, listen in Socket Mode for the length of the block."""
    settings = app.settings
    if not settings.slack_bot_token or not (settings.slack_app_token or settings.slack_signing_secret):
        if required:
            raise SettingError(
                sentence="Slack needs SLACK_BOT_TOKEN, and SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP).",
                next_step="docs/slack.md shows where they come from.",
            )
        yield []
        return
    from slack_app import link_routes, signed_http
    from slack_app.alerts import alerts_client, delivering
    from slack_app.app import create_bolt_app
    from slack_app.deps import Deps
    from slack_app.socket_mode import listening

    deps = Deps(
        assistant=app.assistant,
        sender=app.sender,
        database=app.database,
        clock=app.clock,
        base_url=settings.base_url,
        wait=wait,
    )
    bolt = create_bolt_app(
        deps,
        bot_token=settings.slack_bot_token,
        signing_secret=settings.slack_signing_secret,
        api_url=settings.slack_api_url,
    )
    routes = list(link_routes.routes(deps, bolt.client, logged_in=lambda _request: app.principal(user)))
    if settings.slack_signing_secret:
        routes += signed_http.routes(bolt)
    alerts = delivering(
        app.database,
        app.clock,
        alerts_client(settings.slack_bot_token, settings.slack_api_url),
        settings.base_url,
    )
    if settings.slack_app_token:
        with listening(bolt, settings.slack_app_token), alerts:
            yield list(routes)
    else:
        with alerts:
            yield list(routes)
