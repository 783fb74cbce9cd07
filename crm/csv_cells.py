"""Cells of a CSV file that a spreadsheet must not run: a formula gets an apostrophe in front, and loses it on import.

`'=1+1` is what people type into a spreadsheet for the text `=1+1`. A cell that had the apostrophe already gets another
one, so that going out and coming back is exact. https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import re

_SIGNS = "=+\\-@\t\r\n＝＋－＠"
_BLANK = " \N{ZERO WIDTH SPACE}\N{NO-BREAK SPACE}"  # some spreadsheets look behind these
_RUNS = re.compile(f"'*[{_BLANK}]*[{_SIGNS}]")
_NEUTRAL = re.compile(f"'+[{_BLANK}]*[{_SIGNS}]")


def neutral(text: str) -> str:
    """The text as a cell that is only text."""
    return f"'{text}" if _RUNS.match(text) else text


def taken_back(cell: str) -> str:
    """The text that `neutral` was given."""
    return cell[1:] if isinstance(cell, str) and _NEUTRAL.match(cell) else cell
