"""Write heads.npz: python -m agent.asked.train [--authors].

Learns from questions.tsv beside this file: author, kind, lean, whether one of a list is asked for, topic words and text of each question. Twelve names stand in
them for all customers and people. With `--authors` nothing is written: each author's questions are read by heads that learnt from all others'.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.asked import topic
from agent.asked.reading import (
    ASKED,
    CUSTOMER,
    FILE,
    HEADS,
    LEANS,
    PERSON,
    VOCABULARY,
    Rows,
    features,
    masked,
    probabilities,
)
from crm.folding import fold

QUESTIONS = Path(__file__).with_name("questions.tsv")
# Chosen by leaving authors out.
_STEPS, _RATE = 300, 0.02
_DECAY, _SMOOTHING = 3e-5, 0.05  # of heads that read questions
_WORD_DECAY, _WORD_SMOOTHING = 1e-4, 0.02
_SURE = 0.5
CUSTOMERS = (
    "Acme", "Globex", "Initech", "Northwind", "Lusitânia", "Cervantes", "Andinas", "Mercado Verde", "Oficina Digital", "Bluebird",
)  # fmt: skip
PEOPLE = ("Maria", "Daniel", "Priya", "Walter", "Beatriz", "Lucía", "Thiago", "Camila", "Rose", "Javier")
Numbers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Questions:
    """`rows` (questions, features); `right` (questions, heads): places in ASKED and LEANS, then 1 where one of a list is asked for.

    `vocabulary` is of all questions, whichever were chosen. `words` (words of all questions, features), `asked` (the question of each) and `named` (whether it names the topic).
    """

    authors: NDArray[np.str_]
    rows: Rows
    right: Numbers
    words: Rows
    asked: Numbers
    named: Numbers
    vocabulary: Sequence[str]

    def of(self, chosen: NDArray[np.bool_]) -> Questions:
        held = chosen[self.asked]
        return Questions(
            authors=self.authors[chosen],
            rows=self.rows[chosen],
            right=self.right[chosen],
            words=self.words[held],
            asked=(np.cumsum(chosen) - 1)[self.asked[held]],
            named=self.named[held],
            vocabulary=self.vocabulary,
        )


def load(path: Path = QUESTIONS) -> Questions:
    lines = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    plain = [masked(text, CUSTOMERS, PEOPLE) for *_, text in lines]
    words = [topic.words_of(text) for text in plain]
    named = [
        [word in re.sub(r"\d", "0", fold(line[4])).split() for word in held]
        for line, held in zip(lines, words, strict=True)
    ]
    counts = np.array([word not in (CUSTOMER, PERSON) for held in words for word in held])
    return Questions(
        authors=np.array([author for author, *_ in lines]),
        rows=features(plain),
        right=np.array([(ASKED.index(kind), LEANS.index(lean), bool(one)) for _, kind, lean, one, *_ in lines]),
        words=np.concatenate([topic.features(held) for held in words if held])[counts],
        asked=np.repeat(np.arange(len(lines)), [len(held) for held in words])[counts],
        named=np.array([told for held in named for told in held], dtype=np.int64)[counts],
        vocabulary=sorted({word for held in words for word in held}),
    )


def learnt(learn: Questions, steps: int = _STEPS) -> dict[str, tuple[Rows, Rows]]:
    """The weights and bias of each head."""
    sizes = (len(ASKED), len(LEANS), 2)
    of_questions = {
        head: fit(learn.rows, right, size, steps=steps)
        for head, right, size in zip(HEADS, learn.right.T, sizes, strict=True)
    }
    return of_questions | {topic.HEAD: fit(learn.words, learn.named, 2, _WORD_DECAY, _WORD_SMOOTHING, steps)}


def fit(
    rows: Rows,
    right: Numbers,
    kinds: int,
    decay: float = _DECAY,
    smoothing: float = _SMOOTHING,
    steps: int = _STEPS,
) -> tuple[Rows, Rows]:
    """Weights and bias of a linear softmax head: Adam (Kingma & Ba 2015) on the cross-entropy, with the weights kept small."""
    wanted = np.eye(kinds, dtype=np.float32)[right] * (1 - smoothing) + smoothing / kinds
    learnt = [np.zeros((rows.shape[1], kinds), dtype=np.float32), np.zeros(kinds, dtype=np.float32)]
    mean, square = [np.zeros_like(held) for held in learnt], [np.zeros_like(held) for held in learnt]
    for step in range(1, steps + 1):
        wrong = (probabilities(rows, *learnt) - wanted) / len(rows)
        slopes = (rows.T @ wrong + decay * learnt[0], wrong.sum(axis=0))
        for place, slope in enumerate(slopes):
            mean[place] = 0.9 * mean[place] + 0.1 * slope
            square[place] = 0.99 * square[place] + 0.01 * slope**2
            learnt[place] -= (
                _RATE * (mean[place] / (1 - 0.9**step)) / (np.sqrt(square[place] / (1 - 0.99**step)) + 1e-9)
            )
    return learnt[0], learnt[1]


def told(learn: Questions, ask: Questions) -> str:
    """How much of the second questions is read rightly by what learns from the first."""
    held = learnt(learn)
    read = [probabilities(ask.rows, *held[head]) for head in HEADS]
    kind, lean, one = (rows.argmax(axis=1) == right for rows, right in zip(read, ask.right.T, strict=True))
    sure = read[0].max(axis=1) > _SURE
    likely = probabilities(ask.words, *held[topic.HEAD])[:, 1] >= topic.TOLD
    found = (likely & (ask.named == 1)).sum()
    return (
        f"{len(ask.rows)} questions: kind {kind.mean():.3f}, of the {sure.mean():.2f} it is sure of {kind[sure].mean():.3f},"
        f" lean {lean.mean():.3f}, one {one.mean():.3f}, words of the topic {found / likely.sum():.3f} {found / ask.named.sum():.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="agent.asked.train", description=__doc__)
    parser.add_argument("--authors", action="store_true")
    every = load()
    if parser.parse_args().authors:
        for author in np.unique(every.authors):
            mine = every.authors == author
            sys.stdout.write(f"{author}: {told(every.of(~mine), every.of(mine))}\n")
        return
    arrays: dict[str, NDArray[Any]] = {VOCABULARY: np.frombuffer(" ".join(every.vocabulary).encode(), np.uint8)}
    for name, (weights, bias) in learnt(every).items():
        arrays |= {name: weights.astype(np.float16), f"{name}_bias": bias.astype(np.float16)}
    np.savez_compressed(Path(__file__).with_name(FILE), allow_pickle=False, **arrays)


if __name__ == "__main__":
    main()
