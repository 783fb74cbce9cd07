"""The encoder that search uses: two sentence encoders side by side, the second one freed of what language it reads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from crm.index.embedder import E5Model, Embedder, of_length_one

_BATCH = 32
_LONGEST = 4000
# How much E5 counts in the likeness, chosen on the dev half of evals/retrieval: 0.5 to 0.85 differ by three questions.
_SHARE = 0.7
CENTRES = "e5_centres.npz"
QUESTION_MAP = "question_map.npz"


class JointEmbedder:
    """Rows are [√0.3 · first, √0.7 · E5], so that their product is the weighted mean of both likenesses.

    E5 tells the language of a text before what it is about: a Spanish question is nearest to whatever is Spanish. Three
    centres, one a language, span a plane; what lies in that plane is taken out, of any text, without knowing its
    language. `e5_centres.npz` holds them for questions and for passages, (3, 384) each (crm.index.train_centres).

    A question q is asked as q + (q · down) · up: it says in few and other words what a mail tells in many, and what of it
    points to the mail was learnt from questions and mails written for it (crm.index.train_questions). Mails stay as they are.
    """

    def __init__(self, first: Embedder, e5: E5Model) -> None:
        self.id = f"{first.id}-e5-{_SHARE}"
        self.dimensions = first.dimensions + 384
        self._first, self._e5 = first, e5
        self._planes: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), 384), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = [text[:_LONGEST] for text in texts[start : start + _BATCH]]
            rows[start : start + len(batch)] = self._e5.passage(batch)
        return self._joined(self._first.embed(texts), rows, "passage")

    def embed_query(self, text: str) -> NDArray[np.float32]:
        down, up = question_map(self.id)
        asked = self.embed_unmapped([text])[0]
        return of_length_one(asked + (asked @ down) @ up)

    def embed_unmapped(self, questions: Sequence[str]) -> NDArray[np.float32]:
        """One row a question, as `embed_query` has it before its map: shape (len(questions), dimensions)."""
        rows = [self._e5.query([text[:_LONGEST]])[0] for text in questions]
        first = np.stack([self._first.embed_query(text) for text in questions])
        return self._joined(first, np.stack(rows), "query")

    def _joined(self, first: NDArray[np.float32], second: NDArray[np.float32], way: str) -> NDArray[np.float32]:
        mean, plane = self._plane(way)
        second = second - mean
        second = of_length_one(second - (second @ plane) @ plane.T)
        return of_length_one(np.concatenate([(1 - _SHARE) ** 0.5 * first, _SHARE**0.5 * second], axis=-1))

    def _plane(self, way: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The mean of the three centres, and an orthonormal base, (384, 2), of the plane they span."""
        with self._lock:
            if way not in self._planes:
                with files("crm.index").joinpath(CENTRES).open("rb") as file:
                    centres = np.load(file)[way]
                mean = centres.mean(axis=0)
                base, _ = np.linalg.qr((centres - mean)[:2].T)
                self._planes[way] = mean, np.asarray(base, dtype=np.float32)
            return self._planes[way]


@cache
def question_map(embedder_id: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """`down` and `up` of the shipped map, (dimensions, rank) and (rank, dimensions). Raises ValueError for another vector space."""
    with files("crm.index").joinpath(QUESTION_MAP).open("rb") as file:
        held = np.load(file)
        if str(held["embedder"]) != embedder_id:
            raise ValueError(f"the question map was learnt on {held['embedder']}, not on {embedder_id}")
        return held["down"].astype(np.float32), held["up"].astype(np.float32)


def search_encoder(first: Embedder, e5: E5Model | None) -> Embedder:
    """Both where E5 runs, `first` alone where it does not; the id tells which, so their vectors never mix."""
    return JointEmbedder(first, e5) if e5 is not None else first
