"""The sandbox's time: an injected base that tests can shift."""

import time
from collections.abc import Callable


class SandboxClock:
    """Unix seconds (UTC). `advance` and `set` shift it; it keeps running as fast as its base."""

    def __init__(self, base: Callable[[], float] = time.time) -> None:
        self._base = base
        self._offset = 0.0

    def now(self) -> float:
        return self._base() + self._offset

    def now_ms(self) -> int:
        return int(self.now() * 1000)

    def advance(self, seconds: float) -> None:
        self._offset += seconds

    def set(self, timestamp: float) -> None:
        self._offset = timestamp - self._base()
