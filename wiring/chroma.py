"""Who may open the vector index: one process embedded, or everybody through a server on loopback.

Two processes on one embedded path lose vectors (docs/adr/0004-chroma.md), so the path is guarded by a file lock, and a
process that stays (`up`, `demo`, `ui`, `worker`, `slack`) runs `chroma run` on loopback and leaves its address in the home.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
from chromadb.api import ClientAPI

from crm.index.vectors import IndexUnavailable, embedded_client, server_client

_log = logging.getLogger(__name__)
_START = 30.0  # seconds a server may take


class ChromaDoor:
    """Opens the client: the configured server, a running loopback server of this home, or the embedded index."""

    def __init__(self, home: Path, url: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._home, self._url, self._sleep = home, url, sleep
        self._lock: IO[str] | None = None

    def __call__(self) -> ClientAPI:
        if self._url:
            return server_client(self._url)
        deadline = time.monotonic() + _START
        while True:
            running = running_server(self._home)
            if running:
                return server_client(running)
            self._lock = _try_lock(self._home)
            if self._lock is not None:
                return embedded_client(self._home / "chroma")
            if time.monotonic() > deadline:
                raise IndexUnavailable("locked by another process")
            self._sleep(0.2)

    def close(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


@contextmanager
def serving(home: Path, url: str) -> Iterator[None]:
    """Run `chroma run` on loopback for as long as the block lasts, unless a server is configured or already there."""
    if url or running_server(home):
        yield
        return
    lock = _wait_for_lock(home)
    if lock is None:
        yield
        return
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    command = [
        sys.executable, "-c", "from chromadb.cli.cli import app; app()",
        "run", "--path", str(home / "chroma"), "--host", "127.0.0.1", "--port", str(port),
    ]  # fmt: skip
    quiet = {**os.environ, "ANONYMIZED_TELEMETRY": "FALSE"}  # noqa: TID251 (handed on to the child, nothing is read)
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=quiet, start_new_session=True
    )
    note = home / "chroma.json"
    try:
        _wait_until_up(address, server)
        note.write_text(json.dumps({"url": address, "pid": server.pid}))
        yield
    finally:
        note.unlink(missing_ok=True)
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
        lock.close()


def running_server(home: Path) -> str:
    """The address of this home's loopback server, or "" when none answers."""
    try:
        url = str(json.loads((home / "chroma.json").read_text())["url"])
        return url if httpx.get(f"{url}/api/v2/heartbeat", timeout=2).is_success else ""
    except (OSError, ValueError, KeyError, httpx.HTTPError):
        return ""


def _wait_until_up(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"{address}/api/v2/heartbeat", timeout=1).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise IndexUnavailable("chroma run did not start")


def _wait_for_lock(home: Path) -> IO[str] | None:
    """The lock on the path, or None when its holder serves: of two that start at once, one becomes the other's client."""
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        lock = _try_lock(home)
        if lock is not None:
            return lock
        if running_server(home):
            return None
        time.sleep(0.2)
    raise IndexUnavailable("locked by another process")


def _try_lock(home: Path) -> IO[str] | None:
    home.mkdir(parents=True, exist_ok=True)
    lock = (home / "chroma.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
