"""The map of questions: what it learns, and that its data is what the script reads."""

from __future__ import annotations

import numpy as np
import pytest

from crm.index import train_questions
from crm.index.joint import question_map
from crm.index.train_questions import LANGUAGES, QUESTIONS, Pairs, cut, fit, recall

DIMENSIONS = 12


@pytest.fixture
def turned() -> Pairs:
    """Questions that say the same as their mail in another basis, which the likeness alone can't know."""
    rng = np.random.default_rng(3)
    mails = rng.standard_normal((60, DIMENSIONS)).astype(np.float32)
    mails /= np.linalg.norm(mails, axis=1, keepdims=True)
    basis, _ = np.linalg.qr(rng.standard_normal((DIMENSIONS, DIMENSIONS)))
    return Pairs(
        mails=mails,
        questions=(mails @ basis).astype(np.float32),
        gold=np.arange(60),
        same=np.arange(60) % 2 == 0,
    )


def test_it_learns_from_some_mails_what_finds_others(turned: Pairs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_questions, "_RATE", 0.1)  # twelve numbers have further to go than nine hundred
    others = np.arange(60) % 3 == 0
    held, learnt = turned.of(others), fit(turned.of(~others))
    nothing = np.zeros((DIMENSIONS, 0), dtype=np.float32)
    before, after = (float(recall(held, *maps).split()[0]) for maps in ((nothing, nothing.T), cut(learnt)))
    assert after > before + 0.1


def test_a_part_of_the_mails_keeps_each_question_with_its_own(turned: Pairs) -> None:
    chosen = np.arange(60) >= 50
    part = turned.of(chosen)
    assert len(part.mails) == len(part.questions) == 10
    assert part.mails[part.gold] == pytest.approx(turned.mails[50:])


def test_what_ships_fits_the_encoder() -> None:
    down, up = question_map("use-multilingual-v3-e5-0.7")
    assert down.shape == up.T.shape == (512 + 384, 128)
    assert np.isfinite(down).all()
    assert np.isfinite(up).all()


def test_it_is_for_no_other_vector_space() -> None:
    with pytest.raises(ValueError, match="learnt on"):
        question_map("use-multilingual-v3-e5-0.5")


def test_every_mail_has_two_questions_in_each_language() -> None:
    lines = [line.split("\t") for line in QUESTIONS.read_text("utf-8").splitlines()]
    assert len(lines) > 1000
    assert {line[0] for line in lines} == set(LANGUAGES)
    assert {len(line) for line in lines} == {3 + 2 * len(LANGUAGES)}
    assert all(part.strip() for line in lines for part in line)
    assert len({line[2] for line in lines}) == len(lines)
