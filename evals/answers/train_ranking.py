"""Write agent/offline/ranking.tsv: python -m evals.answers.train_ranking [--authors].

Asks the scenario's assistant, without a model, the questions of ranking_questions.tsv beside this file: author, conversation, question,
keys of the mails that a right answer cites, and the sentence of the first that answers. Their authors knew the mailbox and nothing
of the program. With `--authors` nothing is written: each author's questions are ranked by weights that learnt from all others'. What
an answer before has cited, which three of the features tell, is by the weights that ship.

The probability of a sentence is the softmax of its features weighed; that of the answering sentences, or of the mails to cite, is
made as large as it goes (ListMLE's first place, Cao et al. 2007) by Adam (Kingma & Ba 2015), with the weights kept small.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from agent.assistant import Assistant
from agent.offline import compose
from agent.offline.extract import Extract
from agent.offline.ranking import FEATURES, WEIGHTS, Asked, features, ranked
from crm.identity import Principal
from crm.settings import Settings
from evals.house import built_house
from evals.scenario import gold_mails

QUESTIONS = Path(__file__).with_name("ranking_questions.tsv")
_STEPS, _RATE, _DECAY = 400, 0.04, 0.02
_SAME = 200  # characters
_SIX = 6  # mails that an answer tells at most
Rows = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Turn:
    """`rows` (sentences, FEATURES) and the mail of each; `answers` marks the sentences that answer, `gold` are the mails to cite."""

    author: str
    rows: Rows
    mails: NDArray[np.str_]
    answers: NDArray[np.bool_]
    exact: bool
    gold: frozenset[str]


def turns(assistant: Assistant, me: Principal, path: Path = QUESTIONS) -> Iterator[Turn]:
    """What was read for each question whose mails were among it. What is told without reading sentences, figures say, has none."""
    known = {key: _plain(message_id) for key, message_id in gold_mails().items()}
    threads: dict[tuple[str, str], str] = {}
    for line in path.read_text("utf-8").splitlines():
        author, conversation, question, keys, sentence = line.split("\t")
        read: list[tuple[Asked, list[Extract]]] = []

        def noting(
            asked: Asked, held: Mapping[str, Sequence[Extract]], into: list[tuple[Asked, list[Extract]]] = read
        ) -> dict[str, list[Extract]]:
            into.append((asked, [extract for extracts in held.values() for extract in extracts]))
            return ranked(asked, held)

        with patch.object(compose, "ranked", noting):
            answer = Context().run(assistant.ask, me, question, thread=threads.get((author, conversation)))
        threads[author, conversation] = answer.thread
        gold = frozenset(known[key] for key in keys.split())
        if found := max(read, key=lambda held: len(held[1]), default=None):
            asked, extracts = found
            mails = np.array([_plain(extract.mail.rfc_message_id) for extract in extracts])
            cites = np.isin(mails, sorted(gold))
            first = known[keys.split()[0]] if keys else ""
            told = np.array(
                [
                    mail == first and _same(extract.quote, sentence)
                    for mail, extract in zip(mails, extracts, strict=True)
                ]
            )
            if cites.any():
                exact = bool(told.any())
                yield Turn(
                    author=author, rows=features(asked, extracts), mails=mails, answers=told if exact else cites,
                    exact=exact, gold=gold,
                )  # fmt: skip


def fit(learn: Sequence[Turn]) -> Rows:
    """The weight of each feature, as it stands."""
    rows = np.concatenate([turn.rows for turn in learn])
    sizes = np.maximum(rows.std(axis=0), 1e-6)
    rows = (rows - rows.mean(axis=0)) / sizes
    lengths = [len(turn.rows) for turn in learn]
    starts, turn_of = np.cumsum([0, *lengths[:-1]]), np.repeat(np.arange(len(learn)), lengths)
    answers = np.concatenate([turn.answers for turn in learn])
    weights, mean, square = (np.zeros(len(FEATURES), dtype=np.float64) for _ in range(3))
    for step in range(1, _STEPS + 1):
        scores = rows @ weights
        told = np.exp(scores - np.maximum.reduceat(scores, starts)[turn_of])
        told /= np.add.reduceat(told, starts)[turn_of]
        right = told * answers
        right /= np.add.reduceat(right, starts)[turn_of] + 1e-12
        slope = _DECAY * weights - rows.T @ (right - told) / len(learn)
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope**2
        weights -= _RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    return np.asarray(weights / sizes, dtype=np.float32)


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """Of one question: the place of the first mail to cite, whether all of them are among six, how many are told (`compose.LESS_LIKELY`) and whether
    these are among them, and whether the sentence that answers is the one told of its mail (None where it was not named or not read).
    """

    first: int
    among_six: bool
    shown: int
    among_shown: bool
    sentence: bool | None


def judged(turn: Turn, weights: Rows) -> Ranked:
    scores = turn.rows @ weights
    best = {mail: float(scores[turn.mails == mail].max()) for mail in dict.fromkeys(turn.mails.tolist())}
    order = sorted(best, key=lambda mail: -best[mail])
    places = [order.index(mail) if mail in best else _SIX + len(order) for mail in turn.gold]
    shown = min(sum(score >= max(best.values()) - compose.LESS_LIKELY for score in best.values()), _SIX)
    sentence = None
    if turn.exact:
        inside = turn.mails == turn.mails[turn.answers][0]
        sentence = bool(turn.answers[inside][scores[inside].argmax()])
    return Ranked(
        first=min(places), among_six=max(places) < _SIX, shown=shown, among_shown=max(places) < shown, sentence=sentence
    )


def told(found: Sequence[Ranked]) -> str:
    """How high the mails to cite stand, and how often the sentence that answers is the one told of its mail."""
    exact = [one.sentence for one in found if one.sentence is not None]
    return (
        f"{len(found)} questions: mean reciprocal rank {np.mean([1 / (one.first + 1) for one in found]):.3f}, first"
        f" {np.mean([one.first == 0 for one in found]):.3f}, all of them among six {np.mean([one.among_six for one in found]):.3f}, among the"
        f" {np.mean([one.shown for one in found]):.1f} told {np.mean([one.among_shown for one in found]):.3f}"
        + (f"; of {len(exact)} the sentence {np.mean(exact):.3f}" if exact else "")
    )


def _same(one: str, other: str) -> bool:
    return bool(other) and (one[:_SAME] in other or other in one)


def _plain(message_id: str) -> str:
    return "".join(message_id.split()).strip("<>")


def main() -> None:
    parser = argparse.ArgumentParser(prog="evals.answers.train_ranking", description=__doc__)
    parser.add_argument("--authors", action="store_true")
    chosen = parser.parse_args()
    with built_house(Settings(model="offline")) as house:
        report([*turns(house.app.assistant, house.principal)], authors=chosen.authors)


def report(every: Sequence[Turn], *, authors: bool) -> None:
    if not authors:
        lines = (f"{name}\t{weight:.3g}" for name, weight in zip(FEATURES, fit(every), strict=True))
        WEIGHTS.write_text("\n".join([*lines, ""]), "utf-8")
        return
    found = list[Ranked]()
    for author in sorted({turn.author for turn in every}):
        weights = fit([turn for turn in every if turn.author != author])
        mine = [judged(turn, weights) for turn in every if turn.author == author]
        found += mine
        sys.stdout.write(f"{author}: {told(mine)}\n")
    sys.stdout.write(f"all: {told(found)}\n")


if __name__ == "__main__":
    main()
