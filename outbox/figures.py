"""Figures and identifiers of a text in one form, however they are written: amounts, percentages, numbers of things, addresses."""

from __future__ import annotations

import re

from crm.folding import fold

# Each run is entered once and looked ahead in for so far only: a hostile mail must not take minutes.
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_WHEN = re.compile(r"\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{1,2}[/.]\d{1,2}[/.](?:\d{4}|\d{2})\b|\b\d{1,2}:\d{2}(?::\d{2})?\b")
_PHONE = re.compile(r"(?<![\w+])\+?\d{1,4}(?:[ .-]\d{2,4}){2,}(?!\w)")
_THING = re.compile(r"(?<!\w)(?=[\w/-]{0,80}\d\d)(?=[\w/-]{0,80}[a-z])\w+(?:[-/]\w+)*(?!\w)")
_MEASURE = re.compile(r"\d+[a-z]{1,5}")  # 42k, 30min, 2nd: a number with its unit is no identifier
_NUMBER = re.compile(
    r"(?P<before>[$€£]|r\$|us\$|\b(?:eur|usd|gbp|brl|mxn) ?)? ?"
    r"(?<![\d.,])(?P<number>\d{1,3}(?:[.,'  ]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)(?![\d])"
    r" ?(?P<after>%|k\b|m\b|mil\b|millones\b|milhoes\b|million\b|thousand\b)?"
    r" ?(?P<money>[$€£]|(?:eur|euros?|usd|dollars?|dolares|gbp|brl|reais|mxn|pesos)\b)?"
)
_TIMES = {
    "k": 1_000, "mil": 1_000, "thousand": 1_000, "m": 1_000_000, "millones": 1_000_000, "milhoes": 1_000_000,
    "million": 1_000_000,
}  # fmt: skip
_SMALLEST = 1_000  # a bare number below it is everywhere
_YEARS = range(1900, 2100)


def figures(text: str) -> dict[str, str]:
    """Each figure that can tell something by itself, in its one form, with how it is written here.

    Dates, times, years and small bare numbers are left out: two mails share them by chance.
    """
    found: dict[str, str] = {}
    rest = fold(text.replace("\u00a0", " ").replace("\u202f", " "))
    for pattern, form in ((_ADDRESS, str), (_WHEN, None), (_PHONE, _digits), (_THING, _identifier)):
        for match in pattern.finditer(rest):
            if form is not None and (key := form(match.group())):
                found.setdefault(key, match.group())
        rest = pattern.sub(lambda match: match.group() if _is_measure(match.group()) else " ", rest)
    for match in _NUMBER.finditer(rest):
        if key := _amount(match):
            found.setdefault(key, match.group().strip())
    return found


def _digits(written: str) -> str:
    digits = re.sub(r"\D", "", written)
    return digits if len(digits) >= 7 else ""


def _identifier(written: str) -> str:
    bare = re.sub(r"[^\w]|_", "", written)
    return "" if len(bare) < 5 or _is_measure(written) else bare


def _is_measure(written: str) -> bool:
    return _MEASURE.fullmatch(written) is not None


def _amount(match: re.Match[str]) -> str:
    value = _value(match["number"]) * _TIMES.get(match["after"] or "", 1)
    told = f"{value:.2f}".removesuffix(".00")
    if match["after"] == "%":
        return "" if value in (0, 100) else f"{told}%"
    if match["before"] or match["money"] or match["after"]:
        return told if value >= _SMALLEST else f"{told}$"
    return told if value >= _SMALLEST and not (len(match["number"]) == 4 and value in _YEARS) else ""


def _value(number: str) -> float:
    """`42.000,00`, `42,000.00`, `42 000` and `42000` are one; three digits after a separator are thousands."""
    decimals = re.search(r"[.,](\d{1,2})$", number)
    whole = number[: decimals.start()] if decimals else number
    return float(re.sub(r"\D", "", whole) + (f".{decimals[1]}" if decimals else ""))
