"""Weights, bands, flags and what moved the score."""

import pytest

from crm.health.report import Band, Dimension, Move, Part
from crm.health.score import band, cause, drop, last_five_negative, moves, score, silence, weigh
from tests.crm.health.builders import AT, days_before, touch

_TONE = Move(part="tone", points=-15.1, before=60, now=0, explanation="", mail_ids=("mail of tone",))


def _part(name: str, value: float | None, weight: float = 1.0) -> Part:
    return Part(name=name, value=value, weight=weight, explanation="", mail_ids=(f"mail of {name}",))


def _dimension(name: str, value: float | None, *parts: Part, weight: float = 0.0) -> Dimension:
    return Dimension(name=name, value=value, weight=weight, parts=parts)


@pytest.mark.parametrize(
    ("engaged", "feels", "weights", "expected"),
    [
        (80.0, 40.0, [0.75, 0.25], 70.0),  # 80 · 0.75 + 40 · 0.25 = 60 + 10
        (80.0, None, [1.0, 0.0], 80.0),  # the whole weight goes to what is known
        (None, 40.0, [0.0, 1.0], 40.0),
        (None, None, [0.0, 0.0], None),
        (71.67, 33.33, [0.75, 0.25], 62.1),  # 53.7525 + 8.3325 = 62.085
    ],
)
def test_score_is_the_weighed_sum_of_known_dimensions(
    engaged: float | None, feels: float | None, weights: list[float], expected: float | None
) -> None:
    dimensions = weigh(
        [_dimension("engagement", engaged), _dimension("sentiment", feels)], {"engagement": 75, "sentiment": 25}
    )
    assert [held.weight for held in dimensions] == weights
    assert score(dimensions) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (100.0, "healthy"), (70.0, "healthy"), (69.9, "neutral"), (50.0, "neutral"), (49.9, "at_risk"),
        (0.0, "at_risk"), (None, "unknown"),
    ],
)  # fmt: skip
def test_bands(value: float | None, expected: Band) -> None:
    assert band(value) == expected


def test_the_mover_is_weighed() -> None:
    before = [
        _dimension("engagement", 50, _part("answered", 60, 0.5), _part("last_touch", 40, 0.5), weight=0.75),
        _dimension("sentiment", 90, _part("tone", 90), weight=0.25),
    ]
    now = [
        _dimension("engagement", 40, _part("answered", 30, 0.5), _part("last_touch", 50, 0.5), weight=0.75),
        _dimension("sentiment", 50, _part("tone", 50), weight=0.25),
    ]
    # answered −30 · 0.5 · 0.75 = −11.25; tone −40 · 0.25 = −10; last_touch +10 · 0.5 · 0.75 = 3.75.
    found = moves(now, before, 60.0, language="en")
    assert [(held.part, held.points) for held in found] == [("answered", -11.25), ("tone", -10.0), ("last_touch", 3.75)]
    down, up = cause(found, -17.5), cause(found, 17.5)
    assert down and up and (down.part, up.part) == ("answered", "last_touch")
    assert found[1].explanation == "The tone of their mail: from 90 to 50 (−10 points)."


def test_a_part_that_only_loses_weight_is_not_blamed() -> None:
    before = [
        _dimension("engagement", 90, _part("answered", 100, 0.5), _part("last_touch", 80, 0.5), weight=1.0),
        _dimension("sentiment", None, _part("tone", None, 0.0), _part("critical_words", -5, 0.0)),
    ]
    now = [
        _dimension("engagement", 90, _part("answered", 100, 0.5), _part("last_touch", 80, 0.5), weight=0.75),
        _dimension("sentiment", 30, _part("tone", 40), _part("critical_words", -10), weight=0.25),
    ]
    # 90 → 90 · 0.75 + 30 · 0.25 = 75. answered 10 · (0.375 − 0.5) = −1.25, last_touch the reverse;
    # tone 0.25 · (40 − 90) = −12.5; words 0.25 · −10 = −2.5: together −15.
    found = moves(now, before, 90.0, language="en")
    assert sum(held.points for held in found) == pytest.approx(-15)
    assert [(held.part, held.points) for held in found[:2]] == [("tone", -12.5), ("critical_words", -2.5)]


@pytest.mark.parametrize(("now", "previous"), [(60.0, 75.0), (75.0, 60.0), (None, 90.0), (10.0, None)])
def test_no_drop(now: float | None, previous: float | None) -> None:
    assert drop(now, previous, [_TONE], language="en") is None


def test_a_drop_is_more_than_fifteen_points() -> None:
    flag = drop(60.0, 75.1, [_TONE], language="es")
    assert flag is not None
    assert (flag.kind, flag.mail_ids) == ("drop", ("mail of tone",))
    assert flag.explanation == "Baja 15,1 puntos en 7 días, de 75,1 a 60; sobre todo: el tono de sus correos."


def test_last_five_negative() -> None:
    mails = [touch(f"m{n}", days_before(10 - n), tone="negative") for n in range(5)]
    ours = touch("ours", days_before(1), "us", tone="positive")
    unread = touch("unread", days_before(0.5))
    flag = last_five_negative([*mails, ours, unread], customer="Acme", language="en")
    assert flag is not None and flag.mail_ids == ("m0", "m1", "m2", "m3", "m4")
    assert last_five_negative(mails[1:], customer="Acme", language="en") is None
    better = touch("better", days_before(0.1), tone="neutral")
    assert last_five_negative([*mails, better], customer="Acme", language="en") is None


def test_silence_is_the_customers() -> None:
    theirs, ours = touch("theirs", days_before(46.5)), touch("ours", days_before(2), "us")
    flag = silence([theirs, ours], None, AT, customer="Acme", language="en")
    assert flag is not None
    assert (flag.explanation, flag.mail_ids) == ("No mail from Acme for 46 days.", ("theirs",))
    assert silence([touch("t", days_before(45)), ours], None, AT, customer="Acme", language="en") is None


def test_silence_looks_before_the_window_and_at_our_first_mail() -> None:
    ours = touch("ours", days_before(50), "us")
    earlier = touch("earlier", days_before(200))
    long_ago = silence([ours], earlier, AT, customer="Acme", language="pt")
    assert long_ago is not None and long_ago.explanation == "Nenhum e-mail de Acme há 200 dias."
    never = silence([ours], None, AT, customer="Acme", language="en")
    assert never is not None and never.mail_ids == ("ours",)
    assert silence([touch("new", days_before(3), "us")], None, AT, customer="Acme", language="en") is None
    assert silence([], None, AT, customer="Acme", language="en") is None
