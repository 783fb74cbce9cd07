"""Gmail's quota units and the per-user budget.

Costs and limits: https://developers.google.com/workspace/gmail/api/reference/quota
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

NEW_PROJECT_COSTS: Mapping[str, int] = {
    "list": 5, "get": 20, "threads.get": 40, "history.list": 2, "getProfile": 1, "send": 100, "sendAs.list": 1,
    "labels.list": 1, "attachments.get": 20,
}  # fmt: skip


class TokenBucket:
    """Units per minute of one user, shared by everything that calls Gmail for that user. Thread-safe.

    It holds one second's worth of units, so that the budget is spread and no burst meets Google's own limiter.
    """

    def __init__(
        self,
        units_per_minute: int,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = units_per_minute / 60.0
        self._capacity = max(self._rate, float(max(NEW_PROJECT_COSTS.values())))
        self._level = self._capacity
        self._monotonic, self._sleep = monotonic, sleep
        self._at = monotonic()
        self._lock = threading.Lock()
        self.spent = 0

    def take(self, units: int) -> None:
        """Wait until the units are there, then spend them. A request larger than the bucket goes into debt."""
        with self._lock:
            now = self._monotonic()
            self._level = min(self._capacity, self._level + (now - self._at) * self._rate)
            self._at = now
            self._level -= units
            self.spent += units
            wait = -self._level / self._rate if self._level < 0 else 0.0
        if wait > 0:
            self._sleep(wait)

    def pause(self, seconds: float) -> None:
        """Everybody waits: Google asked for it."""
        with self._lock:
            self._level = min(self._level, 0.0) - seconds * self._rate
