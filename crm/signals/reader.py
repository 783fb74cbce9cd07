"""Reads single sentences for their tone and their critical terms: E5, tuned to both, and a head for each on its vector."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Self

import numpy as np
from numpy.typing import NDArray

from crm.index.embedder import E5Model, Embedder, Remembering, has_e5, sentence_e5
from crm.signals.polarity import features, spoken

# The terms it knows, and how a sentence may hold one.
TERMS = (
    "cancel", "terminate", "non_renewal", "problem", "critical_bug", "competitor", "price", "complaint", "refund",
    "downgrade", "legal",
)  # fmt: skip
MARKS = ("absent", "plain", "negated", "hypothetical")
FILE = "sentence_reader.npz"
# What a mail may take time for: pieces read by this encoder, twice (tone, terms), and looked at by the first, each about a
# fifth of a second.
MOST_PIECES, _MOST_LOOKED_AT, _MOST_SENTENCES, _FRAME = 200, 3_000, 60, 4
_WORD = re.compile(r"[A-ZÀ-Þ]?[a-z]+(?:[à-öø-ÿ]{1,2}[a-z]*)*|[A-Z]+")
ENCODER, GATE_ENCODER = "multilingual-e5-small-q4-tuned", "use-multilingual-v3"

Rows = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Heads:
    """x is ten times the encoder's vector less `centre` (384), f the polarity features of the sentence.

    Tone: x · `tone` (384, 3) + f · `polar` (FEATURES, 3) + `tone_bias`. Terms: x · `terms` (384, terms · marks) + `terms_bias`.
    A softmax of the three, and of the marks of each term, is the probability.
    """

    centre: Rows
    tone: Rows
    polar: Rows
    tone_bias: Rows
    terms: Rows
    terms_bias: Rows

    def inputs(self, vectors: Rows) -> Rows:
        return np.asarray(10 * (vectors - self.centre), dtype=np.float32)


class SentenceReader:
    """Deterministic; loads its encoder on first use."""

    def __init__(self, embedder: Embedder, heads: Heads) -> None:
        """Raises ValueError for another encoder than the one the heads were trained with."""
        if embedder.id != ENCODER:
            raise ValueError(f"the reader was trained on {ENCODER}, not on {embedder.id}")
        self._embedder, self._heads = embedder, heads

    @classmethod
    def shipped(cls) -> Self | None:
        """The one that ships with the product; None where its encoder can't run."""
        return cls(Remembering(sentence_e5(E5Model(tuned), ENCODER)), load_heads()) if has_e5() else None

    def probabilities(self, texts: Sequence[str]) -> Rows:
        """P(negative, neutral, positive) of each text as one sentence: shape (len(texts), 3)."""
        polar = np.stack([features(text) for text in texts]) @ self._heads.polar
        return softmax(self._inputs(texts) @ self._heads.tone + polar + self._heads.tone_bias)

    def terms(self, texts: Sequence[str]) -> Rows:
        """P of each of `MARKS` for each of `TERMS`: shape (len(texts), 11, 4)."""
        scores = self._inputs(texts) @ self._heads.terms + self._heads.terms_bias
        return softmax(scores.reshape(len(texts), len(TERMS), len(MARKS)))

    def _inputs(self, texts: Sequence[str]) -> Rows:
        return self._heads.inputs(self._embedder.embed([spoken(text) for text in texts]))


def worth_a_look(sentences: Iterable[str]) -> list[str]:
    """The sentences of a mail that the first encoder embeds. Its beginning is enough; the rest of a long report bears no more."""
    return affordable(islice(sentences, _MOST_SENTENCES), _MOST_LOOKED_AT)


def affordable(sentences: Iterable[str], most: int) -> list[str]:
    """Those that fit into so many pieces, first come first served."""
    room, chosen = most, list[str]()
    for sentence in sentences:
        if (pieces := _pieces(sentence)) <= room:
            room -= pieces
            chosen.append(sentence)
    return chosen


def _pieces(text: str) -> int:
    """About as many as the encoder cuts a text into, which is what its time grows with: a word has one for every four letters,
    all else one a character. A letter of 1,000 characters has some 280, encoded data of that length 600.
    """
    letters = sum(map(len, words := _WORD.findall(text)))
    return _FRAME + sum(-(-len(word) // 4) for word in words) + sum(map(len, text.split())) - letters


@dataclass(frozen=True, kw_only=True)
class Gate:
    """P that a sentence holds any of `TERMS`, of the first encoder's vector z: 1 / (1 + exp(-(z · weights + bias)))."""

    weights: Rows
    bias: float

    def of(self, vectors: Rows) -> Rows:
        return np.asarray(1 / (1 + np.exp(-(vectors @ self.weights + self.bias))), dtype=np.float32)


def softmax(scores: Rows) -> Rows:
    """Along the last axis."""
    exponents = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=-1, keepdims=True), dtype=np.float32)


def tuned() -> Mapping[str, Rows]:
    """What the encoder learnt, by the names of its file: norms and biases, and the scales of matrices."""
    return {name.removeprefix("e5."): held for name, held in arrays_there().items() if name.startswith("e5.")}


def load_heads() -> Heads:
    held = arrays_there()
    return Heads(**{name: held[name] for name in ("centre", "tone", "polar", "tone_bias", "terms", "terms_bias")})


@cache
def load_gate(embedder_id: str) -> Gate:
    """Raises ValueError for another encoder than it was trained on."""
    if embedder_id != GATE_ENCODER:
        raise ValueError(f"the gate was trained on {GATE_ENCODER}, not on {embedder_id}")
    held = arrays_there()
    return Gate(weights=held["gate"], bias=float(held["gate_bias"]))


def arrays_there() -> dict[str, Rows]:
    """All that ships, by name."""
    with files("crm.signals").joinpath(FILE).open("rb") as file, np.load(file, allow_pickle=False) as held:
        return {name: held[name].astype(np.float32) for name in held.files}
