"""Slack over Socket Mode: no public address needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk.errors import SlackApiError

from crm.errors import LealUpError, SettingError

_HELLO_SECONDS = 10.0


@contextmanager
def listening(bolt_app: App, app_token: str) -> Iterator[None]:
    """Receive commands and clicks in the background until the block ends; reconnects by itself.

    The block starts once Slack has said hello. Raises `SettingError` naming the token Slack refuses, `LealUpError` when
    Slack can't be reached.
    """
    handler = SocketModeHandler(bolt_app, app_token)
    greeted = Event()

    def listen(_client: Any, message: dict[str, Any], _raw: str | None) -> None:
        if message.get("type") == "hello":
            greeted.set()

    handler.client.message_listeners.append(listen)
    try:
        _checked("SLACK_BOT_TOKEN", bolt_app.client.auth_test)
        _checked("SLACK_APP_TOKEN", handler.connect)
        if not greeted.wait(_HELLO_SECONDS):
            raise _unreachable("no hello")
        yield
    finally:
        handler.client.close()


def _checked(variable: str, call: Callable[[], object]) -> None:
    try:
        call()
    except SlackApiError as error:
        raise SettingError(str(error.response.get("error")), sentence=f"Slack refuses {variable}.") from None
    except OSError as error:
        raise _unreachable(type(error).__name__) from None


def _unreachable(detail: str) -> LealUpError:
    return LealUpError(detail, sentence="Slack can't be reached.", next_step="Check the network and try again.")
