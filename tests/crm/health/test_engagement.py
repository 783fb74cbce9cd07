"""The engagement dimension, with the arithmetic written out."""

from collections.abc import Sequence

import pytest

from crm.customers import Contact
from crm.health.engagement import engagement
from crm.health.report import Dimension, Part
from crm.health.touches import Touch, in_order
from crm.health.wording import Language
from tests.crm.health.builders import AT, MARIA, UTC_DAYS, days_before, touch, utc


def _measure(touches: Sequence[Touch], champion: Contact | None = MARIA, language: Language = "en") -> Dimension:
    return engagement(in_order(touches), AT, UTC_DAYS, customer="Acme", champion=champion, language=language)


def _part(dimension: Dimension, name: str) -> Part:
    return next(part for part in dimension.parts if part.name == name)


def test_four_parts_are_averaged() -> None:
    dimension = _measure(
        [
            touch("q1", utc("06-08 09:00"), "us", thread="1"),
            touch("a1", utc("06-08 11:00"), thread="1"),
            touch("q2", utc("06-09 09:00"), "us", thread="2"),
            touch("a2", utc("06-09 15:00"), thread="2"),
            touch("q3", utc("05-25 09:00"), "us", thread="3"),
        ]
    )
    # frequency: 2 from them, 3 from us in 30 days; the quieter side wrote 2 → 60.
    # answered: q3 has waited over 48 business hours (15 working days), so 2 of 3 → 66.67.
    # reply_time: Maria took 2 h and 6 h, median 4 h, not under 4 → 80.
    # last_touch: a2, 5 days and 21 h ago → under 7 days, 80.
    values = {part.name: part.value for part in dimension.parts}
    assert values == {"frequency": 60, "answered": pytest.approx(200 / 3), "reply_time": 80, "last_touch": 80}
    assert dimension.value == pytest.approx((60 + 200 / 3 + 80 + 80) / 4)
    assert _part(dimension, "answered").mail_ids == ("q3", "q1", "q2")
    assert _part(dimension, "reply_time").mail_ids == ("a1", "a2")
    assert [part.explanation for part in dimension.parts] == [
        "Mails in the last 30 days: 2 from Acme, 3 from us.",
        "Times we wrote and Acme answered: 2 of 3.",
        "Maria, the champion, answers in 4 business hours (median; answers timed: 2).",
        "Last mail, in either direction: 5 days ago.",
    ]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [("09:01", 100), ("12:59", 100), ("13:00", 80)],
)
def test_reply_ladder_within_a_day(hours: str, expected: float) -> None:
    mails = [touch("q", utc("06-12 09:00"), "us"), touch("a", utc(f"06-12 {hours}")), touch("z", AT, "us")]
    assert _part(_measure(mails), "reply_time").value == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    # From Monday 1 June 9:00: 12 h is Tuesday 12:00, 24 h Wednesday 15:00, 48 h Monday 8 June 12:00.
    [("06-02 11:59", 80), ("06-02 12:00", 60), ("06-03 15:00", 40), ("06-08 11:59", 40), ("06-08 12:00", 20)],
)
def test_reply_ladder_over_days(answer: str, expected: float) -> None:
    mails = [touch("q", utc("06-01 09:00"), "us"), touch("a", utc(answer)), touch("z", AT, "us")]
    assert _part(_measure(mails), "reply_time").value == expected


@pytest.mark.parametrize(
    ("days", "expected"), [(0.5, 100), (2.9, 100), (3, 80), (7, 60), (14, 40), (29.9, 40), (30, 20), (89, 20)]
)
def test_last_touch_ladder(days: float, expected: float) -> None:
    mails = [touch(f"m{n}", days_before(days + n / 100)) for n in range(3)]
    assert _part(_measure(mails), "last_touch").value == expected


@pytest.mark.parametrize(("pairs", "expected"), [(0, 20), (1, 40), (2, 60), (3, 60), (4, 80), (7, 80), (8, 100)])
def test_frequency_counts_the_quieter_side(pairs: int, expected: float) -> None:
    ours = [touch(f"o{n}", days_before(1 + n), "us", thread=f"o{n}") for n in range(9)]
    theirs = [touch(f"t{n}", days_before(1 + n), thread=f"t{n}") for n in range(pairs)]
    old = [touch("old", days_before(31))]  # outside the 30 days
    assert _part(_measure([*ours, *theirs, *old]), "frequency").value == expected


def test_a_recent_question_is_not_held_against_the_customer() -> None:
    mails = [touch(f"q{n}", days_before(n), "us", thread=str(n)) for n in (1, 2, 3)]
    dimension = _measure(mails)
    # Nothing is due and nothing was answered: the mean is over frequency (20) and last touch (100).
    assert _part(dimension, "answered").value is None
    assert _part(dimension, "reply_time").value is None
    assert dimension.value == 60


def test_the_champions_time_is_used_when_there_is_one() -> None:
    mails = [
        touch("q1", utc("06-08 09:00"), "us", thread="1"),
        touch("a1", utc("06-08 10:00"), thread="1", sender="joe@acme.example"),
        touch("q2", utc("06-08 09:00"), "us", thread="2"),
        touch("a2", utc("06-09 14:00"), thread="2"),
    ]
    # Maria took 9 + 5 = 14 h → 60; everybody's median is (1 + 14) / 2 = 7.5 h → 80.
    assert _part(_measure(mails), "reply_time").value == 60
    everybody = _part(_measure(mails, champion=None, language="pt"), "reply_time")
    assert everybody.value == 80
    assert everybody.explanation == "Acme responde em 7,5 horas úteis (mediana; respostas medidas: 2)."


def test_thin_mail_says_so() -> None:
    empty = _measure([], language="es")
    assert empty.value is None
    assert empty.parts[0].explanation == "No hay correos con Acme en los últimos 90 días."
    thin = _measure([touch("a", days_before(1)), touch("b", days_before(2))])
    assert thin.value is None
    assert thin.parts[0].mail_ids == ("b", "a")
    assert thin.parts[0].explanation.endswith("2 of at least 3.")
