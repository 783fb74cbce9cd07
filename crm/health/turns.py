"""Response turns: who waited for whom, and for how many business hours."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crm.health.calendar import Calendar
from crm.health.report import Side
from crm.health.touches import Touch, conversations


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Mails of one side in a row, from the `first`; `answer` is None while the turn is open."""

    first: Touch
    answer: Touch | None

    @property
    def answering(self) -> Side:
        """The side the turn waits for."""
        return "us" if self.first.side == "customer" else "customer"

    def hours(self, at: datetime, calendar: Calendar) -> float:
        """Business hours until the answer, or until `at` while it is open."""
        return calendar.hours(self.first.sent_at, self.answer.sent_at if self.answer else at)


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Business hours over `n` answers; p90 is the nearest rank."""

    n: int
    median: float | None
    mean: float | None
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


def timing(answered: Iterable[Turn], at: datetime, calendar: Calendar) -> Timing:
    """Median and 90th percentile of the answered turns; open ones are left out."""
    hours = sorted(turn.hours(at, calendar) for turn in answered if turn.answer)
    if not hours:
        return Timing(n=0, median=None, mean=None, p90=None)
    rank = math.ceil(0.9 * len(hours))
    return Timing(n=len(hours), median=statistics.median(hours), mean=statistics.fmean(hours), p90=hours[rank - 1])
