"""How an answer becomes HTML, and what is said about where it looked."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from ui.components.answer import prose, scope_line

MADRID = ZoneInfo("Europe/Madrid")


def test_prose_makes_paragraphs_bullets_and_markers() -> None:
    shown = prose("Two things:\n- renewal [1]\n- price [2][3]\n\nThat is all.")
    assert shown.count("<li>") == 2 and shown.count("<p>") == 2
    assert '<span class="lu-cite">3</span>' in shown


def test_prose_never_lets_markup_or_images_through() -> None:
    shown = prose("<script>alert(1)</script> ![x](http://evil.test/x.png) [1]")
    assert "<script" not in shown and "<img" not in shown and "&lt;script&gt;" in shown


def test_scope_line_names_customers_people_period_and_count() -> None:
    scope: dict[str, Any] = {
        "customers": ["Globex"],
        "people": [{"name": "Maria Silva", "email": "maria@globex.test", "customer": "Globex"}],
        "since": "2025-03-19T23:00:00+00:00",
        "until": "2025-03-31T22:00:00+00:00",
        "searched": 12,
    }
    assert scope_line(scope, MADRID) == "12 mails searched · Globex · Maria Silva · 20 Mar 2025 – 31 Mar 2025"


def test_scope_line_says_when_everything_was_searched() -> None:
    scope: dict[str, Any] = {"customers": [], "people": [], "since": None, "until": None, "searched": 1}
    assert scope_line(scope, MADRID) == "1 mail searched · all customers"
