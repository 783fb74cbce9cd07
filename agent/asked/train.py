"""Write heads.npz: python -m agent.asked.train [--authors].

Learns from questions.tsv beside this file: author, kind, lean, whether one of a list is asked for, topic words and text of each question. Twelve names stand in
them for all customers and people. With `--authors` nothing is written: each author's questions are read by heads that learnt from all others'.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.asked.reading import ASKED, FILE, HEADS, LEANS, Rows, features, masked, probabilities

QUESTIONS = Path(__file__).with_name("questions.tsv")
# Chosen by leaving authors out.
_DECAY, _STEPS, _RATE, _SMOOTHING = 3e-5, 300, 0.02, 0.05
_SURE = 0.5
CUSTOMERS = (
    "Acme", "Globex", "Initech", "Northwind", "Lusitânia", "Cervantes", "Andinas", "Mercado Verde", "Oficina Digital", "Bluebird",
)  # fmt: skip
PEOPLE = ("Maria", "Daniel", "Priya", "Walter", "Beatriz", "Lucía", "Thiago", "Camila", "Rose", "Javier")
Numbers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Questions:
    """`rows` (questions, features); `right` (questions, heads): places in ASKED and LEANS, then 1 where one of a list is asked for, and
    1 where a topic is named.
    """

    authors: NDArray[np.str_]
    rows: Rows
    right: Numbers

    def of(self, chosen: NDArray[np.bool_]) -> Questions:
        return Questions(authors=self.authors[chosen], rows=self.rows[chosen], right=self.right[chosen])


def load(path: Path = QUESTIONS) -> Questions:
    lines = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    return Questions(
        authors=np.array([author for author, *_ in lines]),
        rows=features([masked(text, CUSTOMERS, PEOPLE) for *_, text in lines]),
        right=np.array(
            [(ASKED.index(kind), LEANS.index(lean), bool(one), bool(topic)) for _, kind, lean, one, topic, _ in lines]
        ),
    )


def heads(learn: Questions) -> list[tuple[Rows, Rows]]:
    sizes = (len(ASKED), len(LEANS), 2, 2)
    return [fit(learn.rows, right, size) for right, size in zip(learn.right.T, sizes, strict=True)]


def fit(rows: Rows, right: Numbers, kinds: int) -> tuple[Rows, Rows]:
    """Weights and bias of a linear softmax head: Adam (Kingma & Ba 2015) on the cross-entropy, with the weights kept small."""
    wanted = np.eye(kinds, dtype=np.float32)[right] * (1 - _SMOOTHING) + _SMOOTHING / kinds
    learnt = [np.zeros((rows.shape[1], kinds), dtype=np.float32), np.zeros(kinds, dtype=np.float32)]
    mean, square = [np.zeros_like(held) for held in learnt], [np.zeros_like(held) for held in learnt]
    for step in range(1, _STEPS + 1):
        wrong = (probabilities(rows, *learnt) - wanted) / len(rows)
        slopes = (rows.T @ wrong + _DECAY * learnt[0], wrong.sum(axis=0))
        for place, slope in enumerate(slopes):
            mean[place] = 0.9 * mean[place] + 0.1 * slope
            square[place] = 0.99 * square[place] + 0.01 * slope**2
            learnt[place] -= (
                _RATE * (mean[place] / (1 - 0.9**step)) / (np.sqrt(square[place] / (1 - 0.99**step)) + 1e-9)
            )
    return learnt[0], learnt[1]


def told(learn: Questions, ask: Questions) -> str:
    """How much of the second questions is read rightly by what learns from the first."""
    read = [probabilities(ask.rows, *head) for head in heads(learn)]
    kind, lean, one, topic = (held.argmax(axis=1) == right for held, right in zip(read, ask.right.T, strict=True))
    sure = read[0].max(axis=1) > _SURE
    return (
        f"{len(ask.rows)} questions: kind {kind.mean():.3f}, of the {sure.mean():.2f} it is sure of {kind[sure].mean():.3f},"
        f" lean {lean.mean():.3f}, one {one.mean():.3f}, topic {topic.mean():.3f}"
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
    arrays = dict[str, NDArray[np.float16]]()
    for name, (weights, bias) in zip(HEADS, heads(every), strict=True):
        arrays |= {name: weights.astype(np.float16), f"{name}_bias": bias.astype(np.float16)}
    np.savez_compressed(Path(__file__).with_name(FILE), allow_pickle=False, **arrays)


if __name__ == "__main__":
    main()
