"""The suite of retrieval: its corpus is sound, and its figures are what they say."""

from __future__ import annotations

from collections import Counter

import pytest

from evals.retrieval.shelf import filled
from evals.retrieval.story import Story, corpus, customers, queries, stories
from evals.retrieval.task import figures, rank
from tests.house import HashingEmbedder


def test_the_corpus_has_its_size_and_every_question_one_mail() -> None:
    mails, asked = {mail.id: mail for mail in corpus()}, queries()
    assert len(mails) == len(corpus()) >= 240
    assert len({query.id for query in asked}) == len(asked) >= 300
    assert sum(query.kind == "identifier" for query in asked) >= 50
    assert Counter(query.split for query in asked)["test"] >= 200
    assert {query.gold for query in asked} <= set(mails)
    assert {mail.language for mail in mails.values()} == {"en", "es", "pt"}
    assert len({(mail.subject, mail.body) for mail in mails.values()}) == len(mails)


def test_a_question_narrowed_to_a_customer_leaves_more_than_the_answer() -> None:
    held = Counter(mail.customer for mail in corpus())
    assert set(held) == set(customers())
    for query in queries():
        assert (query.customer != "") is query.kind.endswith("narrowed")
        if query.customer:
            assert held[query.customer] > 10


def test_questions_of_one_kind_are_written_in_the_language_they_say() -> None:
    for story in stories():
        for query in queries():
            if query.gold == story.id and query.kind != "identifier":
                assert query.kind.startswith("same" if query.language == story.mail[:2] else "cross")


def test_every_question_in_words_is_asked_of_everything_and_of_the_customer() -> None:
    for kind in ("same", "cross"):
        asked = {(query.gold, query.text) for query in queries() if query.kind == kind}
        narrowed = {(query.gold, query.text) for query in queries() if query.kind == f"{kind}, narrowed"}
        assert asked and asked <= narrowed


def test_a_story_that_is_not_written_as_told_is_refused() -> None:
    sound = stories()[0].model_dump()
    with pytest.raises(ValueError, match="not language"):
        Story.model_validate(sound | {"mail": "fr | Bonjour | Texte"})
    with pytest.raises(ValueError, match="not language"):
        Story.model_validate(sound | {"near": ("en | No text",) * 4})


def test_figures_count_places() -> None:
    assert rank(["a", "b"], "b") == 2
    assert rank([*"abcdefghijk"], "k") == 0
    found = figures([1, 2, 6, 0])
    assert (found.count, found.first, found.five) == (4, 0.25, 0.5)
    assert found.reciprocal == pytest.approx((1 + 1 / 2 + 1 / 6) / 4)


def test_every_engine_answers_inside_the_customer_and_identifiers_come_first() -> None:
    with filled(HashingEmbedder()) as shelf:
        narrowed = next(query for query in queries() if query.customer)
        for found in shelf.answers(narrowed).values():
            assert {shelf.mails[mail_id].customer for mail_id in found} == {narrowed.customer}
        ticket = next(query for query in queries() if query.text == "LU-48213")
        assert shelf.ours(ticket)[0] == ticket.gold
