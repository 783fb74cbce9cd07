"""When the mails were sent: day offsets made into instants that never lie after the anchor."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TIMEZONE = "Europe/Madrid"
MADRID = ZoneInfo(TIMEZONE)
_DAY_END = time(18, 0)
_GAP = timedelta(seconds=90)


def anchor_instant(text: str | None, now: datetime) -> datetime:
    """The instant the scenario is told from, in Europe/Madrid.

    `text` is an ISO date (18:00 of that day is meant) or date-time (local unless it carries an offset); without it
    the anchor is `now`, which must be aware. Raises ValueError when the text is neither.
    """
    if text is None:
        return now.astimezone(MADRID).replace(microsecond=0)
    try:
        return datetime.combine(date.fromisoformat(text), _DAY_END, MADRID)
    except ValueError:
        instant = datetime.fromisoformat(text).replace(microsecond=0)
    return instant.replace(tzinfo=MADRID) if instant.tzinfo is None else instant.astimezone(MADRID)


def local_instant(anchor: datetime, day: int, clock: str) -> datetime:
    """The wall clock time "HH:MM" on a day relative to the anchor's, in Europe/Madrid."""
    return datetime.combine(anchor.date() + timedelta(days=day), time.fromisoformat(clock), MADRID)


def pull_back(instants: Sequence[datetime], anchor: datetime) -> list[datetime]:
    """Move what lies after the anchor to just before it, keeping the order.

    `instants` must be sorted; so is the result, and nothing in it is later than the anchor.
    """
    moved = list(instants)
    limit = anchor - _GAP
    for index in range(len(moved) - 1, -1, -1):
        if moved[index] <= limit:
            break
        moved[index] = limit
        limit -= _GAP
    return moved
