"""Business hours: the workspace's opening hours on its weekdays, public holidays left out."""

from __future__ import annotations

import importlib.resources
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

import holidays

_HOUR = timedelta(hours=1)
_LIMIT = timedelta(days=3650)  # nobody waits longer; a calendar without a business day must still end


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """When the workspace works. `country` is ISO 3166 ("ES", or with a subdivision "ES-MD"); "" has no holidays.

    Holidays: https://holidays.readthedocs.io. `weekdays` count from 0, Monday.
    """

    zone: ZoneInfo
    opens: time = time(9)
    closes: time = time(18)
    weekdays: frozenset[int] = frozenset(range(5))
    country: str = ""

    def works_on(self, day: date) -> bool:
        return day.weekday() in self.weekdays and not _is_holiday(self.country, day)

    def day_of(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    def end_of(self, day: date) -> datetime:
        """The midnight after `day`, in UTC."""
        return datetime.combine(day + timedelta(days=1), time.min, self.zone).astimezone(UTC)

    def hours(self, start: datetime, end: datetime) -> float:
        """Business hours between two aware instants; 0 when `end` is not later."""
        # In UTC, because aware datetimes of one zone compare and subtract by wall clock, ignoring its clock changes.
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if end <= start:
            return 0.0
        first, last = self.day_of(start), self.day_of(end)
        years = sum((_year(self, year)[-1] for year in range(first.year, last.year)), timedelta())
        return (years + self._spent(last, end) - self._spent(first, start)) / _HOUR

    def after(self, start: datetime, hours: float) -> datetime:
        """The instant (UTC) when `hours` business hours have passed since `start`; ten years on when they never do."""
        left, day = timedelta(hours=hours), self.day_of(start)
        for n in range(_LIMIT.days):
            opens, closes = _opening(self, day + timedelta(days=n))
            opens = max(opens, start.astimezone(UTC))
            if timedelta() < closes - opens >= left:
                return opens + left
            left -= max(closes - opens, timedelta())
        return start.astimezone(UTC) + _LIMIT

    def _spent(self, day: date, instant: datetime) -> timedelta:
        """Opening time of the year until an instant on `day`."""
        opens, closes = _opening(self, day)
        return _year(self, day.year)[day.timetuple().tm_yday - 1] + min(max(instant, opens), closes) - opens


def country_of(zone: str) -> str:
    """The country of an IANA time zone ("Europe/Madrid" → "ES"), or "" when it has none or its holidays are not known."""
    country = _countries().get(zone, "")
    return country if country in holidays.list_supported_countries(include_aliases=False) else ""


def known_country(code: str) -> bool:
    """Whether the public holidays of a country, or of a subdivision of it, are known."""
    country, _, subdivision = code.partition("-")
    supported = holidays.list_supported_countries(include_aliases=False)
    return country in supported and (not subdivision or subdivision in supported[country])


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """zone.tab of the IANA database: country code, coordinates, zone."""
    table = importlib.resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[2]: row[0] for row in rows}


@lru_cache(maxsize=64)
def _holidays(country: str) -> holidays.HolidayBase:
    code, _, subdivision = country.partition("-")
    return holidays.country_holidays(code, subdiv=subdivision or None)


@lru_cache(maxsize=16_384)
def _is_holiday(country: str, day: date) -> bool:
    return bool(country) and day in _holidays(country)


@lru_cache(maxsize=16_384)
def _opening(calendar: Calendar, day: date) -> tuple[datetime, datetime]:
    """The opening time of a day in UTC; an empty one on a day off."""
    opens, closes = (
        datetime.combine(day, edge, calendar.zone).astimezone(UTC) for edge in (calendar.opens, calendar.closes)
    )
    return (opens, closes) if calendar.works_on(day) else (opens, opens)


@lru_cache(maxsize=1024)
def _year(calendar: Calendar, year: int) -> tuple[timedelta, ...]:
    """Opening time of the year before each of its days, and at last of the whole year."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
    lengths = (closes - opens for opens, closes in (_opening(calendar, day) for day in days))
    return tuple(accumulate(lengths, initial=timedelta()))
