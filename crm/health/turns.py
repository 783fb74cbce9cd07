"""Response turns: who waited for whom, and for how many business hours."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.health.report import Side
from crm.health.touches import Touch, conversations

OPENS, CLOSES = time(9), time(18)
_WEEKEND = (5, 6)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Mails of one side in a row, from the `first`; `answer` is None while the turn is open."""

    first: Touch
    answer: Touch | None

    @property
    def answering(self) -> Side:
        """The side the turn waits for."""
        return "us" if self.first.side == "customer" else "customer"

    def hours(self, at: datetime, zone: ZoneInfo) -> float:
        """Business hours until the answer, or until `at` while it is open."""
        return business_hours(self.first.sent_at, self.answer.sent_at if self.answer else at, zone)


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Business hours over `n` answers; p90 is the nearest rank."""

    n: int
    median: float | None
    p90: float | None


def turns(touches: Iterable[Touch]) -> tuple[Turn, ...]:
    """Every turn of every conversation, in order of their first mail."""
    found: list[Turn] = []
    for conversation in conversations(touches):
        first = conversation[0]
        for touch in conversation[1:]:
            if touch.side != first.side:
                found.append(Turn(first=first, answer=touch))
                first = touch
        found.append(Turn(first=first, answer=None))
    return tuple(sorted(found, key=lambda turn: (turn.first.sent_at, turn.first.id)))


def timing(answered: Iterable[Turn], at: datetime, zone: ZoneInfo) -> Timing:
    """Median and 90th percentile of the answered turns; open ones are left out."""
    hours = sorted(turn.hours(at, zone) for turn in answered if turn.answer)
    if not hours:
        return Timing(n=0, median=None, p90=None)
    rank = math.ceil(0.9 * len(hours))
    return Timing(n=len(hours), median=statistics.median(hours), p90=hours[rank - 1])


def business_hours(start: datetime, end: datetime, zone: ZoneInfo) -> float:
    """Hours between two aware instants on Monday to Friday, 9–18 in `zone`; 0 when `end` is not later."""
    # Moved to UTC first: aware datetimes of one zone compare and subtract by wall clock, ignoring DST.
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    total = timedelta()
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        if day.weekday() not in _WEEKEND:
            opens, closes = (datetime.combine(day, edge, zone).astimezone(UTC) for edge in (OPENS, CLOSES))
            total += max(min(closes, end) - max(opens, start), timedelta())
        day += timedelta(days=1)
    return total / timedelta(hours=1)
