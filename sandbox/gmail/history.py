"""What happened to a mailbox, in order, and how far back it is remembered."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["messagesAdded", "messagesDeleted", "labelsAdded", "labelsRemoved"]

# Short of a power of ten and in steps, so that comparing as text or counting by one is found out.
_FIRST = 9_000
_STEP = 11


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One event. `labels` are the message's after it; `changed` the labels added or removed."""

    id: int
    kind: Kind
    message_id: str
    thread_id: str
    labels: frozenset[str]
    changed: tuple[str, ...] = ()


class History:
    def __init__(self) -> None:
        self.current = _FIRST
        self.floor = _FIRST
        self._changes: list[Change] = []

    def tick(self) -> int:
        """The next history id."""
        self.current += _STEP
        return self.current

    def record(self, change: Change) -> None:
        self._changes.append(change)

    def since(self, start: int) -> Iterator[Change]:
        """Changes with an id above `start`, oldest first."""
        for index in range(bisect_right(self._changes, start, key=lambda change: change.id), len(self._changes)):
            yield self._changes[index]

    def expire(self) -> None:
        """Forget everything: every history id handed out so far is too old from now on."""
        self._changes.clear()
        self.floor = self.tick()
