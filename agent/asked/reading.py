"""What a question asks for, and whether it leans on the one before: three linear heads, learnt from questions.tsv (agent.asked.train).

A question is [what the sentence encoder of search makes of it, its words and pieces of words, hashed]. Names of customers and
people are all one name: who is asked about says nothing of what is asked.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from crm.folding import fold
from crm.index.embedder import universal_sentence_encoder

FILE, VOCABULARY, HEADS = "heads.npz", "vocabulary", ("asked", "leans", "one")
_ONE = 0.7
LEANING = 0.6  # how probable it has to be that a question leans on the one before
CUSTOMER, PERSON = "acme", "maria"  # what stands for every name

Asked = Literal[
    "briefing", "clarify", "compare", "count", "draft", "edit", "fact", "files", "health", "help", "last", "leave", "mood", "names",
    "open", "pacethem", "paceus", "people", "record", "repliedthem", "repliedus", "same", "silence", "stay", "sum", "summary", "threat", "tickets",
    "waitthem", "waitus", "whosaid",
]  # fmt: skip
Leans = Literal["alone", "who", "more"]
ASKED: tuple[Asked, ...] = get_args(Asked)
LEANS: tuple[Leans, ...] = get_args(Leans)

_BUCKETS = 8192
_GRAMS, _ENCODED = 3.0, 3.0  # how much each half counts
_WORD = re.compile(r"[^\W_]+|[?!]")
_PIECES = (3, 4, 5)  # letters
_FIRST = 3  # words whose place counts
_LONG = 14  # words
Rows = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """`sure` and `leaning` are the probabilities of `asked` and of `leans`; `leans` is "alone" where the question stands by
    itself, "who" where it is the one before for somebody else or another time, "more" where that one tells whom or what it is about.
    `one`: the first or the most of a list is asked for, and not the list.
    """

    asked: Asked
    sure: float
    leans: Leans
    leaning: float
    one: bool


@lru_cache(maxsize=512)
def read(text: str) -> Reading:
    """Read a question whose names are masked (`masked`)."""
    row = features([text])
    kinds, leans, one = (probabilities(row, *heads()[head])[0] for head in HEADS)
    kind, lean = int(kinds.argmax()), int(leans.argmax())
    return Reading(
        asked=ASKED[kind],
        sure=float(kinds[kind]),
        leans=LEANS[lean],
        leaning=float(leans[lean]),
        one=bool(one[1] >= _ONE),
    )


def masked(question: str, customers: Iterable[str], people: Iterable[str]) -> str:
    """The folded question with one name for all customers, another one for all people, and 0 for each digit."""
    text = fold(question)
    for names, one in ((customers, CUSTOMER), (people, PERSON)):
        for name in sorted(names, key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(fold(name))}(?!\w)", one, text)
    return re.sub(r"\d", "0", text)


def features(texts: Sequence[str]) -> Rows:
    """Shape (questions, 512 + 8192)."""
    grams = np.zeros((len(texts), _BUCKETS), dtype=np.float32)
    for row, text in zip(grams, texts, strict=True):
        for gram, weight in set(_grams(text)):
            row[zlib.crc32(gram.encode()) % _BUCKETS] += weight
    grams /= np.maximum(np.linalg.norm(grams, axis=1, keepdims=True), 1e-9)
    return np.concatenate([_ENCODED * universal_sentence_encoder().embed(texts), _GRAMS * grams], axis=1)


def probabilities(rows: Rows, weights: Rows, bias: Rows) -> Rows:
    scores = rows @ weights + bias
    told = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(told / told.sum(axis=1, keepdims=True), dtype=np.float32)


def _grams(text: str) -> Iterator[tuple[str, float]]:
    words = ["^", *_WORD.findall(text), "$"]
    yield f"n{min(len(words) - 1, _LONG) // 2}", 1.0
    for place, word in enumerate(words):
        for length in range(1, 4):
            if place + length <= len(words):
                yield " ".join([str(length), *words[place : place + length]]), 1.0
        if place + 2 < len(words):
            yield f"s {word} {words[place + 2]}", 1.0
        if 0 < place <= _FIRST:
            yield f"p{place} {word}", 1.0
        letters = f"<{word}>"
        for length in _PIECES:
            for start in range(len(letters) - length + 1):
                yield f"c {letters[start : start + length]}", 0.5


@cache
def heads() -> dict[str, tuple[Rows, Rows]]:
    """Weights and bias of each, by its name."""
    arrays = {name: held.astype(np.float32) for name, held in _arrays().items() if name != VOCABULARY}
    return {name: (weights, arrays[f"{name}_bias"]) for name, weights in arrays.items() if f"{name}_bias" in arrays}


@cache
def vocabulary() -> frozenset[str]:
    """The words of the questions that were learnt from, folded."""
    return frozenset(bytes(_arrays()[VOCABULARY]).decode().split())


@cache
def _arrays() -> dict[str, NDArray[Any]]:
    with (files(__package__) / FILE).open("rb") as file, np.load(file) as held:
        return dict(held)
