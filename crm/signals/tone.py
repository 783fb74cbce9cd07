"""The tone of a mail: positive, neutral or negative, with the sentences that caused it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from crm.index.embedder import Embedder
from crm.signals import sentences
from crm.signals.polarity import features, is_courtesy, spoken

Label = Literal["positive", "neutral", "negative"]
LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")

# Business mail says what it feels in one or two sentences among many that are neutral: the strong ones decide, and the
# more neutral ones stand around them, the stronger they have to be. Both chosen on mails put together of sentences
# that the head had not seen.
_THRESHOLD = 0.11
_CAUSE = 0.3
# A mail's beginning is enough; the rest of a long report bears no more tone.
_MOST_SENTENCES = 60
_MOST_CAUSES = 5


@dataclass(frozen=True, kw_only=True)
class Tone:
    """`confidence` is 0 to 1; `sentences` are those that caused the label, strongest first, none for
    neutral.
    """

    label: Label
    confidence: float
    sentences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Head:
    """A quadratic form of the embedding z and the polarity features f of one sentence: the score of label k is
    zᵀ Q[k] z + z·a[k] + f·b[k] + c[k], and the softmax of the scores is the probability.

    `quadratic` is (3, dimensions, dimensions), `linear` (dimensions + FEATURES, 3), `bias` (3,).
    """

    embedder: str
    quadratic: NDArray[np.float32]
    linear: NDArray[np.float32]
    bias: NDArray[np.float32]

    def scores(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the scores of rows of `design`: shape (len(inputs), 3)."""
        vectors = inputs[:, : self.quadratic.shape[1]]
        squares = np.stack([((vectors @ form) * vectors).sum(axis=1) for form in self.quadratic], axis=1)
        return np.asarray(squares + inputs @ self.linear + self.bias, dtype=np.float32)


class ToneModel:
    """Reads the tone of texts in English, Spanish and Portuguese; deterministic."""

    def __init__(self, embedder: Embedder, head: Head) -> None:
        self._embedder = embedder
        self._head = head

    def analyse(self, text: str) -> Tone:
        """Return the tone of a mail's new text; quoted lines ("> …") are somebody else's and are left out."""
        return self.analyse_many([text])[0]

    def analyse_many(self, texts: Sequence[str]) -> list[Tone]:
        """Return the tone of each text, as `analyse` does; a sentence that several of them hold is read once."""
        found = [_sentences(text) for text in texts]
        distinct = list(dict.fromkeys(sentence for held in found for sentence in held))
        if not distinct:
            return [Tone(label="neutral", confidence=1.0, sentences=()) for _ in texts]
        place = {sentence: index for index, sentence in enumerate(distinct)}
        rows = self.probabilities(distinct)
        return [self._tone(held, rows[[place[sentence] for sentence in held]]) for held in found]

    def _tone(self, found: Sequence[str], rows: NDArray[np.float32]) -> Tone:
        if not found:
            return Tone(label="neutral", confidence=1.0, sentences=())
        return self._single(found[0], rows[0]) if len(found) == 1 else self._mail(found, rows)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return P(negative, neutral, positive) of each text as one sentence: shape (len(texts), 3)."""
        scores = self._head.scores(design(texts, self._embedder))
        scores -= scores.max(axis=1, keepdims=True)
        exponents = np.exp(scores)
        return np.asarray(exponents / exponents.sum(axis=1, keepdims=True), dtype=np.float32)

    def _single(self, sentence: str, row: NDArray[np.float32]) -> Tone:
        best = int(row.argmax())
        label = LABELS[best]
        return Tone(label=label, confidence=float(row[best]), sentences=() if label == "neutral" else (sentence,))

    def _mail(self, found: Sequence[str], rows: NDArray[np.float32]) -> Tone:
        values = rows[:, 2] - rows[:, 0]
        score = float((values * np.abs(values)).sum()) / math.sqrt(len(values))
        if abs(score) < _THRESHOLD:
            return Tone(label="neutral", confidence=1 - abs(score), sentences=())
        label: Label = "positive" if score > 0 else "negative"
        order = np.argsort(-np.abs(values), kind="stable")
        causes = [found[index] for index in order if values[index] * np.sign(score) > _CAUSE]
        return Tone(label=label, confidence=min(1.0, 0.5 + abs(score)), sentences=tuple(causes[:_MOST_CAUSES]))


def _sentences(text: str) -> list[str]:
    own = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">"))
    return [sentence for sentence in sentences.split(own) if not is_courtesy(sentence)][:_MOST_SENTENCES]


def design(texts: Sequence[str], embedder: Embedder) -> NDArray[np.float32]:
    """Return the inputs of the head: embedding and polarity features, shape (len(texts), dimensions +
    FEATURES).
    """
    vectors = embedder.embed([spoken(text) for text in texts])
    return np.hstack([vectors, np.stack([features(text) for text in texts])]).astype(np.float32)


def load_tone_model(embedder: Embedder) -> ToneModel:
    """Return the model that ships with the product; raises ValueError for an embedder it was not trained
    on.
    """
    with np.load(str(files("crm.signals").joinpath("tone_head.npz")), allow_pickle=False) as stored:
        head = Head(
            embedder=str(stored["embedder"]),
            quadratic=stored["quadratic"].astype(np.float32),
            linear=stored["linear"].astype(np.float32),
            bias=stored["bias"].astype(np.float32),
        )
    if head.embedder != embedder.id:
        raise ValueError(f"the tone head was trained on {head.embedder}, not on {embedder.id}")
    return ToneModel(embedder, head)
