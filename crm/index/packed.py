"""The vectors of mails beside their rows: what a filter leaves is compared exactly, without asking Chroma.

Chroma's filtered queries are its slow ones. Written in the transaction that makes a mail searchable, so a reader sees both
or none.
"""

from __future__ import annotations

import json
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from crm import schema
from crm.slices import slices


def put(session: Session, mail_id: str, embedder_id: str, vectors: NDArray[np.float32]) -> None:
    """Keep the rows of a mail, shape (chunks, dimensions), in place of what was there."""
    statement = (  # of two processes that index the same mail, the later one's are kept
        "INSERT INTO mail_vectors (mail_id, embedder, rows) VALUES (:id, :embedder, :rows) "
        "ON CONFLICT (mail_id) DO UPDATE SET embedder = excluded.embedder, rows = excluded.rows"
    )
    rows = vectors.astype(np.float16).tobytes()
    session.execute(text(statement), {"id": mail_id, "embedder": embedder_id, "rows": rows})


def drop(session: Session, mail_ids: Collection[str]) -> None:
    for piece in slices(mail_ids):
        session.execute(delete(schema.MailVector).where(schema.MailVector.mail_id.in_(piece)))


def holds(session: Session, embedder_id: str, mail_ids: Collection[str]) -> bool:
    """Whether vectors of this embedder are kept of any of these mails."""
    kept = schema.MailVector
    chosen = select(kept.mail_id).where(kept.embedder == embedder_id).limit(1)
    return any(session.scalar(chosen.where(kept.mail_id.in_(piece))) is not None for piece in slices(mail_ids))


def similarity(
    session: Session, embedder_id: str, query: NDArray[np.float32], mail_ids: Collection[str]
) -> dict[str, float]:
    """Best cosine of each of these mails whose vectors are kept here."""
    if not mail_ids:
        return {}
    # One list, not a thousand parameters: a statement of so many takes longer to prepare than to run.
    these = "SELECT value FROM json_each(:ids)" if _is_sqlite(session) else "SELECT unnest(CAST(:ids AS text[]))"
    keys = {"ids": json.dumps(list(mail_ids)) if _is_sqlite(session) else list(mail_ids), "embedder": embedder_id}
    statement = f"SELECT mail_id, rows FROM mail_vectors WHERE mail_id IN ({these}) AND embedder = :embedder"  # noqa: S608
    found = [(str(mail_id), bytes(rows)) for mail_id, rows in session.execute(text(statement), keys).all() if rows]
    if not found:
        return {}
    every = np.frombuffer(b"".join(rows for _, rows in found), dtype=np.float16).reshape(-1, len(query))
    starts = np.cumsum([0, *(len(rows) // (2 * len(query)) for _, rows in found[:-1])])
    best = np.maximum.reduceat(every.astype(np.float32) @ query, starts)
    return {mail_id: float(score) for (mail_id, _), score in zip(found, best, strict=True)}


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
