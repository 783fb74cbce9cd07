"""Critical words by the rules alone on sentences written without looking at the lists, round by round; each round was then used to mend."""

from pathlib import Path

import pytest

from evals.understanding.case import Sentence
from evals.understanding.keywords import measured, rules_alone

_ROWS = [
    line.split("\t")
    for line in Path(__file__).with_name("keywords_fresh.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize("number", ["1", "2", "3", "4", "5", "6", "7"])
def test_what_was_mended_stays_mended(number: str) -> None:
    cases = [
        Sentence.model_validate(
            {"split": "test", "language": language, "terms": terms.split(", ") if terms else (), "text": text}
        )
        for round_of, language, terms, text in _ROWS
        if round_of == number
    ]
    assert len(cases) >= 120
    for score in measured(cases, rules_alone()):
        assert score.value >= 0.97, score.wrong
