"""A clock that several processes share, and that the local Gmail follows."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta

import httpx


class SharedClock:
    """The real time plus an offset in shared memory: waiting for an undo window costs no waiting."""

    def __init__(self, google_url: str) -> None:
        self._ahead = multiprocessing.get_context("fork").Value("d", 0.0)
        self._google_url = google_url

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead.value)

    def advance(self, seconds: float) -> None:
        """For every process, and for Gmail."""
        self._ahead.value += seconds
        httpx.post(f"{self._google_url}/sandbox/clock", json={"advance": seconds}, timeout=10).raise_for_status()
