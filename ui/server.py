"""The web server: pages and routes as one ASGI application on one port."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
import uvicorn
from starlette.routing import BaseRoute

from crm.errors import SettingError
from ui import deps
from ui.api import api_routes
from ui.components.failure import show_unexpected
from ui.routes import routes
from wiring.app import App

_SCRIPT = Path(__file__).with_name("app.py")
_GRACE = 3  # seconds a page may take to say goodbye


def create_app(app: App, *, user: str = "", extra_routes: Sequence[BaseRoute] = ()) -> st.App:
    """The ASGI application. `user` is whom it serves (empty: the only user); `extra_routes` come beside ours.

    One per process: Streamlit runs the pages of one script per process.
    """
    served = deps.provide(app, user)
    return st.App(_SCRIPT, routes=[*routes(served), *api_routes(app), *extra_routes], on_script_error=show_unexpected)


def serve(app: App, host: str, port: int, *, user: str = "", extra_routes: Sequence[BaseRoute] = ()) -> None:
    """Serve until SIGTERM or SIGINT, then return. Raises `SettingError` when the address can't be had."""
    asgi = create_app(app, user=user, extra_routes=extra_routes)
    listener = _listen(host, port)
    config = uvicorn.Config(asgi, log_level="warning", timeout_graceful_shutdown=_GRACE, access_log=False)
    with listener, _signals_end_calmly():
        uvicorn.Server(config).run(sockets=[listener])


def check_address(host: str, port: int) -> None:
    """Raise `SettingError` now rather than after a long preparation when the address can't be had."""
    _listen(host, port).close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError:
        raise SettingError(
            sentence=f"The address {host}:{port} can't be used; something else may be running there.",
            next_step="Choose another port.",
        ) from None


@contextmanager
def _signals_end_calmly() -> Iterator[None]:
    """uvicorn stops on a signal and then raises it again; the caller still has things to close."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
