"""A clock that several processes share."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta


class SharedClock:
    """The real time plus an offset in shared memory: waiting for an undo window costs no waiting.

    Gmail keeps the real time, or its tokens would run out: mail is found in Sent by our Message-ID alone.
    """

    def __init__(self) -> None:
        self._ahead = multiprocessing.get_context("fork").Value("d", 0.0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead.value)

    def advance(self, seconds: float) -> None:
        """For every process."""
        self._ahead.value += seconds
