"""What the weights of the ranking learn from, and how they are judged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agent.offline.ranking import FEATURES
from evals.answers.train_ranking import QUESTIONS, Turn, _same, fit, judged, told
from evals.scenario import gold_mails

MEANING, NEWER = FEATURES.index("meaning"), FEATURES.index("newer")


def turn(number: int, *, gold: str = "b") -> Turn:
    """Three mails, of which the one to cite means more; how new it is differs."""
    rows = np.zeros((3, len(FEATURES)), dtype=np.float32)
    rows[:, MEANING] = (0.1, 0.5, 0.2)
    rows[:, NEWER] = np.roll((0, 0.5, 1), number)
    return Turn(
        author="ab"[number % 2], rows=rows, mails=np.array(["a", "b", "c"]), answers=np.array([False, True, False]),
        exact=True, gold=frozenset({gold}),
    )  # fmt: skip


def test_what_tells_the_answer_weighs_more_than_what_does_not() -> None:
    weights = fit([turn(number) for number in range(6)])
    assert weights[MEANING] > 1 and abs(weights[NEWER]) < 0.1 * weights[MEANING]
    assert not weights[[place for place in range(len(FEATURES)) if place not in (MEANING, NEWER)]].any()


def test_a_ranking_is_judged_by_the_places_of_the_mails_to_cite() -> None:
    weights = np.zeros(len(FEATURES), dtype=np.float32)
    weights[MEANING] = 10
    right = judged(turn(0), weights)
    assert (right.first, right.among_six, right.among_shown, right.sentence) == (0, True, True, True)
    late = judged(replace(turn(0), gold=frozenset({"a"})), weights)
    assert (late.first, late.shown, late.among_shown) == (2, 1, False)
    missing = judged(replace(turn(0), gold=frozenset({"b", "never read"})), weights)
    assert missing.first == 0 and not missing.among_six
    assert told([right, late]).startswith("2 questions: mean reciprocal rank 0.667, first 0.500")


@pytest.mark.parametrize(
    ("quote", "sentence", "same"),
    [
        ("We sign.", "On it. We sign. Soon.", True),
        ("We sign. Soon.", "We sign.", True),
        ("We sign.", "", False),
        ("We sign.", "We go.", False),
    ],
)
def test_a_sentence_is_the_one_that_was_named(quote: str, sentence: str, same: bool) -> None:
    assert _same(quote, sentence) is same


def test_every_mail_to_cite_is_one_of_the_scenario() -> None:
    lines = [line.split("\t") for line in QUESTIONS.read_text("utf-8").splitlines()]
    assert {len(line) for line in lines} == {5}
    assert {key for line in lines for key in line[3].split()} <= gold_mails().keys()
