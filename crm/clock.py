"""The clock is a dependency: nothing in the product asks the machine for the time by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the current instant, timezone-aware, in UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)


def fixed_clock(instant: datetime) -> Clock:
    """A clock that stands still; naive instants are refused because they hide a time-zone bug."""
    if instant.tzinfo is None:
        raise ValueError("a clock needs an aware instant")
    moment = instant.astimezone(UTC)
    return lambda: moment
