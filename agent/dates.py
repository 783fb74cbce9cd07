"""Days named in English, Spanish and Portuguese: dates, weekdays, months, "last week", "hace tres días".

The tables are our own: a date parser reads `3/11` month first in one language and day first in another, takes
"may" for a month, and knows neither "la semana pasada" as a calendar week nor where the words of a date end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from crm.signals.language import Language

Range = tuple[date, date]  # first day, and the day after the last one
Match = re.Match[str]

_MONTHS = (
    ("january", "enero", "janeiro"),
    ("february", "febrero", "fevereiro"),
    ("march", "marzo", "marco"),
    ("april", "abril"),
    ("may", "mayo", "maio"),
    ("june", "junio", "junho"),
    ("july", "julio", "julho"),
    ("august", "agosto"),
    ("september", "septiembre", "setiembre", "setembro"),
    ("october", "octubre", "outubro"),
    ("november", "noviembre", "novembro"),
    ("december", "diciembre", "dezembro"),
)
_SHORT_EN = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_SHORT_ES = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"]
_SHORT_PT = ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"]
_WEEKDAYS = (
    ("monday", "mon", "lunes", "segunda-feira", "segunda"),
    ("tuesday", "tue", "tues", "martes", "terca-feira", "terca"),
    ("wednesday", "wed", "miercoles", "quarta-feira", "quarta"),
    ("thursday", "thu", "thurs", "jueves", "quinta-feira", "quinta"),
    ("friday", "fri", "viernes", "sexta-feira", "sexta"),
    ("saturday", "sabado"),
    ("sunday", "domingo"),
)
_NUMBERS = {
    word: value
    for value, words in enumerate(
        (
            "a an one un una uno um uma",
            "two dos dois duas couple",
            "three tres",
            "four cuatro quatro",
            "five cinco",
            "six seis",
            "seven siete sete",
            "eight ocho oito",
            "nine nueve nove",
            "ten diez dez",
            "eleven once onze",
            "twelve doce doze",
        ),
        start=1,
    )
    for word in words.split()
}
_UNITS = {
    word: unit
    for unit, words in {
        "day": "day days dia dias",
        "week": "week weeks semana semanas",
        "month": "month months mes meses",
        "quarter": "quarter quarters trimestre trimestres",
        "year": "year years ano anos",
    }.items()
    for word in words.split()
}
_FEW = {"day": 7, "week": 4, "month": 3, "quarter": 2, "year": 2}
_SHORT_WEEKDAYS = ("segunda", "terca", "quarta", "quinta", "sexta")
_ORDINALS = {
    word: value
    for value, words in enumerate(
        ("first primer primeiro", "second segundo", "third tercer terceiro", "fourth cuarto quarto"), start=1
    )
    for word in words.split()
}

MONTHS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_WEEKDAY_NUMBER = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}
CALENDAR_WORDS = frozenset({*MONTHS, *_WEEKDAY_NUMBER, *_SHORT_EN, *_SHORT_ES, *_SHORT_PT, "sun", "sat"})
"""Folded names of months and weekdays; some are people's names or ordinary words as well."""
# Months that are also other words; they count only after a word of time, or with a capital.
_DOUBTFUL = {"may", "march", "marco"}


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_LAST = r"(?P<last>last|pass?ad[oa]|ultim[oa])\s+"
_MONTH = rf"(?P<month>{_any(MONTHS)})"
_ANY_MONTH = rf"(?P<month>{_any({*MONTHS, *_SHORT_EN, *_SHORT_ES, *_SHORT_PT})})\.?"
_EN_MONTH = rf"(?P<month>{_any([names[0] for names in _MONTHS] + _SHORT_EN)})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|o|a)?"
_YEAR = (
    r"(?:(?:,\s*|\s+(?:of\s+|del?\s+|do\s+)?)(?P<year>(?:19|20)\d\d)\b"
    r"|(?:\s+of)?\s+(?P<past>last\s+year|d(?:el?|o)\s+ano\s+pass?ado))?"
)
_NUMBER = rf"(?P<number>\d{{1,3}}|{_any(_NUMBERS)})(?:\s+of)?"
_UNIT = rf"(?P<unit>{_any(_UNITS)})"
_PART = (
    r"(?:(?P<early>early[\s-]+|(?:the\s+)?(?:beginning|start)\s+of\s+|(?:principios|comienzos|inicios?|comeco)\s+d[eo]\s+)"
    r"|(?P<mid>mid[\s-]+|(?:the\s+)?middle\s+of\s+|(?:mediados|meados)\s+d[eo]\s+)"
    r"|(?P<late>late[\s-]+|(?:the\s+)?end\s+of\s+|(?:final(?:es)?|fim|finais)\s+d[eo]\s+))?"
)
_UP_TO = re.compile(
    r"\b(?:(?P<before>before|antes\s+d[eo])|until|till|through|by|hasta|ate)(?:\s+(?:the|el|o|a[ol]?))?\s*$"
)
_EARLY, _LATE = 10, 20  # days of a month that are its beginning, and that stand before its end


@dataclass(frozen=True, kw_only=True)
class DaysNamed:
    """Days named somewhere in the text. A weak one counts only after a word such as "in" or "since"."""

    start: int
    end: int
    days: Range
    strong: bool
    adverb: bool = False  # takes no "in" or "on": "what came in today"
    doubtful: bool = False
    cycle: str = ""  # "year" or "week": where the words leave open which one is meant


@dataclass(frozen=True, kw_only=True)
class _Rule:
    pattern: re.Pattern[str]
    days: Callable[[Match, date], Range]
    strong: bool = True
    adverb: bool = False
    cycle: str = ""


def days_named(raw: str, plain: str, today: date, language: Language) -> Iterator[DaysNamed]:
    """All days named, in no order; `plain` is `raw` folded letter by letter. Weeks start on Monday.

    "Last week" is the calendar week before this one, "the past week" the seven days up to today.
    """
    taken: list[tuple[int, int]] = []
    for rule in _RULES:
        for match in rule.pattern.finditer(plain):
            start, end = match.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            if not _plausible(match, raw, language):
                continue
            try:
                days = rule.days(match, today)
            except ValueError:  # 31 February, month 13
                continue
            taken.append((start, end))
            cycle = "" if match.groupdict().get("year") else rule.cycle
            yield DaysNamed(
                start=start,
                end=end,
                days=days,
                strong=rule.strong,
                adverb=rule.adverb,
                doubtful=_doubtful(match, raw),
                cycle=cycle,
            )


def _plausible(match: Match, raw: str, language: Language) -> bool:
    """Whether a short or double-edged name of a month stands for the month in this language."""
    month = match.groupdict().get("month")
    if month is None:
        return True
    written = raw[match.start("month") : match.end("month")]
    if month == "marco":  # "março" without its cedilla; "Marco" is a man
        return "ç" in written.lower() or (language == "pt" and written.islower())
    if month in MONTHS:
        return True
    if language != "en":
        return month in {*_SHORT_ES, *_SHORT_PT} and _has_number(match)
    return month in _SHORT_EN and (_has_number(match) or month != "mar")


def _doubtful(match: Match, raw: str) -> bool:
    """Whether the words may mean something else: "may", or the quarter in "owner of the Q3 plan"."""
    groups = match.groupdict()
    if groups.get("quarter"):
        return True
    return groups.get("month") in _DOUBTFUL and not groups.get("last") and not raw[match.start("month")].isupper()


def _has_number(match: Match) -> bool:
    """A day or a year beside the month: "el mar" is the sea, "3 mar" is not."""
    return bool(match.groupdict().get("day") or match["year"])


def _date(year: int, month: int, day: int) -> Range:
    first = date(year, month, day)
    return first, first + timedelta(days=1)


def months_back(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        if last <= day.day:
            try:
                return date(year, month + 1, last)
            except ValueError:
                continue
    raise ValueError("no such month")


def _unit_start(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return date(day.year, 1, 1) if unit == "year" else day


def _back(day: date, number: int, unit: str) -> date:
    if unit in ("day", "week"):
        return day - timedelta(days=number * (7 if unit == "week" else 1))
    return months_back(day, number * {"month": 1, "quarter": 3, "year": 12}[unit])


def _calendar_unit(today: date, unit: str, ago: int) -> Range:
    """The whole day, week, month, quarter or year so many before the present one."""
    first = _back(_unit_start(today, unit), ago, unit)
    return first, _back(first, -1, unit)


def _trailing(today: date, number: int, unit: str) -> Range:
    return _back(today, number, unit), today + timedelta(days=1)


def _number(match: Match) -> int:
    word = match["number"]
    return _NUMBERS[word] if word in _NUMBERS else int(word)


def _month_of(name: str) -> int:
    if name in MONTHS:
        return MONTHS[name]
    return next(names.index(name) + 1 for names in (_SHORT_EN, _SHORT_ES, _SHORT_PT) if name in names)


def _year_of(match: Match, today: date) -> int | None:
    if match["year"]:
        return int(match["year"])
    return today.year - 1 if match["past"] else None


def _day_month(match: Match, today: date) -> Range:
    month, day, year = _month_of(match["month"]), int(match["day"]), _year_of(match, today)
    if year is None:
        year = today.year if (month, day) <= (today.month, today.day) else today.year - 1
    days = _date(year, month, day)
    first_day = match.groupdict().get("first")
    return (date(year, month, int(first_day)), days[1]) if first_day else days


def _month_named(match: Match, today: date) -> Range:
    month, year = _month_of(match["month"]), _year_of(match, today)
    if year is None:
        year = today.year if month <= today.month else today.year - 1
        if match["last"] and month == today.month:
            year -= 1
    first, after = _calendar_unit(date(year, month, 1), "month", 0)
    part = match.groupdict()
    if part.get("late") and (
        limit := _UP_TO.search(match.string[: match.start()])
    ):  # "before the end of May": all of May
        return (after, after) if limit["before"] else (first, after)
    if part.get("early"):
        return first, first + timedelta(days=_EARLY)
    if part.get("mid"):
        return first + timedelta(days=_EARLY), first + timedelta(days=_LATE)
    return (first + timedelta(days=_LATE), after) if part.get("late") else (first, after)


def _numeric(match: Match, today: date) -> Range:
    """Day first, unless only the other order is a date."""
    day, month = int(match["a"]), int(match["b"])
    if month > 12:
        day, month = month, day
    if not match["c"]:
        year = today.year if (month, day) <= (today.month, today.day) else today.year - 1
    else:
        year = int(match["c"]) + (2000 if len(match["c"]) == 2 else 0)
    return _date(year, month, day)


def _quarter(match: Match, today: date) -> Range:
    number = _ORDINALS.get(match["quarter"]) or int(match["quarter"])
    year = _year_of(match, today) or today.year
    first = date(year, number * 3 - 2, 1)
    if first > today and not match["year"]:
        first = months_back(first, 12)
    return _calendar_unit(first, "quarter", 0)


def _day_of_month(match: Match, today: date) -> Range:
    day = int(match["day"])
    start = today.replace(day=1) if day <= today.day else months_back(today.replace(day=1), 1)
    return _date(start.year, start.month, day)


def _weekday(match: Match, today: date) -> Range:
    """The latest such day up to today; "last Tuesday" said on a Tuesday is a week ago."""
    back = (today.weekday() - _WEEKDAY_NUMBER[match["weekday"]]) % 7
    if back == 0 and match.groupdict().get("last"):
        back = 7
    first = today - timedelta(days=back)
    return first, first + timedelta(days=1)


def _ago(match: Match, today: date) -> Range:
    return _calendar_unit(today, _UNITS[match["unit"]], _number(match))


def _last_few(match: Match, today: date) -> Range:
    unit = _UNITS[match["unit"]]
    return _trailing(today, _FEW[unit], unit)


def _rules(
    *patterns: str,
    days: Callable[[Match, date], Range],
    strong: bool = True,
    adverb: bool = False,
    cycle: str = "",
) -> tuple[_Rule, ...]:
    return tuple(
        _Rule(
            pattern=re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])"),
            days=days,
            strong=strong,
            adverb=adverb,
            cycle=cycle,
        )
        for pattern in patterns
    )


_OVER = r"(?:(?:in|over|during|within)\s+)?(?:the\s+)?"
_EN_LOS = r"(?:(?:en|em|durante)\s+)?(?:(?:n?[oa]s|l[oa]s|est[oa]s)\s+)?"
_EN_LA = r"(?:(?:en|em|durante)\s+)?(?:(?:n?[oa]|la|el)\s+)?"
# "na segunda reunião" is the second meeting: a short name ends its clause or has a word of the frame behind.
_CLAUSE_ENDS = r"(?=\s*(?:[?!.,;:)]|$)|\s+(?:sobre|com|e|a|ate|que|de|do|da|pel[oa]|por|em|§+)(?!\w))"
_LONG_WEEKDAY = rf"(?P<weekday>{_any(name for name in _WEEKDAY_NUMBER if name not in _SHORT_WEEKDAYS)})"
_SHORT_WEEKDAY = rf"(?P<weekday>{_any(_SHORT_WEEKDAYS)})"
_NOT_NEXT = r"(?!\s+(?:que\s+v|proxim))"

# In order: a rule takes its words before the next one looks.
_RULES: tuple[_Rule, ...] = (
    *_rules(r"(\d{4})-(\d\d)-(\d\d)", days=lambda m, _: _date(int(m[1]), int(m[2]), int(m[3]))),
    *_rules(r"(?P<a>\d{1,2})([/.-])(?P<b>\d{1,2})\2(?P<c>\d{4}|\d\d)", days=_numeric),
    *_rules(
        rf"(?P<first>\d{{1,2}})(?:st|nd|rd|th|o)?\s*(?:-|–|to|and|al?|y|e|ao|ate)\s*(?:(?:the|el|o|dia)\s+)*{_DAY}"
        rf"\s+(?:(?:of|del?)\s+)?{_ANY_MONTH}{_YEAR}",
        rf"{_DAY}\s+(?:(?:of|del?)\s+)?{_ANY_MONTH}{_YEAR}",
        rf"{_EN_MONTH}\s+{_DAY}{_YEAR}",
        days=_day_month,
        cycle="year",
    ),
    *_rules(
        rf"{_PART}{_LAST}{_MONTH}{_YEAR}",
        rf"{_PART}{_MONTH}\s+(?P<last>pass?ado){_YEAR}",
        days=_month_named,
        cycle="year",
    ),
    *_rules(rf"{_PART}(?P<last>)?{_ANY_MONTH}{_YEAR}", days=_month_named, strong=False, cycle="year"),
    *_rules(
        r"(?:the\s+)?day\s+before\s+yesterday|anteayer|antes\s+de\s+ayer|anteontem|antes\s+de\s+ontem",
        days=lambda _, today: _calendar_unit(today, "day", 2),
        adverb=True,
    ),
    *_rules(
        r"yesterday|ayer|ontem|anoche",
        days=lambda _, today: _calendar_unit(today, "day", 1),
        adverb=True,
    ),
    *_rules(
        r"today|hoy|hoje|this\s+(?:morning|afternoon|evening)|esta\s+(?:manana|manha|tarde|noche|noite)",
        days=lambda _, today: _calendar_unit(today, "day", 0),
        adverb=True,
    ),
    *_rules(
        r"recently|lately|ultimamente|recientemente|recentemente",
        days=lambda _, today: _trailing(today, 30, "day"),
        adverb=True,
    ),
    *_rules(
        rf"{_OVER}(?:last|past|previous)\s+(?:a\s+)?{_NUMBER}\s+{_UNIT}",
        rf"{_EN_LOS}(?:ultim|pass?ad)[oa]s\s+{_NUMBER}\s+{_UNIT}",
        rf"{_EN_LOS}{_NUMBER}\s+(?:ultim|pass?ad)[oa]s\s+{_UNIT}",
        days=lambda m, today: _trailing(today, _number(m), _UNITS[m["unit"]]),
    ),
    *_rules(
        rf"{_OVER}(?:last|past)\s+(?:few\s+|several\s+)?(?P<unit>days|weeks|months|years)",
        rf"{_EN_LOS}ultim[oa]s\s+(?P<unit>dias|semanas|meses|anos)",
        days=_last_few,
    ),
    *_rules(
        rf"(?:in|over|during|within)\s+the\s+last\s+{_UNIT}",
        rf"{_OVER}past\s+{_UNIT}",
        rf"{_EN_LA}ultim[oa]\s+{_UNIT}",
        days=lambda m, today: _trailing(today, 1, _UNITS[m["unit"]]),
    ),
    *_rules(
        rf"{_OVER}(?:last|previous)\s+{_UNIT}",
        rf"{_EN_LA}{_UNIT}\s+(?:pass?ad[oa]|anterior)",
        rf"{_EN_LA}pass?ad[oa]\s+{_UNIT}",
        days=lambda m, today: _calendar_unit(today, _UNITS[m["unit"]], 1),
    ),
    *_rules(
        rf"(?:so\s+far\s+)?(?:this|(?:the\s+)?current)\s+{_UNIT}",
        rf"(?:(?:en|em|de)\s+|[nd])?e(?:st|ss)[ea]\s+{_UNIT}",
        rf"{_EN_LA}{_UNIT}\s+(?:actual|atual|en\s+curso|corrente)",
        days=lambda m, today: _calendar_unit(today, _UNITS[m["unit"]], 0),
    ),
    *_rules(
        rf"{_NUMBER}\s+{_UNIT}\s+(?:ago|atras)",
        rf"(?:hace|ha|faz)\s+{_NUMBER}\s+{_UNIT}",
        days=_ago,
    ),
    *_rules(
        rf"(?:beginning|start)\s+of\s+(?:the|this)\s+{_UNIT}",
        rf"(?:principios?|comienzos?|comecos?|inicios?)\s+d(?:el?|o|a|est[ea]|e\s+est[ea])\s+{_UNIT}",
        days=lambda m, today: _calendar_unit(_unit_start(today, _UNITS[m["unit"]]), "day", 0),
        strong=False,
    ),
    *_rules(
        rf"q(?P<quarter>[1-4]){_YEAR}",
        rf"(?P<quarter>{_any(_ORDINALS)})\s+(?:quarter|trimestre){_YEAR}",
        days=_quarter,
        strong=False,
    ),
    *_rules(
        r"(\d{4})-(\d\d)",
        days=lambda m, _: _calendar_unit(date(int(m[1]), int(m[2]), 1), "month", 0),
        strong=False,
    ),
    *_rules(r"(?P<a>\d{1,2})/(?P<b>\d{1,2})(?P<c>)", days=_numeric, strong=False, cycle="year"),
    *_rules(r"(?:19|20)\d\d", days=lambda m, _: _calendar_unit(date(int(m[0]), 1, 1), "year", 0), strong=False),
    *_rules(
        rf"{_LAST}{_LONG_WEEKDAY}",
        rf"{_LONG_WEEKDAY}\s+(?P<last>pass?ad[oa])",
        rf"{_LAST}{_SHORT_WEEKDAY}{_CLAUSE_ENDS}",
        rf"{_SHORT_WEEKDAY}\s+(?P<last>pass?ad[oa])",
        days=_weekday,
        cycle="week",
    ),
    *_rules(
        rf"{_LONG_WEEKDAY}{_NOT_NEXT}",
        rf"{_SHORT_WEEKDAY}{_CLAUSE_ENDS}{_NOT_NEXT}",
        days=_weekday,
        strong=False,
        cycle="week",
    ),
    *_rules(r"(?P<day>\d{1,2})(?:st|nd|rd|th)", r"dia\s+(?P<day>\d{1,2})", days=_day_of_month, strong=False),
)
