"""Failures asked for by a test, taken in order as requests match."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

Kind = Literal["status", "retry_after", "drop", "fail_before_send", "fail_after_send", "empty_page"]
_MESSAGES = {403: "User Rate Limit Exceeded", 429: "Too many requests", 500: "Internal error"}


class FaultError(ValueError):
    """The fault's description is not understood."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`method` is an API method (`messages.get`), an HTTP verb (`GET`) or empty for all; `path` a regular expression.

    - status: answer `status` with `reason` (and `retry_after` seconds in a Retry-After header, if given)
    - retry_after: answer 429 with Retry-After
    - drop: cut the connection without an answer
    - fail_before_send, fail_after_send: a send that fails before or after the mail is stored, with `status`, or with
      `drop` by cutting the connection
    - empty_page: a page of a listing or of history without entries that still has a nextPageToken

    `delay` seconds pass before the answer. `user` limits the fault to one mailbox.
    """

    kind: Kind
    method: str = ""
    path: str = ""
    user: str = ""
    status: int = 500
    reason: str = ""
    message: str = ""
    retry_after: int | None = None
    drop: bool = False
    delay: float = 0.0
    times: int = 1

    @classmethod
    def from_json(cls, described: object) -> "Fault":
        """From {match: {method, path, user}, kind, status, reason, message, retry_after, drop, delay, times}.

        Raises `FaultError`.
        """
        if not isinstance(described, Mapping):
            raise FaultError("a fault is a JSON object")
        match = described.get("match", {})
        flat = {key: value for key, value in described.items() if key != "match"}
        if not isinstance(match, Mapping) or set(match) - {"method", "path", "user"}:
            raise FaultError("match takes method, path and user")
        try:
            fault = cls(**flat, **match)
            re.compile(fault.path)
        except (TypeError, re.error) as error:
            raise FaultError(str(error)) from None
        if fault.kind not in get_args(Kind):
            raise FaultError(f"unknown kind {fault.kind!r}; one of {', '.join(get_args(Kind))}")
        if fault.kind == "retry_after":
            fault = replace(fault, status=429, retry_after=fault.retry_after if fault.retry_after is not None else 1)
        return fault

    def matches(self, *, method: str, verb: str, path: str, user: str) -> bool:
        if self.kind in ("fail_before_send", "fail_after_send") and method not in ("messages.send", "drafts.send"):
            return False
        if self.kind == "empty_page" and method not in ("messages.list", "threads.list", "history.list"):
            return False
        is_method = self.method in ("", method, verb)
        return is_method and self.user in ("", user) and re.search(self.path, path) is not None

    @property
    def text(self) -> str:
        return self.message or _MESSAGES.get(self.status, "Backend Error")

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


class FaultQueue:
    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def take(self, *, method: str, verb: str, path: str, user: str) -> Fault | None:
        """The first fault that matches, used up by one."""
        for index, fault in enumerate(self.waiting):
            if fault.matches(method=method, verb=verb, path=path, user=user):
                if fault.times > 1:
                    self.waiting[index] = replace(fault, times=fault.times - 1)
                else:
                    del self.waiting[index]
                return fault
        return None
