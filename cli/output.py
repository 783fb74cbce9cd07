"""Printing: JSON for scripts, plain tables for people."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """Control and direction characters shown, not obeyed: a mail must not move the cursor of who reviews it."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", text)


class _SafeConsole(Console):
    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*(visible(held) if isinstance(held, str) else held for held in objects), **options)


console = _SafeConsole(highlight=False, markup=False, emoji=False, soft_wrap=True)
progress_console = Console(stderr=True, highlight=False, markup=False)


def print_json(data: Any) -> None:
    """One JSON document on standard output, UTF-8, readable."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")


def print_line(data: Any) -> None:
    """One JSON object on one line."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, default=str) + "\n")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(Text("" if cell is None else visible(str(cell))) for cell in row))
    console.print(table)
