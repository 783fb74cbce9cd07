"""The vector index: one Chroma collection per workspace and embedder, always with our own embeddings."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.client import Client
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import NotFoundError
from numpy.typing import NDArray

from crm.errors import LealUpError
from crm.slices import slices

_PAGE = 5000  # below Chroma's own limit of 5,461 records a call


class IndexUnavailable(LealUpError):
    sentence = "The search index can't be opened."
    next_step = "Check LEALUP_CHROMA_URL, or stop the other process that holds the index, and try again."


class ChromaClients(Protocol):
    """Where the client comes from: embedded, or a server."""

    def __call__(self) -> ClientAPI: ...


class VectorIndex:
    """Chunks of mails as vectors. Ids are `<mail id>:<chunk>`, so indexing a mail again replaces it.

    The client is opened on first use: importing and starting stay fast, and a face that never searches never opens it.
    """

    def __init__(self, open_client: ChromaClients, embedder_id: str) -> None:
        self._open, self._embedder_id = open_client, embedder_id
        self._client: ClientAPI | None = None
        self._collections: dict[int, chromadb.Collection] = {}
        self._lock = threading.Lock()

    def put(self, workspace_id: int, mail_id: str, customer_ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        self.put_many(workspace_id, [(mail_id, customer_ids, vectors)])

    def put_many(self, workspace_id: int, mails: Sequence[tuple[str, Sequence[int], NDArray[np.float32]]]) -> None:
        """The vectors of each (mail id, its customers, rows), in place of what was there; for many mails it is quicker."""
        collection = self._collection(workspace_id)
        for piece in slices(mails):
            collection.delete(where=_any_of([mail_id for mail_id, _, _ in piece]))
            rows = [(mail_id, customers, n, row) for mail_id, customers, held in piece for n, row in enumerate(held)]
            for some in slices(rows, _PAGE):
                collection.add(
                    ids=[f"{mail_id}:{n}" for mail_id, _, n, _ in some],
                    embeddings=np.stack([row for *_, row in some]),
                    metadatas=[{"mail": mail_id, **_flags(customers)} for mail_id, customers, _, _ in some],
                )

    def drop(self, workspace_id: int, mail_ids: Collection[str]) -> None:
        if mail_ids:
            self._collection(workspace_id).delete(where=_any_of(mail_ids))

    def nearest(
        self, workspace_id: int, query: NDArray[np.float32], limit: int, customer_ids: Collection[int] = ()
    ) -> dict[str, float]:
        """Best cosine per mail among the `limit` nearest chunks: mail id → similarity."""
        flags = [{f"customer{id_}": True} for id_ in sorted(customer_ids)]
        only: Any = None if not flags else flags[0] if len(flags) == 1 else {"$or": flags}
        asked: dict[str, Any] = {
            "query_embeddings": query.reshape(1, -1), "n_results": limit, "where": only, "include": ["distances"],
        }  # fmt: skip
        try:
            answer = self._known(workspace_id).query(**asked)
        except NotFoundError:  # another process has made it anew
            answer = self._collection(workspace_id).query(**asked)
        best: dict[str, float] = {}
        for chunk, distance in zip(answer["ids"][0], (answer["distances"] or [[]])[0], strict=True):
            mail = chunk.rpartition(":")[0]
            best[mail] = max(best.get(mail, -1.0), 1.0 - float(distance))
        return best

    def similarity(self, workspace_id: int, query: NDArray[np.float32], mail_ids: Collection[str]) -> dict[str, float]:
        """Exact best cosine of each of these mails."""
        best: dict[str, float] = {}
        wanted = list(mail_ids)
        for begin in range(0, len(wanted), 500):
            answer = self._collection(workspace_id).get(
                where=_any_of(wanted[begin : begin + 500]), include=["metadatas", "embeddings"]
            )
            rows = answer["embeddings"]
            if rows is None or not len(rows):
                continue
            scores = np.asarray(rows, dtype=np.float32) @ query
            for metadata, score in zip(answer["metadatas"] or [], scores, strict=True):
                mail = str(metadata["mail"])
                best[mail] = max(best.get(mail, -1.0), float(score))
        return best

    def ids(self, workspace_id: int) -> frozenset[str]:
        """Every mail id the index holds."""
        found: set[str] = set()
        collection, offset = self._collection(workspace_id), 0
        while True:
            metadatas = collection.get(include=["metadatas"], limit=_PAGE, offset=offset)["metadatas"] or []
            found.update(str(metadata["mail"]) for metadata in metadatas)
            if len(metadatas) < _PAGE:
                return frozenset(found)
            offset += _PAGE

    def clear(self, workspace_id: int) -> None:
        self._collection(workspace_id)
        self._opened().delete_collection(self._name(workspace_id))
        self._collections.pop(workspace_id, None)

    def is_new(self, workspace_id: int) -> bool:
        """Whether nothing was ever put in: so it is after an update that brought another embedder."""
        return self._collection(workspace_id).count() == 0

    def drop_former(self, workspace_id: int) -> None:
        """Delete what former embedders left: nothing reads it, and nobody would take a deleted mail out of it."""
        own = self._name(workspace_id)
        for collection in self._opened().list_collections():
            if collection.name.startswith(f"mail-{workspace_id}-") and collection.name != own:
                self._opened().delete_collection(collection.name)

    def close(self) -> None:
        """Give back the client's files, threads and connections; the next use opens it again."""
        with self._lock:
            if isinstance(self._client, Client):
                self._client.close()
            self._client = None
            self._collections.clear()

    def _name(self, workspace_id: int) -> str:
        return f"mail-{workspace_id}-{self._embedder_id}"

    def _known(self, workspace_id: int) -> chromadb.Collection:
        """The collection as it was opened last, for every search: to ask for it takes as long as to ask it for ten mails."""
        return self._collections.get(workspace_id) or self._collection(workspace_id)

    def _collection(self, workspace_id: int) -> chromadb.Collection:
        held = self._opened().get_or_create_collection(
            self._name(workspace_id), embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        self._collections[workspace_id] = held
        return held

    def _opened(self) -> ClientAPI:
        with self._lock:
            if self._client is None:
                self._client = self._open()
            return self._client


def _flags(customer_ids: Sequence[int]) -> dict[str, Any]:
    return {f"customer{id_}": True for id_ in customer_ids}


def _any_of(mail_ids: Collection[str]) -> dict[str, Any]:
    condition: dict[str, Any] = {"mail": {"$in": list(mail_ids)}}
    return condition


def _quiet() -> ChromaSettings:
    """New settings each time: a client writes its own kind and address into those it is given."""
    return ChromaSettings(anonymized_telemetry=False)


def embedded_client(path: Path) -> ClientAPI:
    """Chroma inside this process. Only one process may hold a path: the caller guards it (wiring.chroma)."""
    path.mkdir(parents=True, exist_ok=True)
    return chromadb.PersistentClient(path=os.fspath(path), settings=_quiet())


def server_client(url: str) -> ClientAPI:
    """Chroma over HTTP. Raises `IndexUnavailable` when nothing answers."""
    parts = urlsplit(url)
    try:
        return chromadb.HttpClient(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or (443 if parts.scheme == "https" else 80),
            ssl=parts.scheme == "https",
            settings=_quiet(),
        )
    except ValueError as error:
        raise IndexUnavailable(type(error).__name__) from None
