"""The world of the runs: a local Gmail, a store with mails to answer, and processes over both."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

import httpx

from benchmarks.ingestion import local_gmail
from benchmarks.mailbox import CSM
from benchmarks.sends.clock import SharedClock
from benchmarks.sends.hand import Hand
from crm.settings import Settings
from gmail.compose import DRAFT_HEADER

_PLENTY = 1_000_000  # units a minute: the quota is not what is measured


@dataclass(frozen=True, kw_only=True)
class World:
    """`left` and `right` are the two processes that race, `keeper` a third one that prepares and looks."""

    url: str
    clock: SharedClock
    keeper: Hand
    left: Hand
    right: Hand
    mail_ids: tuple[str, ...]

    def fault(self, kind: str, **more: Any) -> None:
        self._post("faults", {"kind": kind, **more})

    def clear(self) -> None:
        httpx.delete(f"{self.url}/sandbox/faults", timeout=10).raise_for_status()
        httpx.delete(f"{self.url}/sandbox/log", timeout=10).raise_for_status()

    def revoke(self) -> None:
        self._post("revoke", {"email": CSM})

    def until_asked_to_send(self) -> None:
        """Wait until Gmail has received the request."""
        given_up = time.monotonic() + 30
        while not httpx.get(f"{self.url}/sandbox/log", params={"method": "messages.send"}).json()["requests"]:
            if time.monotonic() > given_up:
                raise TimeoutError("no request to send came")
            time.sleep(0.005)

    def sent(self) -> dict[str, list[bytes]]:
        """Every mail in Sent, by the draft it says it was: the judge of all runs."""
        state = httpx.get(f"{self.url}/sandbox/state", timeout=60).json()["mailboxes"][CSM]["messages"]
        found: dict[str, list[bytes]] = {}
        for held in state:
            if "SENT" in held["labelIds"]:
                raw = base64.b64decode(held["raw"])
                found.setdefault(str(message_from_bytes(raw)[DRAFT_HEADER]), []).append(raw)
        return found

    def _post(self, path: str, body: dict[str, Any]) -> None:
        httpx.post(f"{self.url}/sandbox/{path}", json=body, timeout=10).raise_for_status()


@contextmanager
def built_world(home: Path, database_url: str = "") -> Iterator[World]:
    """A world of its own; `database_url` names an empty database, SQLite in `home` by default."""
    with local_gmail(None) as url:
        clock = SharedClock()
        settings = Settings(  # type: ignore[call-arg]
            _env_file=None, home=home, google_url=url, model="offline", database_url=database_url,
            units_per_minute=_PLENTY,
        )  # fmt: skip
        hands = [Hand(settings, clock) for _ in range(3)]
        try:
            mail_ids = hands[0].do("furnish").value
            yield World(url=url, clock=clock, keeper=hands[0], left=hands[1], right=hands[2], mail_ids=mail_ids)
        finally:
            for hand in hands:
                hand.stop()
