"""One API call, alone or inside a batch, and what its handler is given."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from sandbox.gmail.errors import ApiError, invalid_argument
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.store import Store

Json = dict[str, Any]

_STANDARD = frozenset({
    "alt", "fields", "key", "prettyPrint", "quotaUser", "userIp", "uploadType", "upload_protocol", "callback",
    "$.xgafv",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Call:
    """`position` is the place in a batch, None outside of one."""

    verb: str
    path: str
    query: str
    body: bytes
    authorization: str
    position: int | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`body` None is an empty answer."""

    status: int
    body: Json | None
    headers: dict[str, str] = field(default_factory=dict)


class Params:
    """The query string of a call. Raises ApiErrors, as Google does, for names and values the method does not take."""

    def __init__(self, query: str, allowed: frozenset[str], *, largest_page: int = 500) -> None:
        self._values = parse_qs(query, keep_blank_values=True)
        self._largest_page = largest_page
        for name in self._values:
            if name not in allowed | _STANDARD:
                raise invalid_argument(
                    f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. Field '
                    f"'{name}' could not be found in request message."
                )
        if self.text("alt", "json") != "json":
            raise invalid_argument("Only alt=json is served", location="alt")

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, [default])[-1]

    def all(self, name: str) -> list[str]:
        return self._values.get(name, [])

    def flag(self, name: str) -> bool:
        value = self.text(name, "false").lower()
        if value not in ("true", "false"):
            raise _bad_value(name, "TYPE_BOOL", value)
        return value == "true"

    def page_size(self, default: int) -> int:
        """`maxResults`, at most 500 (or what the sandbox was told) however much is asked for."""
        value = self.text("maxResults", str(default))
        if not value.isdecimal() or int(value) == 0:
            raise _bad_value("max_results", "TYPE_UINT32", value)
        return min(int(value), self._largest_page)


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a handler works with: the caller's mailbox, and the call's path arguments, parameters and JSON body."""

    store: Store
    mailbox: Mailbox
    scopes: frozenset[str]
    arguments: Mapping[str, str]
    params: Params
    body: Json


def parse_body(content: bytes, allowed: frozenset[str]) -> Json:
    """The JSON object in a request body, empty without one. Raises an ApiError."""
    if not content:
        return {}
    try:
        body = json.loads(content)
    except ValueError:
        raise invalid_argument("Invalid JSON payload received. Parsing terminated before end of input.") from None
    if not isinstance(body, dict):
        raise invalid_argument("Invalid JSON payload received. Root element must be a message.")
    for name in body:
        if name not in allowed:
            raise invalid_argument(f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.')
    return body


def _bad_value(name: str, kind: str, value: str) -> ApiError:
    return invalid_argument(f"Invalid value at '{name}' ({kind}), \"{value}\"", reason="invalid")
