"""Slack over Socket Mode: no public address needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.error import URLError

from slack_bolt import App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk.errors import SlackApiError

from crm.errors import LealUpError, SettingError


@contextmanager
def listening(bolt_app: App, app_token: str) -> Iterator[None]:
    """Receive commands and clicks in the background until the block ends; reconnects by itself.

    Raises `SettingError` naming the token Slack refuses, `LealUpError` when Slack can't be reached.
    """
    handler = SocketModeHandler(bolt_app, app_token)
    try:
        _checked("SLACK_BOT_TOKEN", bolt_app.client.auth_test)
        _checked("SLACK_APP_TOKEN", handler.connect)
        yield
    finally:
        handler.client.close()


def _checked(variable: str, call: Callable[[], object]) -> None:
    try:
        call()
    except SlackApiError as error:
        raise SettingError(str(error.response.get("error")), sentence=f"Slack refuses {variable}.") from None
    except (URLError, OSError) as error:
        raise LealUpError(
            type(error).__name__,
            sentence="Slack can't be reached.",
            next_step="Check the network and try again.",
        ) from None
