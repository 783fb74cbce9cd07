"""The sentiment dimension, with the arithmetic written out."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.health.report import Dimension
from crm.health.sentiment import sentiment
from crm.health.touches import Touch, in_order
from tests.crm.health.builders import AT, days_before, touch


def _measure(touches: Sequence[Touch]) -> Dimension:
    return sentiment(in_order(touches), AT, customer="Acme", language="en")


def _toned(*tones: str, age: float = 0.0) -> list[Touch]:
    return [touch(f"m{n}", days_before(age), tone=tone) for n, tone in enumerate(tones)]


@pytest.mark.parametrize(
    ("tones", "expected"),
    [
        (["positive"] * 3, 100),  # 50 + 50 · 3/3
        (["neutral"] * 3, 50),  # 50 + 50 · 0/3
        (["negative"] * 3, 0),  # 50 − 50 · 3/3
        (["positive", "positive", "neutral", "negative"], 62.5),  # 50 + 50 · (2 − 1)/4
    ],
)
def test_tones_of_one_age_and_confidence(tones: list[str], expected: float) -> None:
    assert _measure(_toned(*tones)).value == pytest.approx(expected)


def test_old_and_unsure_tones_weigh_less() -> None:
    mails = [
        touch("new", days_before(0), tone="negative", confidence=0.8),  # w = 0.8
        touch("month", days_before(30), tone="positive", confidence=1.0),  # w = 1 · 0.5 = 0.5
        touch("two", days_before(60), tone="positive", confidence=0.8),  # w = 0.8 · 0.25 = 0.2
    ]
    # 50 + 50 · (0.5 + 0.2 − 0.8) / (0.8 + 0.5 + 0.2) = 50 − 5 / 1.5
    assert _measure(mails).value == pytest.approx(50 - 5 / 1.5)


def test_a_critical_word_counts_once_at_its_latest_mention() -> None:
    mails = [
        touch("a", days_before(60), tone="positive", terms=("cancel",)),
        touch("b", days_before(30), tone="positive", terms=("cancel", "competitor:Rival")),
        touch("c", days_before(0), tone="positive", terms=("problem",)),
    ]
    dimension = _measure(mails)
    # Tone 100. cancel: 20 · 0.5 (30 days) = 10, not again for mail a; the competitor 10 · 0.5 = 5; problem 5.
    assert dimension.value == pytest.approx(100 - 10 - 5 - 5)
    words = dimension.parts[1]
    assert words.value == pytest.approx(-20)
    assert words.mail_ids == ("a", "b", "c")
    assert words.explanation == (
        "Critical words from Acme: problem (less than a day ago), Rival (30 days ago), cancel (30 days ago)."
    )


def test_words_never_take_off_more_than_the_tone_gives() -> None:
    mails = [touch(f"m{n}", days_before(0), tone="negative", terms=("cancel",)) for n in range(3)]
    dimension = _measure(mails)
    assert dimension.value == 0
    assert sum((part.value or 0.0) * part.weight for part in dimension.parts) == 0


def test_our_own_mail_says_nothing_of_the_customer() -> None:
    ours = [touch(f"o{n}", days_before(1), "us", tone="negative", terms=("cancel",)) for n in range(5)]
    dimension = _measure([*_toned("positive", "positive", "positive"), *ours])
    assert dimension.value == 100
    assert dimension.parts[1].explanation == "No critical words from Acme."


@pytest.mark.parametrize(
    "mails",
    [
        [],
        _toned("negative", "negative"),
        _toned("negative", "negative", ""),  # one tone could not be read
        [touch(f"m{n}", days_before(1), tone="neutral", confidence=0.0) for n in range(3)],
    ],
)
def test_fewer_than_three_tones_are_no_sentiment(mails: list[Touch]) -> None:
    dimension = _measure(mails)
    assert dimension.value is None
    assert "of at least 3" in dimension.parts[0].explanation


TERMS = st.lists(st.sampled_from(["cancel", "terminate", "problem", "critical_bug", "competitor:x"]), max_size=2)
INBOUND = st.builds(
    touch,
    st.text("abcdef", min_size=1, max_size=5),
    st.floats(0, 90).map(days_before),
    tone=st.sampled_from(["positive", "neutral", "negative"]),
    confidence=st.floats(0.05, 1.0),
    terms=TERMS.map(tuple),
)
MAILS = st.lists(INBOUND, min_size=3, max_size=20, unique_by=lambda held: held.id)


@given(mails=MAILS, age=st.floats(0, 90), confidence=st.floats(0.05, 1.0), terms=TERMS)
def test_a_negative_mail_never_raises_sentiment(
    mails: list[Touch], age: float, confidence: float, terms: list[str]
) -> None:
    bad = touch("zz", days_before(age), tone="negative", confidence=confidence, terms=tuple(terms))
    before, after = _measure(mails).value, _measure([*mails, bad]).value
    assert before is not None and after is not None
    assert after <= before + 1e-9


@given(mails=MAILS, data=st.data())
def test_it_stays_in_bounds_adds_up_and_ignores_the_order_of_arrival(mails: list[Touch], data: st.DataObject) -> None:
    dimension = _measure(mails)
    assert dimension.value is not None and -1e-9 <= dimension.value <= 100 + 1e-9
    assert dimension.value == pytest.approx(sum((part.value or 0.0) * part.weight for part in dimension.parts))
    assert _measure(data.draw(st.permutations(mails))) == dimension


def test_a_critical_word_is_told_even_when_the_tone_is_not_known() -> None:
    dimension = _measure([touch("only", days_before(2), tone="negative", terms=("terminate",))])
    assert dimension.value is None
    assert dimension.parts[1].explanation == "Critical words from Acme: terminate (2 days ago)."
    assert (dimension.parts[1].weight, dimension.parts[1].mail_ids) == (0.0, ("only",))
