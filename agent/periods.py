"""The period a question names: days, with the words that make them a beginning, an end or both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.dates import DaysNamed, Range, days_named, months_back
from crm.signals.language import Language

_ARTICLES = (
    r"(?:\s+(?:the|el|la|los|las|o|a|os|as|on|in|em|en|no|na|dia|(?:month|week|quarter|year)\s+of|mes\s+del?"
    r"|semana\s+d(?:el?|o|a)))*\s+"
)
_OPERATORS = {
    "since": re.compile(rf"\b(?:since|starting(?:\s+from)?|as\s+of|desde|a\s+partir\s+d(?:el?|os?|as?)){_ARTICLES}$"),
    "before": re.compile(rf"\b(?:before|prior\s+to|antes\s+d(?:el?|os?|as?)){_ARTICLES}$"),
    "after": re.compile(rf"\b(?:after|(?:despues|depois)\s+d(?:el?|os?|as?)|tras|apos){_ARTICLES}$"),
    "until": re.compile(rf"\b(?:until|till|up\s+to|through|hasta|ate){_ARTICLES}$"),
    "in": re.compile(rf"\b(?:in|during|throughout|between|en|em|n[oa]s?|nest[ae]|durante|entre){_ARTICLES}$"),
    "loose": re.compile(rf"\b(?:on|of|from|for|over|within|this|el|la|del?|al?|do|da|ao){_ARTICLES}$"),
}
_JOINER = re.compile(
    r"\s*(?:,|-|–|—|\b(?:to|and|until|till|through|or|with|vs|versus|against|y|e|al?|ao|as|hasta|ate|con|com|o|ou)\b)\.?"
    r"(?:\s*\b(?:the|el|la|o|a|os|as|in|on|em|en|no|na|del?|do|da|dia)\b)*\s*"
)
# An event has an article and ends before a word of the question's frame: "since the kickoff about …".
_EVENT = re.compile(
    r"\b(?:since|desde|a\s+partir\s+de)\s+(?:the|our|their|his|her|el|la|los|las|nuestr[oa]|o|a|os|as"
    r"|[oa]\s+noss[oa]|su|seu|sua)"
    r"\s+(?!que\b)\w[\w-]*(?:\s+(?!(?:about|with|at|in|on|from|by|did|was|has|have|and"
    r"|sobre|con|com|en|em|y|e|por|para)\b)\w[\w-]*){0,3}"
)


@dataclass(frozen=True, kw_only=True)
class Period:
    """Aware UTC instants, `since` inclusive, `until` exclusive, None where no limit was named.

    `label` holds the words of the question, also where only a mail can tell the date ("since the kickoff").
    """

    since: datetime | None
    until: datetime | None
    label: str


Limits = tuple[date | None, date | None]
ANY_TIME = Period(since=None, until=None, label="")


def find(raw: str, plain: str, *, today: date, zone: ZoneInfo, language: Language) -> tuple[Period, int, int] | None:
    """The first period named, with the span of its words, or None.

    `plain` is `raw` folded letter by letter, of the same length. Days are those of `zone`.
    """
    points = sorted(days_named(raw, plain, today, language), key=lambda point: point.start)
    for index, point in enumerate(points):
        operator, start = _operator(plain, point)
        if not operator and not point.strong:
            continue
        if point.doubtful and operator in ("", "loose"):
            continue
        if point.adverb and operator in ("in", "loose"):
            start = point.start
        following = points[index + 1] if index + 1 < len(points) else None
        if following and _JOINER.fullmatch(plain, point.end, following.start):
            days = (_before(point, following)[0], following.days[1])
            return _period(_words(raw, start, following.end), days, zone), start, following.end
        return _period(_words(raw, start, point.end), _limits(operator, point.days), zone), start, point.end
    event = _EVENT.search(plain)
    if event:
        return _period(_words(raw, *event.span()), (None, None), zone), *event.span()
    return None


def _limits(operator: str, days: Range) -> Limits:
    first, after = days
    return {
        "since": (first, None),
        "after": (after, None),
        "before": (None, first),
        "until": (None, after),
    }.get(operator, (first, after))


def _words(raw: str, start: int, end: int) -> str:
    return " ".join(raw[start:end].split())


def _period(label: str, limits: Limits, zone: ZoneInfo) -> Period:
    since, until = limits
    return Period(since=_instant(since, zone), until=_instant(until, zone), label=label)


def _instant(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, zone).astimezone(UTC)


def _operator(plain: str, point: DaysNamed) -> tuple[str, int]:
    """What stands before the days ("since", …; "" for nothing), and where the whole expression starts."""
    before = plain[: point.start]
    for name, pattern in _OPERATORS.items():
        found = pattern.search(before)
        if found:
            return name, found.start()
    return "", point.start


def _before(point: DaysNamed, other: DaysNamed) -> Range:
    """The days of `point`, a year or a week earlier where the pair would run backwards."""
    if point.days[0] <= other.days[0] or not point.cycle:
        return point.days
    if point.cycle == "week":
        return point.days[0] - timedelta(days=7), point.days[1] - timedelta(days=7)
    return months_back(point.days[0], 12), months_back(point.days[1], 12)
