"""Measures every part of reading a mail; the house and its model are not needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evals.house import House
from evals.result import CaseResult
from evals.suite import Advance, Suite
from evals.understanding import keywords, language, mime, new_text, quote_strip, tone
from evals.understanding.score import Score

Measure = Callable[[int | None], list[Score]]
PARTS: Mapping[str, Measure] = {
    "new_text": new_text.measure,
    "quote_strip": quote_strip.measure,
    "mime": mime.measure,
    "language": language.measure,
    "tone": tone.measure,
    "keywords": keywords.measure,
}
# So many files a folder and tweets a language keep the suite within a minute on two cores.
SAMPLE = 150


def run(house: House | None, advance: Advance, *, sample: int | None = SAMPLE) -> list[CaseResult]:
    """Every part, each figure one case with its own threshold; skipped parts are shown as such.

    `sample` bounds the files of each folder of real mail and the tweets of each language; None takes all.
    """
    cases, scores = [], []
    for name, measure in PARTS.items():
        begun = time.monotonic()
        found = measure(sample)
        seconds = (time.monotonic() - begun) / len(found)
        scores += found
        cases += [score.as_case(seconds) for score in found]
        advance(name)
    _show(scores)
    return cases


def _show(scores: list[Score]) -> None:
    table = Table("understanding", "figure")
    for score in scores:
        colour = "yellow" if score.skipped else "green" if score.met else "red"
        table.add_row(f"[{colour}]{score.part}[/]", escape(score.figure))
    Console().print(table)


SUITE = Suite(name="understanding", threshold=1.0, size=lambda: len(PARTS), run=run, model="no model")
