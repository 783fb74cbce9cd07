"""Numbers and dates of an answer that stand in no cited mail and that no tool computed: they are taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from crm.mails import StoredMail

GONE = "(…)"
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f ]\d{3}(?!\d))*(?:[.,]\d+)?")
_QUOTED = re.compile(r"“[^”\n]*”|«[^»\n]*»|\"[^\"\n]*\"")
_KEPT = re.compile(rf"{_QUOTED.pattern}|\[\d+\]|^\s*\d+[.)](?=\s)", re.MULTILINE)
_MAIL = re.compile(r"<mail>.*?</mail>", re.DOTALL)  # what a tool showed of a mail counts only when the mail is cited
_SMALL = 10  # a number below counts things that are there to be counted


def without_unsourced(text: str, sources: Iterable[str]) -> tuple[str, int]:
    """The text with “(…)” for each number of 10 or more that is in no source, and how many there were.

    Quotations, citation marks and the numbers of a list are left alone. 8,400, 8.400 and 8 400 are one number.
    """
    known = {form for source in sources for number in _NUMBER.findall(source) for form in _forms(number)}
    removed = 0

    def checked(found: re.Match[str]) -> str:
        nonlocal removed
        digits = re.sub(r"\D", "", found.group()).lstrip("0") or "0"
        if digits in known or int(digits) < _SMALL:
            return found.group()
        removed += 1
        return GONE

    pieces: list[str] = []
    end = 0
    for kept in _KEPT.finditer(text):
        pieces += [_NUMBER.sub(checked, text[end : kept.start()]), kept.group()]
        end = kept.end()
    pieces.append(_NUMBER.sub(checked, text[end:]))
    return "".join(pieces), removed


def of_mail(mail: StoredMail, zone: ZoneInfo) -> str:
    """What a cited mail vouches for: its words, its files, and when it was sent."""
    files = "\n".join(f"{file.name} {file.text}" for file in mail.attachments)
    return f"{mail.subject}\n{mail.new_text}\n{files}\n{of_day(mail.sent_at.astimezone(zone))}"


def of_day(instant: datetime) -> str:
    """A local instant in every number it is told by."""
    return f"{instant:%d %m %Y %y %H %M %I}"


def of_tool(content: str) -> str:
    """What a tool vouches for: its own figures, apart from the mails it showed."""
    return _MAIL.sub(" ", content)


def _forms(number: str) -> frozenset[str]:
    """The digits of a number, and those of its whole part where it may be rounded to it: 12,5 is told as 12 or 13."""
    digits = re.sub(r"\D", "", number).lstrip("0") or "0"
    decimal = re.fullmatch(r"(.*\d)[.,](\d{1,2})", number)
    if decimal is None:
        return frozenset((digits,))
    whole = re.sub(r"\D", "", decimal[1]).lstrip("0") or "0"
    return frozenset((digits, whole, str(int(whole) + 1)))
