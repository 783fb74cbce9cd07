"""Serving a sandbox application: for a test in a thread, for a command until it is stopped."""

import asyncio
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

Application = Callable[..., Any]


class _Protocol(H11Protocol):
    """Lets an application cut its connection before answering: `scope["state"]["cut_connection"]()`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "cut_connection": transport.abort}


def _server(app: Application) -> uvicorn.Server:
    config = uvicorn.Config(
        app, http=_Protocol, lifespan="off", log_level="warning", access_log=False, timeout_graceful_shutdown=1
    )
    return uvicorn.Server(config)


@contextmanager
def running(app: Application) -> Iterator[str]:
    """Serve `app` in a thread on a free port of 127.0.0.1; yields `http://127.0.0.1:PORT`."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = _server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the sandbox application did not start")
            time.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        listener.close()


def serve(app: Application, host: str, port: int, name: str, *, path: str = "") -> int:
    """Serve until Ctrl-C or SIGTERM, after one line with the address (and `path`). Port 0 takes any free port.

    Returns the command's exit code: 0, or 2 when the address is unusable.
    """
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        print(f"sandbox {name}: {error}", file=sys.stderr)
        return 2
    # uvicorn raises the signal that stopped it once more; ending on request is a success.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: None)
    print(f"sandbox {name} on http://{host}:{listener.getsockname()[1]}{path}", flush=True)
    _server(app).run(sockets=[listener])
    return 0
