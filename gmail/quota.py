"""Gmail's quota units and what one user may spend of them.

Costs and limits: https://developers.google.com/workspace/gmail/api/reference/quota
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

Project = Literal["new", "old"]

# Projects created from 2026-05-01 on pay more for reading; `LEALUP_GOOGLE_PROJECT` says which one ours is.
_COMMON = {"list": 5, "history.list": 2, "getProfile": 1, "sendAs.list": 1, "labels.list": 1, "send": 100}
COSTS: Mapping[Project, Mapping[str, int]] = {
    "new": {**_COMMON, "get": 20, "threads.get": 40, "attachments.get": 20},
    "old": {**_COMMON, "get": 5, "threads.get": 10, "attachments.get": 5},
}
IN_FLIGHT = 5  # HTTP requests of one user at a time

# Google counts a minute; half a second more is for a clock that runs faster than ours.
_WINDOW = 60.5
# A little faster than the limit, so that a moment of idleness is caught up; the window decides all the same.
_HASTE = 1.05
_BURST = 1.0  # seconds' worth that may go at once after idling
_QUANTUM = 0.02  # of the limit: the most one batch spends, so that no budget lies idle waiting for a large one
_GLANCE = 0.05  # seconds until what is in flight is looked at again
_LOOK = 0.5  # seconds between two looks whether whoever waits behind others has gone


class Stopped(Exception):
    """Whoever asked for the units has gone meanwhile."""


class TokenBucket:
    """Units a minute, requests at a time and pauses of one user, shared by everything that calls Gmail for that user.
    Thread-safe.

    In every 60 seconds at most `units_per_minute` are spent, by Google's count too: a spend counts from the moment it
    is allowed until a minute after its answer is there, so however long a request is under way, Google has forgotten it
    no later than we have. Spends are spread over the minute, not made in a burst.
    """

    def __init__(
        self,
        units_per_minute: int,
        *,
        costs: Mapping[str, int] = COSTS["new"],
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limit, self._costs = units_per_minute, costs
        self._monotonic, self._sleep = monotonic, sleep
        self._lock = threading.Lock()
        self._turn = threading.Lock()  # one waits for units at a time: a small spend does not overtake a large one
        self._slots = threading.BoundedSemaphore(IN_FLIGHT)
        self._answered: deque[tuple[float, int]] = deque()  # (when the answer came, units), oldest first
        self._counted = 0  # units of the last minute, those in flight among them
        self._paused_until = monotonic()
        self._next_at = self._paused_until - _BURST
        self.spent = 0

    def calls_at_once(self, method: str, most: int) -> int:
        """How many calls of a method one batch should hold."""
        return max(1, min(most, int(self._limit * _QUANTUM / self._costs[method])))

    @contextmanager
    def spend(self, method: str, calls: int = 1, *, stopped: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Wait for a slot and the units of so many calls; they are spent at the start of the block, whatever it brings.

        Raises `Stopped` as soon as `stopped()` is true while it waits.
        """
        units = self._costs[method] * calls
        with _held(self._slots, stopped):
            self._take(units, stopped)
            try:
                yield
            finally:
                with self._lock:
                    self._answered.append((self._monotonic(), units))

    def pause(self, seconds: float) -> None:
        """Nobody spends anything for so long: Google asked for it."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._monotonic() + seconds)

    def _take(self, units: int, stopped: Callable[[], bool]) -> None:
        with _held(self._turn, stopped):
            while not stopped():
                seconds = self._try(units)
                if seconds <= 0:
                    return
                self._sleep(
                    min(max(seconds, 0.001), 1.0)
                )  # a pause may be made longer meanwhile, and whoever waits may go
            raise Stopped

    def _try(self, units: int) -> float:
        """Spend the units now and return 0, or return after how many seconds to ask again."""
        with self._lock:
            now = self._monotonic()
            while self._answered and self._answered[0][0] + _WINDOW <= now:
                self._counted -= self._answered.popleft()[1]
            wait = max(self._paused_until, self._next_at) - now
            if self._counted and self._counted + units > self._limit:  # more than a whole minute's goes out alone
                wait = max(wait, self._answered[0][0] + _WINDOW - now if self._answered else _GLANCE)
            if wait > 0:
                return wait
            self._counted += units
            self.spent += units
            rate = self._limit * _HASTE / 60.0
            self._next_at = max(self._next_at, now - _BURST) + units / rate
            return 0.0


@contextmanager
def _held(lock: threading.Lock | threading.Semaphore, stopped: Callable[[], bool]) -> Iterator[None]:
    """The lock, for the length of the block; whoever holds it may wait out a pause, so we look whether to give up."""
    while not lock.acquire(timeout=_LOOK):
        if stopped():
            raise Stopped
    try:
        yield
    finally:
        lock.release()
