"""The server as a process: pages and routes on one port, and an end that lets the caller close its things."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from crm.errors import SettingError
from ui.server import serve
from wiring.app import App

_PROGRAM = """
import sys
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from crm.settings import load_settings
from ui.server import serve
from wiring.app import build_app

app = build_app(load_settings())
more = [Route("/more", lambda request: PlainTextResponse("mounted"))]
serve(app, "127.0.0.1", int(sys.argv[1]), extra_routes=more)
app.close()
print("closed", flush=True)
"""


def test_pages_and_routes_share_a_port_and_a_signal_ends_it_calmly(tmp_path: Path) -> None:
    port = _free_port()
    environment = {**os.environ, "LEALUP_HOME": str(tmp_path), "LEALUP_MODEL": "offline"}
    command = [sys.executable, "-c", _PROGRAM, str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            base = f"http://127.0.0.1:{port}"
            assert _answer(f"{base}/healthz").json()["status"] == "ok"
            assert "<title>Streamlit</title>" in httpx.get(f"{base}/customers").text
            assert httpx.get(f"{base}/_stcore/health").text == "ok"
            assert httpx.get(f"{base}/more").text == "mounted"
            process.send_signal(signal.SIGTERM)
            assert process.stdout is not None
            with selectors.DefaultSelector() as selector:
                selector.register(process.stdout, selectors.EVENT_READ)
                assert selector.select(20)
            assert process.stdout.readline() == "closed\n"
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()


def test_a_taken_address_is_one_sentence(app: App) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SettingError) as caught:
        serve(app, "127.0.0.1", taken.getsockname()[1])
    assert "can't be used" in caught.value.sentence


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _answer(url: str) -> httpx.Response:
    end = time.monotonic() + 60
    while True:
        try:
            return httpx.get(url)
        except httpx.TransportError:
            assert time.monotonic() < end, "the server did not come up"
            time.sleep(0.1)
