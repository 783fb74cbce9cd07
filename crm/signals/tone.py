"""The tone of a mail: positive, neutral or negative, with the sentences that caused it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from crm.index.embedder import Embedder
from crm.signals import sentences
from crm.signals.polarity import features, is_courtesy, spoken
from crm.signals.reader import MOST_PIECES, SentenceReader, affordable, softmax, worth_a_look

Label = Literal["positive", "neutral", "negative"]
LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")

# Business mail says what it feels in one or two sentences among many that are neutral: the strong ones decide (their
# cubes add up), and the more neutral ones stand around them, the stronger they have to be. All chosen on mails put
# together of sentences that the head had not seen.
_THRESHOLD = 0.04
_CAUSE = 0.3
# Where the first reader gives "neutral" a higher probability, the second is not asked; and how much its word weighs where it
# is. Chosen on the fourth set of tests/crm/signals/keywords_strangers.tsv (.911, .857 and .876 instead of .894, .848 and .874).
_PLAIN = 0.7
_SHARE = 0.7
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
    """A quadratic form of the embedding z, less `centre` and of length one, and the polarity features f of one
    sentence: the score of label k is zᵀ Q[k] z + z·a[k] + f·b[k] + c[k], and the softmax of the scores is the
    probability.

    `centre` is (dimensions,), `quadratic` (3, dimensions, dimensions), `linear` (dimensions + FEATURES, 3), `bias` (3,).
    """

    embedder: str
    centre: NDArray[np.float32]
    quadratic: NDArray[np.float32]
    linear: NDArray[np.float32]
    bias: NDArray[np.float32]

    def probabilities(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return P(negative, neutral, positive) of rows of `design`: shape (len(inputs), 3)."""
        inputs = centred(inputs, self.centre)
        vectors = inputs[:, : len(self.centre)]
        squares = np.stack([((vectors @ form) * vectors).sum(axis=1) for form in self.quadratic], axis=1)
        scores = squares + inputs @ self.linear + self.bias
        return softmax(scores)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """An encoder and the head trained on its vectors. Raises ValueError where they don't belong together."""

    embedder: Embedder
    head: Head

    def __post_init__(self) -> None:
        if self.head.embedder != self.embedder.id:
            raise ValueError(f"the tone head was trained on {self.head.embedder}, not on {self.embedder.id}")

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return P(negative, neutral, positive) of each text as one sentence: shape (len(texts), 3)."""
        return self.head.probabilities(design(texts, self.embedder))


class ToneModel:
    """Reads the tone of texts in English, Spanish and Portuguese; deterministic.

    `second` is slower and better; it is asked about the sentences that `first` does not find plainly neutral.
    """

    def __init__(self, first: Reader, second: SentenceReader | None = None) -> None:
        self._first = first
        self._second = second

    def analyse(self, text: str) -> Tone:
        """Return the tone of a mail's new text; quoted lines ("> …") are somebody else's and are left out."""
        return self.analyse_many([text])[0]

    def analyse_many(self, texts: Sequence[str]) -> list[Tone]:
        """Return the tone of each text, as `analyse` does; a sentence that several of them hold is read once."""
        found = [_sentences(text) for text in texts]
        return [self._tone(held, rows) for held, rows in zip(found, self._read(found), strict=True)]

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return P(negative, neutral, positive) of each text as one sentence: shape (len(texts), 3)."""
        return np.concatenate(self._read([[text] for text in texts]))

    def _read(self, mails: Sequence[Sequence[str]]) -> list[NDArray[np.float32]]:
        """P of the sentences of each mail. What a mail gets does not depend on those beside it."""
        place = _places(sentence for held in mails for sentence in held)
        if not place:
            return [np.empty((0, len(LABELS)), dtype=np.float32) for _ in mails]
        first = self._first.probabilities(list(place))
        read = [first[[place[sentence] for sentence in held]] for held in mails]
        if self._second is None:
            return read
        doubted = [_doubted(held, rows) for held, rows in zip(mails, read, strict=True)]
        place = _places(held[index] for held, some in zip(mails, doubted, strict=True) for index in some)
        second = self._second.probabilities(list(place)) if place else first[:0]
        for held, rows, some in zip(mails, read, doubted, strict=True):
            for index in some:
                rows[index] = _SHARE * second[place[held[index]]] + (1 - _SHARE) * rows[index]
        return read

    def _tone(self, found: Sequence[str], rows: NDArray[np.float32]) -> Tone:
        if not found:
            return Tone(label="neutral", confidence=1.0, sentences=())
        return self._single(found[0], rows[0]) if len(found) == 1 else self._mail(found, rows)

    def _single(self, sentence: str, row: NDArray[np.float32]) -> Tone:
        best = int(row.argmax())
        label = LABELS[best]
        return Tone(label=label, confidence=float(row[best]), sentences=() if label == "neutral" else (sentence,))

    def _mail(self, found: Sequence[str], rows: NDArray[np.float32]) -> Tone:
        values = rows[:, 2] - rows[:, 0]
        score = float((values**3).sum()) / math.sqrt(len(values))
        if abs(score) < _THRESHOLD:
            return Tone(label="neutral", confidence=1 - abs(score), sentences=())
        label: Label = "positive" if score > 0 else "negative"
        order = np.argsort(-np.abs(values), kind="stable")
        causes = [found[index] for index in order if values[index] * np.sign(score) > _CAUSE]
        return Tone(label=label, confidence=min(1.0, 0.5 + abs(score)), sentences=tuple(causes[:_MOST_CAUSES]))


def _places(sentences_: Iterable[str]) -> dict[str, int]:
    return {sentence: index for index, sentence in enumerate(dict.fromkeys(sentences_))}


def _doubted(held: Sequence[str], rows: NDArray[np.float32]) -> list[int]:
    """What the second reader is asked about: the least neutral first, as many as a mail may take time for."""
    neutral = rows[:, LABELS.index("neutral")]
    order = [index for index in np.argsort(neutral, kind="stable").tolist() if neutral[index] <= _PLAIN]
    chosen = set(affordable(dict.fromkeys(held[index] for index in order), MOST_PIECES))
    return [index for index in order if held[index] in chosen]


def _sentences(text: str) -> list[str]:
    own = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">"))
    return worth_a_look(sentence for sentence in sentences.split(own) if not is_courtesy(sentence))


def design(texts: Sequence[str], embedder: Embedder) -> NDArray[np.float32]:
    """Return the inputs of the head: embedding and polarity features, shape (len(texts), dimensions +
    FEATURES).
    """
    vectors = embedder.embed([spoken(text) for text in texts])
    return np.hstack([vectors, np.stack([features(text) for text in texts])]).astype(np.float32)


def centred(inputs: NDArray[np.float32], centre: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows of `design` with the embeddings less `centre` and of length one again."""
    vectors = inputs[:, : len(centre)] - centre
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return np.hstack([vectors, inputs[:, len(centre) :]])


def load_tone_model(embedder: Embedder, second: SentenceReader | None = None) -> ToneModel:
    """Return the model that ships with the product; raises ValueError for an embedder that no head was trained
    on.
    """
    return ToneModel(Reader(embedder=embedder, head=load_head("tone_head.npz")), second)


def load_head(name: str) -> Head:
    """Return a head that lies beside this file."""
    with np.load(str(files("crm.signals").joinpath(name)), allow_pickle=False) as stored:
        arrays = {key: stored[key].astype(np.float32) for key in ("centre", "quadratic", "linear", "bias")}
        return Head(embedder=str(stored["embedder"]), **arrays)
