"""Periods that lie ahead, which renewals are asked about and mails are not: "next month", "los próximos 90 días"."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from agent.dates import MONTHS
from agent.offline.patterns import BEHIND
from agent.periods import Period
from crm.folding import fold

_UNITS = {
    "day": r"days?|dias?",
    "week": r"weeks?|semanas?",
    "month": r"months?|mes|meses",
    "quarter": r"quarters?|trimestres?",
    "year": r"years?|anos?",
}
_UNIT = "|".join(f"(?P<{name}>{words})" for name, words in _UNITS.items())
_NUMBER = r"(?:(?P<number>\d{1,3})\s+)?"
_COUNTED = rf"{_NUMBER}(?:{_UNIT})"
_AHEAD = tuple(
    re.compile(rf"\b{pattern}\b")
    for pattern in (
        rf"(?:the\s+)?(?:next|coming|upcoming)\s+{_COUNTED}",
        rf"(?P<within>within|in\s+less\s+than|en\s+menos\s+de|em\s+menos\s+de)\s+(?:the\s+next\s+)?{_COUNTED}",
        rf"proxim[oa]s?\s+{_COUNTED}",
        rf"{_COUNTED}\s+(?:que\s+(?:vienen?|vem)|proximos?|seguintes?|siguientes?)",
    )
)


_MONTH = re.compile(rf"\b(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b")
_DAY = r"[1-9]|[12]\d|3[01]"
_UNTIL = re.compile(
    r"\b(?:(?P<before>before|antes\s+(?:d[eo]\s+)?que|antes\s+d[eo])|from\s+(?:now|today|here)\s+(?:until|till|to)|between\s+now\s+and|(?:from\s+now\s+)?(?:until|till|through|by)"
    r"|de\s+aqui\s+a|(?:desde\s+hoy\s+)?hasta|daqui\s+(?:a|ate)|(?:de\s+hoje\s+)?ate)(?:\s+(?:el|a|ao?|o|the))?"
    rf"(?:\s+(?:(?P<day>{_DAY})(?:\s+(?:de|of))?|(?P<end>end|final(?:es)?|fim|finais|termine|acabe)(?:\s+(?:de|do|del|of|el|o))?|mes\s+de))?"
    rf"\s+(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b(?:\s+(?P<behind>{_DAY})(?:st|nd|rd|th)?\b)?(?P<over>\s+(?:is\s+over|ends|acab(?:e|a|ar)|termin(?:e|a|ar))\b)?"
    r"(?:,?\s+(?:(?:de|del|of)\s+)?(?P<year>20\d\d)\b)?"
)


@dataclass(frozen=True, kw_only=True)
class Span:
    """Days of the workspace's zone, `since` included, `until` not, None where there is no limit; `label` as asked."""

    since: date | None
    until: date | None
    label: str

    def holds(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


def coming(question: str, today: date) -> Span | None:
    """The period ahead that a question names. "Next month" is the calendar month, "the next 3 months" start today."""
    plain = fold(question)
    match = next((found for pattern in _AHEAD if (found := pattern.search(plain))), None)
    if match is None:
        return _until(question, plain, today)
    groups = {name: words for name, words in match.groupdict().items() if words}
    unit = next(name for name in _UNITS if name in groups)
    if "number" in groups or "within" in groups:
        since, until = (
            today,
            _later(today, unit, int(groups.get("number", 1))) + timedelta(days=1),
        )  # the last day counts
    else:
        since = _later(_first(today, unit), unit, 1)
        until = _later(since, unit, 1)
    return Span(since=since, until=until, label=_as_written(question, match[0]))


def _until(question: str, plain: str, today: date) -> Span | None:
    """From today to a month that is named, its end or a day of it: "de aquí a finales de julio", "before 15 July"."""
    match = _UNTIL.search(plain)
    if match is None:
        return None
    number = MONTHS[match["month"]]
    begins = date(int(match["year"] or today.year + (number < today.month)), number, 1)
    if named := match["day"] or match["behind"]:
        day = begins.replace(day=min(int(named), calendar.monthrange(begins.year, number)[1]))
        until = day if match["before"] else day + timedelta(days=1)
    else:
        until = begins if match["before"] and not (match["end"] or match["over"]) else months_on(begins, 1)
    return Span(since=today, until=until, label=_as_written(question, match[0])) if until > today else None


def words_ahead(plain: str) -> tuple[int, int] | None:
    """Where a folded question names a period ahead."""
    return next((found.span() for pattern in _AHEAD if (found := pattern.search(plain))), None)


def _as_written(question: str, folded: str) -> str:
    """The words of the question that folded to `folded`, with their accents; `folded` where they can't be told."""
    words = question.split()
    length = len(folded.split())
    for start in range(len(words) - length + 1):
        chosen = " ".join(words[start : start + length]).strip("¿?¡!.,;:()\"“”«»'")
        if fold(chosen) == folded:
            return chosen.lower()
    return folded


def months_on(day: date, months: int) -> date:
    """The same day so many months later, or the last of its month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def next_time(period: Period, now: datetime, zone: ZoneInfo) -> Period:
    """A period of renewals: a month or its day without a year, which of mails is the last one, is the coming one."""
    label = fold(period.label)
    if period.until is None or period.until > now or not _MONTH.search(label) or BEHIND.search(label):
        return period
    since, until = (_a_year_on(instant, zone) if instant else None for instant in (period.since, period.until))
    return replace(period, since=since, until=until)


def _a_year_on(instant: datetime, zone: ZoneInfo) -> datetime:
    local = instant.astimezone(zone)
    return datetime.combine(months_on(local.date(), 12), local.time(), zone).astimezone(UTC)


def _later(day: date, unit: str, number: int) -> date:
    if unit in ("day", "week"):
        return day + timedelta(days=number * (7 if unit == "week" else 1))
    return months_on(day, number * {"month": 1, "quarter": 3, "year": 12}[unit])


def _first(day: date, unit: str) -> date:
    """The first day of the week, month, quarter or year of a day."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "day":
        return day
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}[unit]
    return day.replace(month=month, day=1)
