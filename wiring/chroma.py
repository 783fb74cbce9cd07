"""Who may open the vector index: one process embedded, or everybody through a server on loopback.

Two processes on one embedded path lose vectors (docs/adr/0004-chroma.md), so the path is guarded by a file lock, and a
process that stays (`up`, `demo`, `ui`, `worker`, `slack`) has `chroma run` on loopback and its address in the home.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
from chromadb.api import ClientAPI

from crm.index.vectors import IndexUnavailable, embedded_client, server_client

_log = logging.getLogger(__name__)
_START = 30.0  # seconds a server may take,
_END = 10.0  # and to end
_ASKED = 3  # times, of two seconds each, until a busy server counts as gone


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
    """Have `chroma run` on loopback for as long as the block lasts, unless a server is configured.

    The first process starts it and the last one ends it, in whichever order they come and go, also when the one that
    started it was killed. The path stays locked for as long as the server lives.
    """
    if url:
        yield
        return
    home.mkdir(parents=True, exist_ok=True)
    with (home / "chroma.users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)  # waits while the last one of others is putting the server out
        if not running_server(home):
            lock = _wait_for_lock(home)
            if lock is not None:
                with lock:
                    _start_server(home, lock)
        try:
            yield
        finally:
            if _is_last(users):
                _end_server(home)


def _start_server(home: Path, lock: IO[str]) -> None:
    """The server inherits the lock, so that nobody opens the path beside it even when this process is gone."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    command = [
        sys.executable, "-c", "from chromadb.cli.cli import app; app()",
        "run", "--path", str(home / "chroma"), "--host", "127.0.0.1", "--port", str(port),
    ]  # fmt: skip
    quiet = {**os.environ, "ANONYMIZED_TELEMETRY": "FALSE"}  # noqa: TID251 (handed on to the child, nothing is read)
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=quiet, start_new_session=True,
        pass_fds=(lock.fileno(),),
    )  # fmt: skip
    note = home / "chroma.json"
    try:
        # At once: a server whose starter dies while it comes up must not hold the path without anybody knowing where it is.
        fresh = note.with_suffix(".new")
        fresh.write_text(json.dumps({"url": address, "pid": server.pid}))
        fresh.replace(note)
        _wait_until_up(address, server)
    except BaseException:
        server.kill()
        server.wait()
        note.unlink(missing_ok=True)
        raise
    # Whoever is the last ends it by its process id; a child of ours that ended must be waited for, or it stays a zombie.
    threading.Thread(target=server.wait, name="chroma-server", daemon=True).start()


def _is_last(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _end_server(home: Path) -> None:
    """End the server that answers at the noted address, whoever started it, and wait until the path is free."""
    note = home / "chroma.json"
    if _is_free(home):  # no server of this home lives: what answers at a forgotten address is somebody else's
        note.unlink(missing_ok=True)
        return
    if not any(running_server(home) for _ in range(_ASKED)):
        return  # while it does not answer, its process id may be somebody else's
    pid = int(json.loads(note.read_text())["pid"])
    with contextlib.suppress(ProcessLookupError, PermissionError):
        for number in (signal.SIGTERM, signal.SIGKILL):
            os.kill(pid, number)
            deadline = time.monotonic() + _END
            while not _is_free(home) and time.monotonic() < deadline:
                os.kill(pid, 0)  # raises when it has ended, and the path is another's already
                time.sleep(0.05)
            if _is_free(home):
                break
    note.unlink(missing_ok=True)


def _is_free(home: Path) -> bool:
    lock = _try_lock(home)
    if lock is not None:
        lock.close()
    return lock is not None


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
