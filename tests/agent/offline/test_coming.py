"""Periods ahead, in three languages."""

from __future__ import annotations

from datetime import date

import pytest

from agent.offline.coming import coming, months_on

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("Who renews next month?", date(2026, 12, 1), date(2027, 1, 1)),
        ("renewals in the next 90 days", TODAY, date(2027, 2, 24)),
        ("Which customers renew next quarter?", date(2027, 1, 1), date(2027, 4, 1)),
        ("renewals within 2 weeks", TODAY, date(2026, 12, 10)),
        ("¿Quién renueva el mes que viene?", date(2026, 12, 1), date(2027, 1, 1)),
        ("Renovaciones de los próximos 3 meses", TODAY, date(2027, 2, 26)),
        ("Quais clientes renovam no próximo ano?", date(2027, 1, 1), date(2028, 1, 1)),
        ("Quem renova na semana que vem?", date(2026, 11, 30), date(2026, 12, 7)),
    ],
)
def test_a_period_ahead(question: str, since: date, until: date) -> None:
    span = coming(question, TODAY)
    assert span is not None
    assert (span.since, span.until) == (since, until)
    assert span.holds(since) and not span.holds(until)


@pytest.mark.parametrize(
    ("question", "until"),
    [
        ("¿Qué renovaciones tengo de aquí a finales de julio?", date(2027, 8, 1)),
        ("Which customers renew before 15 January?", date(2027, 1, 15)),
        ("Who renews before March?", date(2027, 3, 1)),
        ("renewals from now until the end of March", date(2027, 4, 1)),
        ("Renovaciones hasta el 31 de diciembre", date(2027, 1, 1)),
        ("Quais contratos renovam até ao fim de junho?", date(2027, 7, 1)),
        ("Quem renova até 10 de dezembro?", date(2026, 12, 11)),
        ("Who renews before March 2028?", date(2028, 3, 1)),
        ("Renovaciones hasta diciembre de 2027", date(2028, 1, 1)),
        ("Which customers renew before December 15th?", date(2026, 12, 15)),
        ("Which customers renew until December 15, 2026?", date(2026, 12, 16)),
    ],
)
def test_from_today_until_a_month_or_a_day_of_it(question: str, until: date) -> None:
    span = coming(question, TODAY)
    assert span is not None and (span.since, span.until) == (TODAY, until)


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("¿Quién renueva el próximo mes?", "próximo mes"),
        ("Renovaciones de los Próximos 3 meses", "próximos 3 meses"),
        ("Quais clientes renovam no próximo mês?", "próximo mês"),
        ("Who renews next month?", "next month"),
    ],
)
def test_the_period_is_told_as_it_was_asked_for(question: str, label: str) -> None:
    span = coming(question, TODAY)
    assert span is not None and span.label == label


@pytest.mark.parametrize(
    "question",
    [
        "Who renews in January?",
        "Who renews until 0 March?",
        "Who renews until 32 March?",
        "last month",
        "el mes pasado",
        "no mês passado",
    ],
)
def test_no_period_ahead(question: str) -> None:
    assert coming(question, TODAY) is None


def test_months_end_where_the_month_ends() -> None:
    assert months_on(date(2026, 11, 30), 3) == date(2027, 2, 28)
