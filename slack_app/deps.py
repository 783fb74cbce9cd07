"""What the Slack face needs from the rest of the house."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from agent.answer import Answer
from crm.clock import Clock
from crm.database import Database
from crm.identity import Principal
from outbox.drafts import Draft


class Assistant(Protocol):
    """Answers questions and writes drafts; `settle` resumes a conversation after its draft was handled."""

    def ask(self, principal: Principal, question: str) -> Answer: ...

    def reword(self, principal: Principal, draft_id: str, *, sha256: str, how: str) -> Draft: ...

    def settle(self, principal: Principal, thread: str) -> str | None: ...


class Sender(Protocol):
    """Sends an approved draft exactly once, and finds out what became of it."""

    def send(self, principal: Principal, draft_id: str, *, sha256: str) -> Draft: ...

    def settled(self, principal: Principal, draft_id: str, wait: Callable[[float], None]) -> Draft: ...

    def look_again(self, principal: Principal, draft_id: str) -> Draft: ...


@dataclass(frozen=True, kw_only=True)
class Deps:
    """`base_url` is the app's public address without a trailing slash; linking and settings live under it. `wait` passes
    that many seconds.
    """

    assistant: Assistant
    sender: Sender
    database: Database
    clock: Clock
    base_url: str
    wait: Callable[[float], None] = time.sleep
