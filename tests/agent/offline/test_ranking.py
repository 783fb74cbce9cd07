"""What is known of a sentence and its mail, and which answer comes first by it."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from agent.offline.extract import Extract
from agent.offline.ranking import FEATURES, WEIGHTS, Asked, features, ranked, weights
from tests.agent.offline.test_extract import mail

ASKED = Asked()


def said(number: int, quote: str, likeness: float, *, thread: str = "", place: int = 0) -> Extract:
    letter = mail(number, quote)
    letter = replace(letter, sent_at=letter.sent_at + timedelta(days=number), gmail_thread_id=thread or str(number))
    return Extract(mail=letter, quote=quote, score=likeness, cosine=likeness, whole=likeness, place=place)


def known(asked: Asked, *read: Extract) -> list[dict[str, float]]:
    return [dict(zip(FEATURES, row.tolist(), strict=True)) for row in features(asked, read)]


def test_a_sentence_is_known_with_its_neighbours_its_mail_and_its_conversation() -> None:
    asked = said(1, "Could we have a discount of 12 %?", 0.6, thread="offer")
    beside = said(1, "Daniel wants one.", 0.2, thread="offer", place=1)
    reply = said(2, "Approved.", 0.1, thread="offer")
    elsewhere = said(3, "The training went well.", 0.3)
    first, second, answer, other = known(ASKED, asked, beside, reply, elsewhere)
    assert (second["beside"], second["mail"]) == pytest.approx((0.6, 0.6))
    assert (first["beside"], first["conversation"]) == pytest.approx((0.2, 0.1))
    assert (answer["conversation"], answer["later_in_it"]) == pytest.approx((0.6, 1))
    assert (other["conversation"], other["later_in_it"]) == (0, 0)
    assert (first["asks"], answer["asks"]) == (1, 0)
    assert [first["newer"], answer["newer"], other["newer"]] == pytest.approx([0, 0.5, 1])


def test_what_is_asked_tells_what_counts() -> None:
    one, next_one, theirs = said(1, "One.", 0.1, thread="a"), said(2, "Two.", 0.1, thread="a"), said(3, "Three.", 0.1)
    plain = known(ASKED, one, next_one, theirs)
    assert not any(
        row[name] for row in plain for name in ("newer_state", "newer_story", "theirs", "told_before", "next_after")
    )
    asked = Asked(people={"maria@globex.example"}, told={"mail1"}, state=True, again=True, reaction=True)
    first, second, third = known(asked, one, next_one, theirs)
    assert (first["told_before"], first["told_again"], first["next_after"]) == (1, 1, 0)
    assert (second["told_before"], second["next_after"], third["next_after"]) == (0, 1, 0)
    assert (third["newer_state"], third["theirs"], third["their_reaction"]) == (1, 1, 1)


def test_a_question_is_no_answer_unless_one_is_asked_for() -> None:
    question, statement = (
        said(1, "Could we pay in three instalments?", 0.35),
        said(1, "We pay in three instalments.", 0.3, place=1),
    )

    def first(asked: Asked) -> str:
        (found,) = ranked(asked, {"mail1": [question, statement]}).values()
        return max(found, key=lambda held: held.rank).quote

    assert first(ASKED) == statement.quote and first(Asked(asked=True)) == question.quote


def test_ranks_are_logarithms_of_shares_of_one() -> None:
    read = {"mail1": [said(1, "They ask for a discount.", 0.9)], "mail2": [said(2, "We met in Porto.", 0.1)]}
    found = ranked(ASKED, read)
    ranks = [extract.rank for extracts in found.values() for extract in extracts]
    assert sum(map(math.exp, ranks)) == pytest.approx(1) and ranks[0] > ranks[1]
    assert ranked(ASKED, {}) == {}


def test_every_feature_has_a_weight_and_nothing_else_has() -> None:
    assert [line.split("\t")[0] for line in WEIGHTS.read_text("utf-8").splitlines()] == list(FEATURES)
    assert np.isfinite(weights()).all()
    held = dict(zip(FEATURES, weights().tolist(), strict=True))
    assert held["meaning"] > 0 and held["conversation"] > 0 and held["newer_state"] > 0 and held["asks"] < 0
