"""Write question_map.npz: python -m crm.index.train_questions [--folds].

Learns from questions.tsv beside this file: mails written for it, each with two questions in each language that say in other
words what it is about. Their authors knew nothing of evals/retrieval. With `--folds` nothing is written: recall@1 and @5 of
each fifth of the mails is printed, among all mails of that fifth, as the encoder gives it and by a map learnt from the rest.

The likeness of a question q and a mail m is q (I + D) mᵀ. D is fitted by gradient descent (Adam, Kingma & Ba 2015) to the
cross-entropy of telling a question's mail from all others, with |D|² kept small, and then cut to its largest parts.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crm.index.chunks import chunks
from crm.index.embedder import E5Model, of_length_one, universal_sentence_encoder
from crm.index.joint import QUESTION_MAP, JointEmbedder

QUESTIONS = Path(__file__).with_name("questions.tsv")
LANGUAGES = ("en", "es", "pt")
# Chosen by leaving authors out and on the dev half of evals/retrieval.
_TEMPERATURE, _DECAY, _STEPS, _RATE, _RANK = 0.05, 0.02, 50, 1e-3, 128
_FOLDS = 5
Rows = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """`mails` (mails, dimensions), `questions` (questions, dimensions); `gold` is the mail that each question means.

    `same` tells whether a question is in its mail's language.
    """

    mails: Rows
    questions: Rows
    gold: NDArray[np.int64]
    same: NDArray[np.bool_]

    def of(self, chosen: NDArray[np.bool_]) -> Pairs:
        """Those mails alone, with their questions."""
        asked = chosen[self.gold]
        return Pairs(
            mails=self.mails[chosen],
            questions=self.questions[asked],
            gold=(np.cumsum(chosen) - 1)[self.gold[asked]],
            same=self.same[asked],
        )


def read(encoder: JointEmbedder) -> Pairs:
    """Embed questions.tsv: a mail's row is the mean of its pieces'."""
    lines = [line.split("\t") for line in QUESTIONS.read_text("utf-8").splitlines()]
    mails = [encoder.embed(chunks(subject, body)).mean(axis=0) for _, subject, body, *_ in lines]
    questions = [question for _, _, _, *asked in lines for question in asked]
    each = len(questions) // len(lines)
    languages = [language for language in LANGUAGES for _ in range(each // len(LANGUAGES))]
    return Pairs(
        mails=of_length_one(np.stack(mails)),
        questions=encoder.embed_unmapped(questions),
        gold=np.repeat(np.arange(len(lines)), each),
        same=np.array([asked == line[0] for line in lines for asked in languages]),
    )


def fit(pairs: Pairs) -> Rows:
    """D, (dimensions, dimensions)."""
    size = pairs.mails.shape[1]
    learnt, mean, square = (np.zeros((size, size), dtype=np.float32) for _ in range(3))
    for step in range(1, _STEPS + 1):
        scores = (pairs.questions + pairs.questions @ learnt) @ pairs.mails.T / _TEMPERATURE
        told = np.exp(scores - scores.max(axis=1, keepdims=True))
        told /= told.sum(axis=1, keepdims=True)
        told[np.arange(len(pairs.gold)), pairs.gold] -= 1
        slope = pairs.questions.T @ (told @ pairs.mails) / (_TEMPERATURE * len(pairs.gold)) + _DECAY * learnt
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope**2
        learnt -= _RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    return learnt


def cut(learnt: Rows) -> tuple[Rows, Rows]:
    """`down` and `up`, whose product is the nearest to D of rank 128."""
    left, sizes, right = np.linalg.svd(learnt, full_matrices=False)
    return left[:, :_RANK] * sizes[:_RANK], right[:_RANK]


def recall(pairs: Pairs, down: Rows, up: Rows) -> str:
    """Recall@1 and @5, first of the questions in their mail's language, then of the others."""
    scores = (pairs.questions + pairs.questions @ down @ up) @ pairs.mails.T
    ranks = (scores > scores[np.arange(len(pairs.gold)), pairs.gold][:, None]).sum(axis=1)
    kinds = (ranks[pairs.same], ranks[~pairs.same])
    return "   ".join(f"{np.mean(kind == 0):.3f} {np.mean(kind < 5):.3f}" for kind in kinds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="crm.index.train_questions", description=__doc__)
    parser.add_argument("--folds", action="store_true")
    chosen = parser.parse_args()
    encoder = JointEmbedder(universal_sentence_encoder(), E5Model())
    pairs = read(encoder)
    if not chosen.folds:
        down, up = cut(fit(pairs))
        down, up = down.astype(np.float16), up.astype(np.float16)
        np.savez(Path(__file__).with_name(QUESTION_MAP), embedder=np.array(encoder.id), down=down, up=up)
        return
    fold = np.arange(len(pairs.mails)) * _FOLDS // len(pairs.mails)  # near twins were written close to one another
    nothing = np.zeros((pairs.mails.shape[1], 0), dtype=np.float32)
    for number in range(_FOLDS):
        held = pairs.of(fold == number)
        down, up = cut(fit(pairs.of(fold != number)))
        sys.stdout.write(f"{recall(held, nothing, nothing.T)}   {recall(held, down, up)}\n")


if __name__ == "__main__":
    main()
