"""Alerts explain themselves in three languages, with their numbers."""

from __future__ import annotations

from typing import Any

import pytest

from crm.alerts import wording
from crm.alerts.rules import KINDS
from crm.health.wording import Language

FACTS: dict[str, dict[str, Any]] = {
    "drop": {"points": 21.5, "before": 80.0, "now": 58.5, "limit": 15.0, "part": "tone"},
    "threshold": {"now": 44.0, "limit": 50.0, "part": ""},
    "negative": {"mails": 5},
    "silence": {"days": 46, "limit": 45, "since": "2026-01-01T00:00:00+00:00"},
    "keyword": {"conditional": False},
    "unanswered": {"hours": 8.5, "limit": 8.0, "since": "2026-01-01T00:00:00+00:00"},
}


@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_in_every_language(kind: str, language: Language) -> None:
    text = wording.explain(kind, "Acme", "critical_bug", FACTS[kind], language)  # type: ignore[arg-type]
    assert "Acme" in text and "{" not in text and text.endswith(".")
    assert wording.title(kind, language)  # type: ignore[arg-type]


def test_the_numbers() -> None:
    assert wording.explain("drop", "Acme", "", FACTS["drop"], "en") == (
        "The health of Acme fell 21.5 points in 7 days, from 80 to 58.5 (limit: 15). "
        "What moved it most: the tone of their mail."
    )
    assert wording.explain("drop", "Acme", "", FACTS["drop"], "pt").startswith("A saúde de Acme desceu 21,5 pontos")
    assert wording.explain("unanswered", "Acme", "", FACTS["unanswered"], "es") == (
        "Acme pidió algo y espera nuestra respuesta desde hace 8,5 horas laborables (límite: 8)."
    )
    assert wording.explain("keyword", "{x}", "competitor:{y}", {"conditional": True}, "en") == (
        "A critical word in a mail from {x}: {y}. It depends on a condition: what could happen, not what is decided."
    )
