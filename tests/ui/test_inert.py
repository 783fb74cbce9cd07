"""Text of strangers stays text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import inert

_TRICKS = (
    "![x](http://evil.test/a.png)",
    "[click](javascript:alert(1))",
    "https://evil.test/login",
    "www.evil.test",
    "<img src=x onerror=alert(1)>",
    ":red[now] $x^2$ **bold** `code`",
)


@pytest.mark.parametrize("text", _TRICKS)
def test_html_has_no_markup_left(text: str) -> None:
    assert "<" not in inert.html(text) and '"' not in inert.html(text)


@pytest.mark.parametrize("text", _TRICKS)
def test_label_escapes_every_mark_and_breaks_bare_links(text: str) -> None:
    shown = inert.label(text)
    assert "://" not in shown.replace("\\", "") and "www." not in shown.replace("\\", "")
    for place, char in enumerate(shown):
        if char in "![]()<>*`$:":
            assert shown[place - 1] == "\\"


@given(st.text())
def test_label_is_one_line_that_reads_like_the_text(text: str) -> None:
    shown = inert.label(text)
    assert "\n" not in shown
    read = "".join(char for place, char in enumerate(shown) if char != "\u2060" and not _escapes(shown, place))
    assert read == " ".join(text.replace("\u2060", "").split())


def _escapes(shown: str, place: int) -> bool:
    """Whether the backslash at this place only escapes what follows."""
    before = len(shown[:place]) - len(shown[:place].rstrip("\\"))
    return shown[place] == "\\" and before % 2 == 0


def test_an_address_in_a_label_is_no_mail_link() -> None:
    assert "maria@globex" not in inert.label("maria@globex.test").replace("\\", "")


def test_quote_is_marked_across_line_breaks_and_case() -> None:
    assert inert.marked("We WANT to\nrenew <now>.", "want to renew") == ("We <mark>WANT to\nrenew</mark> &lt;now&gt;.")


def test_a_quote_that_is_not_there_marks_nothing() -> None:
    assert inert.marked("a < b", "c") == "a &lt; b"
    assert inert.marked("text", "") == "text"
