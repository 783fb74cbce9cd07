"""The moment a human typed for a reply to leave, in the time zone of the workspace."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.errors import InputError

LATEST = timedelta(days=60)  # an approval says yes to a world that was looked at
_TYPED = re.compile(r"(?:(\d{4})-(\d{1,2})-(\d{1,2})[ T]+)?(\d{1,2}):(\d{2})")


def parse_moment(typed: str, zone: ZoneInfo, now: datetime) -> datetime:
    """`2026-11-05 09:00`, or `9:00` for the next time the clock shows it: aware UTC. Raises `InputError`."""
    match = _TYPED.fullmatch(typed.strip())
    try:
        if match is None:
            raise ValueError(typed)
        year, month, day, hour, minute = match.groups()
        clock = time(int(hour), int(minute))
        if year:
            return local_moment(date(int(year), int(month), int(day)), clock, zone)
    except (ValueError, OverflowError):
        raise InputError(
            typed, sentence=f"“{typed.strip()}” is not a moment.", next_step="Type it as 2026-11-05 09:00, or 09:00."
        ) from None
    today = now.astimezone(zone).date()
    soon = local_moment(today, clock, zone)
    return soon if soon > now else local_moment(today + timedelta(days=1), clock, zone)


def local_moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """That wall-clock time as an instant (aware UTC). Of an hour that comes twice, the first; `InputError` for one left out."""
    moment = datetime.combine(day, clock, zone).astimezone(UTC)
    back = moment.astimezone(zone)
    if (back.date(), back.time()) != (day, clock):
        raise InputError(
            str(back), sentence=f"The clocks go forward then: there is no {clock:%H:%M} on {day:%Y-%m-%d}.",
            next_step="Choose another time.",
        )  # fmt: skip
    return moment


def checked_moment(moment: datetime, earliest: datetime) -> datetime:
    """Not before the undo window ends, and not beyond what an approval can mean. Raises `InputError`."""
    if moment.tzinfo is None:
        raise ValueError("naive datetime")
    if moment < earliest:
        raise InputError(
            str(moment), sentence="That moment has passed.", next_step="Choose a later one, or send it now."
        )
    if moment > earliest + LATEST:
        raise InputError(str(moment), sentence=f"A reply can be scheduled {LATEST.days} days ahead at most.")
    return moment.astimezone(UTC)
