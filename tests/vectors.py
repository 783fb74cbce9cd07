"""Chroma's place taken by dictionaries, at the boundary where the product opens its client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


class MemoryCollection:
    """What the product uses of a Chroma collection. `write` runs around every change: a test may die there."""

    def __init__(self, name: str, write: Callable[[], None]) -> None:
        self.name, self._write = name, write
        self.rows: dict[str, tuple[dict[str, Any], Any]] = {}  # id -> (metadata, vector)

    def add(self, *, ids: list[str], embeddings: Any, metadatas: list[dict[str, Any]]) -> None:
        self._write()
        self.rows.update(zip(ids, zip(metadatas, embeddings, strict=True), strict=True))
        self._write()

    def delete(self, *, where: dict[str, Any]) -> None:
        self._write()
        for id_ in [id_ for id_, (metadata, _) in self.rows.items() if _holds(where, metadata)]:
            del self.rows[id_]
        self._write()

    def count(self) -> int:
        return len(self.rows)

    def get(
        self, *, include: list[str], where: dict[str, Any] | None = None, limit: int | None = None, offset: int = 0
    ) -> dict[str, Any]:
        found = [row for row in self.rows.values() if where is None or _holds(where, row[0])]
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {
            "metadatas": [metadata for metadata, _ in page],
            "embeddings": np.asarray([vector for _, vector in page]),
        }


class MemoryChroma:
    """Opens itself, like `wiring.chroma.ChromaDoor`; also stands in for the client."""

    def __init__(self, write: Callable[[], None] = lambda: None) -> None:
        self._write = write
        self.collections: dict[str, MemoryCollection] = {}

    def __call__(self, *_: object) -> MemoryChroma:
        return self

    def get_or_create_collection(self, name: str, **_: object) -> MemoryCollection:
        return self.collections.setdefault(name, MemoryCollection(name, self._write))

    def list_collections(self) -> list[MemoryCollection]:
        return list(self.collections.values())

    def delete_collection(self, name: str) -> None:
        del self.collections[name]

    def close(self) -> None:
        """Nothing is open."""


def _holds(where: dict[str, Any], metadata: dict[str, Any]) -> bool:
    (name, wanted), *rest = where.items()
    assert not rest, where
    if name == "$or":
        return any(_holds(one, metadata) for one in wanted)
    return metadata.get(name) in wanted["$in"] if isinstance(wanted, dict) else bool(metadata.get(name) == wanted)
