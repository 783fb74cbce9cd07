"""Which words of a question may be the name of somebody who is no contact."""

from __future__ import annotations

import pytest

from agent.correspondents import _names
from tests.agent.test_scope import customer

CUSTOMERS = (customer(1, "Brand7", ("Area51",), "brand7.example", {"Priya Raman": "priya@brand7.example"}),)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What did Brand7 say?", []),
        ("what did area51 say about renewal?", []),
        ("¿Qué dijo Priya sobre la factura?", []),
        ("What did James say?", [("james",)]),
        ("what did james price say", [("james", "price")]),
        ("correos de ana pagan", [("ana", "pagan")]),
        ("What was said about renewal?", []),
    ],
)
def test_names(question: str, names: list[tuple[str, ...]]) -> None:
    assert _names(question, CUSTOMERS) == names
