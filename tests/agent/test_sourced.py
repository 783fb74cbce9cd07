"""Numbers a model made up are taken out; those of cited mails and tools stay."""

from __future__ import annotations

import pytest

from agent.sourced import GONE, of_tool, without_unsourced


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("They pay 92,400 EUR a year. [1]", "92.400 EUR"),
        ("Total: 178 500 [1]", "178,500 EUR over two years"),
        ("About 24 hours", "24.2 business hours"),
        ("Answered in 25 hours", "24.6 business hours"),
        ("On 21 May 2026 [1]", "21 05 2026"),
        ("1. first\n12. twelfth", ""),
        ("3 mails", ""),
        ("He wrote “we need 430 seats” [1]", ""),
        ("See [12]", ""),
        ("LU-5012 is open", "LU-5012"),
    ],
)
def test_what_has_a_source_stays(text: str, source: str) -> None:
    assert without_unsourced(text, [source]) == (text, 0)


@pytest.mark.parametrize(
    ("text", "source", "told"),
    [
        ("A discount of 35 % was agreed. [1]", "12 %", f"A discount of {GONE} % was agreed. [1]"),
        ("They pay 92,500 EUR [1]", "92,400 EUR", f"They pay {GONE} EUR [1]"),
        ("On 14 May 2026 [1]", "21 05 2026", f"On {GONE} May 2026 [1]"),
    ],
)
def test_what_has_none_goes_and_is_counted(text: str, source: str, told: str) -> None:
    assert without_unsourced(text, [source]) == (told, 1)


def test_a_mail_that_a_tool_showed_vouches_for_nothing_by_itself() -> None:
    shown = "1 of 26 mails in scope\n[m:1a2b3c4d] 2026-05-21\n<mail>\n4,711 EUR\n</mail>"
    assert "4,711" not in of_tool(shown)
    assert "26" in of_tool(shown)
