"""Critical words: precision and recall over (sentence, term, mark) on sentences the lists were not tuned on."""

from __future__ import annotations

from collections.abc import Sequence

from crm.index.embedder import universal_sentence_encoder
from crm.signals.keywords import KeywordHit
from crm.signals.reader import SentenceReader
from crm.signals.weighing import KeywordReader
from evals.understanding.case import Sentence, sentences
from evals.understanding.score import Score

LEAST = 0.97
COMPETITORS = {"Zentria": "competitor:zentria", "Cloudbase One": "competitor:cloudbase one"}


def measure(sample: int | None = None) -> list[Score]:
    """Precision and recall of the test sentences, all languages together; there is no sampling, they are fast."""
    return measured([case for case in sentences() if case.split == "test"], shipped())


def shipped() -> KeywordReader:
    return KeywordReader(universal_sentence_encoder(), SentenceReader.shipped())


def rules_alone() -> KeywordReader:
    """As where the reader can't run."""
    return KeywordReader(universal_sentence_encoder(), None)


def measured(cases: Sequence[Sentence], reader: KeywordReader) -> list[Score]:
    """Precision and recall of some sentences. A denied term that nobody expected raises nothing and is no fault."""
    right, extra, missed = 0, [], []
    for case in cases:
        hit, too_many, too_few = judged(case, reader)
        right += hit
        extra += [f"{term} in “{case.text}”" for term in too_many]
        missed += [f"{term} in “{case.text}”" for term in too_few]
    return [
        _score("keywords/precision", "precision", right, extra),
        _score("keywords/recall", "recall", right, missed),
    ]


def judged(case: Sentence, reader: KeywordReader) -> tuple[int, set[str], set[str]]:
    """How many expected terms a sentence gave, those nobody expected, and those it did not give."""
    told = {_marked(hit) for hit in reader.find(case.text, COMPETITORS)}
    expected = set(case.terms)
    for term in (term for term in case.terms if term.startswith("any ")):
        named = {mark + term.removeprefix("any ") for mark in ("", "not ", "if ")} & told
        if named:
            expected.remove(term)
            expected |= named
    extra = {term for term in told - expected if not term.startswith("not ")}
    return len(expected & told), extra, expected - told


def _marked(hit: KeywordHit) -> str:
    return ("not " if hit.negated else "if " if hit.hypothetical else "") + hit.term


def _score(part: str, measure: str, right: int, wrong: list[str]) -> Score:
    size = right + len(wrong)
    return Score(part=part, measure=measure, value=right / max(1, size), least=LEAST, size=size, wrong=tuple(wrong))
