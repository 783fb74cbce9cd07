"""A transport of Google's client that reaches an ASGI application without a socket, for tests that make many calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import httplib2

Application = Callable[..., Any]
_TRIES = 2  # httplib2 repeats a request once when the connection closes without an answer


class InProcessHttp:
    """Shaped like `httplib2.Http`. `application` is asked at every request, so that a test may replace it.

    `before` and `after` get the address of every request: a test counts there, changes the mailbox there, or dies there.
    """

    def __init__(
        self,
        application: Callable[[], Application],
        *,
        before: Callable[[str], None] = lambda _: None,
        after: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._application, self._before, self._after = application, before, after

    def __call__(self, *_: object, **__: object) -> InProcessHttp:
        """In the place of the class: `httplib2.Http(timeout=…)` gives this very transport."""
        return self

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> tuple[httplib2.Response, bytes]:
        self._before(uri)
        content = body.encode() if isinstance(body, str) else body or b""
        answer = None
        for _attempt in range(_TRIES):
            answer = answer or ask(self._application(), method, uri, headers or {}, content)
        if answer is None:
            raise ConnectionResetError("cut by the sandbox")
        self._after(uri)
        status, found, content = answer
        return httplib2.Response({**found, "status": str(status)}), content

    def close(self) -> None:
        """Nothing is open."""


def ask(
    application: Application, method: str, uri: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes] | None:
    """(status, headers, body), or None when the application cuts the connection."""
    address = urlsplit(uri)
    cut: list[bool] = []
    sent: list[dict[str, Any]] = []
    received = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(received, {"type": "http.disconnect"})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "method": method,
        "path": unquote(address.path), "raw_path": address.path.encode(), "root_path": "",
        "query_string": address.query.encode(), "server": (address.hostname, address.port), "client": ("127.0.0.1", 1),
        "headers": [(name.lower().encode(), str(value).encode("latin-1")) for name, value in headers.items()],
        "state": {"cut_connection": lambda: cut.append(True)},
    }  # fmt: skip
    _finish(application(scope, receive, send))
    if cut:
        return None
    found = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:])


def _finish(coroutine: Any) -> None:
    """Run a coroutine that waits for nothing: an event loop would cost more than the call."""
    try:
        while True:
            coroutine.send(None)
    except StopIteration:
        return
