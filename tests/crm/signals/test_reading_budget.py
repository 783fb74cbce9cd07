"""How much of one mail is read: what takes no longer than it may."""

from __future__ import annotations

import pytest

from crm.signals.reader import MOST_PIECES, affordable, worth_a_look

PLAIN = {
    "en": "The monthly report that our team downloads every Monday shows the wrong totals since the last update of yours.",
    "es": "El informe mensual que nuestro equipo descarga cada lunes muestra los totales equivocados desde la última actualización.",
    "pt": "O relatório mensal que a nossa equipa descarrega às segundas-feiras mostra os totais errados desde a última atualização.",
}
ENCODED = "aGVsbG8gd29ybGQhIFRoaXMgaXMgbm90IGEgc2VudGVuY2UsIGl0IGlzIGEgZmlsZSBpbiBkaXNndWlzZSBhbmQgdGFrZXMgdGltZS4="
DAMAGED = "âßÛØÔÐÍÉtpl/ÞæâßÛØÔÐÍÊÀmkhæãßÛØÔÑÍÊÊ™ãßÛÄÃÀ¼¹¹šßÛØÔÑÎÊÚØÕÑÎÿÉÍÐÏÎÊÅ–ƒ}zuoia€ÿvplga|wrmhba" * 2


@pytest.mark.parametrize("language", PLAIN)
def test_some_seven_hundred_characters_of_plain_text_are_affordable_in_each_language(language: str) -> None:
    read = affordable([f"{PLAIN[language]} {number}" for number in range(40)], MOST_PIECES)
    assert 4 <= len(read) <= 8


@pytest.mark.parametrize("garbage", [ENCODED, DAMAGED])
def test_what_is_no_text_costs_more_than_text(garbage: str) -> None:
    assert 1 <= len(affordable([f"{garbage}{number}" for number in range(40)], MOST_PIECES)) <= 3


def test_what_does_not_fit_is_passed_over_and_the_order_kept() -> None:
    assert affordable(["short one", ENCODED * 6, "short two"], MOST_PIECES) == ["short one", "short two"]
    assert affordable(["a", "b"], 0) == []


@pytest.mark.parametrize("language", PLAIN)
def test_the_longest_sentence_of_a_mail_can_be_read(language: str) -> None:
    longest = (PLAIN[language] * 6)[:600]
    assert affordable([longest], MOST_PIECES) == [longest]


def test_the_beginning_of_a_mail_is_looked_at() -> None:
    assert worth_a_look(str(number) for number in range(500)) == [str(number) for number in range(60)]
    assert len(worth_a_look([DAMAGED * 3] * 60)) < 10
