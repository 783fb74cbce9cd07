"""How long a search takes: python -m benchmarks.retrieval [--mails N] [--queries Q] [--folder DIR] [--database URL].

The mails of benchmarks.timeline (201 customers, the first has a third of them), each with one vector of 896 dimensions
drawn around one of 2,000 topics, in the embedded Chroma. A query has the vector of a mail of its scope, moved, and three
words of that mail; the text is not embedded, that is the encoder's time and the same for everybody. Printed for each scope:

- ours: `SearchIndex.search` as the assistant calls it, rows of the found mails included: p50 and p95;
- Chroma: its own filtered query over the same collection, which knows neither dates nor people nor words;
- recall@10 of the vectors alone, ours and Chroma's, against an exact scan of every mail in the scope.

`--folder` keeps what was filled, for another run.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, text

from benchmarks.timeline import fill
from crm import schema
from crm.clock import fixed_clock
from crm.customers import list_customers
from crm.database import Database
from crm.index import lexical, packed
from crm.index.search import SearchIndex
from crm.index.vectors import VectorIndex, embedded_client
from crm.mails import MailFilter, where
from crm.slices import slices

_AT = datetime(2026, 6, 15, 12, tzinfo=UTC)
_DIMENSIONS, _TOPICS = 896, 2000
_NEAR = 10
_ABSENT = "zzzzabsent"  # in no mail: what is found is found by the vectors alone


class Given:
    """An embedder that answers with the vector it was given."""

    id, dimensions = "given", _DIMENSIONS

    def __init__(self) -> None:
        self.vector = np.zeros(_DIMENSIONS, dtype=np.float32)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.tile(self.vector, (len(texts), 1))

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self.vector


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.retrieval", description=__doc__)
    parser.add_argument("--mails", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=60, help="for each scope")
    parser.add_argument("--folder", default="", help="where the index lies; filled when it is empty")
    parser.add_argument("--database", default="", help="a database's URL; SQLite in the folder by default")
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(chosen.folder or stack.enter_context(tempfile.TemporaryDirectory()))
        database = Database(chosen.database or f"sqlite:///{folder / 'retrieval.db'}")
        database.migrate()
        given = Given()
        vectors = VectorIndex(lambda: embedded_client(folder / "chroma"), given.id)
        index = SearchIndex(vectors, given, fixed_clock(_AT))
        rows = _drawn(chosen.mails)
        if not (folder / "filled").exists():
            began = time.perf_counter()
            fill(database, chosen.mails)
            _index(database, vectors, given.id, rows)
            (folder / "filled").touch()
            print(f"{chosen.mails} mails filled in {time.perf_counter() - began:.0f} s")
        _measure(database, index, vectors, given, rows, chosen.queries)
        vectors.close()
        database.close()


def _drawn(mails: int) -> NDArray[np.float32]:
    """A unit vector for each mail, around its topic."""
    rng = np.random.default_rng(5)
    topics = rng.standard_normal((_TOPICS, _DIMENSIONS), dtype=np.float32)
    rows = topics[rng.integers(_TOPICS, size=mails)] + 0.8 * rng.standard_normal((mails, _DIMENSIONS), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def _index(database: Database, vectors: VectorIndex, embedder_id: str, rows: NDArray[np.float32]) -> None:
    """What `SearchIndex.put` writes, many mails at a time; the folded texts are there already."""
    with database.read() as session:
        workspace_id = session.scalars(select(schema.Workspace.id)).one()
        mail_ids = session.scalars(select(schema.Mail.id).order_by(schema.Mail.id)).all()
    for piece in slices(mail_ids):
        with database.write() as session:
            mails = session.scalars(select(schema.Mail).where(schema.Mail.id.in_(piece))).all()
            held = [
                (mail.id, [link.customer_id for link in mail.links], rows[_number(mail.id)][None, :]) for mail in mails
            ]
            vectors.put_many(workspace_id, held)
            for mail_id, _, row in held:
                packed.put(session, mail_id, embedder_id, row)
            for mail in mails:
                people = " ".join(person.email for person in mail.participants)
                lexical.put(session, workspace_id, mail.id, subject=mail.subject, people=people, body=mail.new_text)
            session.expunge_all()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _number(mail_id: str) -> int:
    return int(mail_id.rpartition("-")[2])


def _measure(
    database: Database, index: SearchIndex, vectors: VectorIndex, given: Given, rows: NDArray[np.float32], queries: int
) -> None:
    with database.read() as session:
        workspace_id = session.scalars(select(schema.Workspace.id)).one()
        ids = sorted(held.id for held in list_customers(session, workspace_id))
    print("| scope | mails | p50 ms | p95 ms | Chroma p50 ms | p95 ms | times ours | recall@10 | Chroma's |")
    print("|---|---|---|---|---|---|---|---|---|")
    scopes: dict[str, Callable[[int], MailFilter]] = {
        "a customer of 1 in 300": lambda n: MailFilter(customer_ids=[ids[1 + n % 200]]),
        "the same, half a year": lambda n: MailFilter(
            customer_ids=[ids[1 + n % 200]], since=_AT - timedelta(days=400), until=_AT - timedelta(days=220)
        ),
        "the same, one person": lambda n: MailFilter(
            customer_ids=[ids[1 + n % 200]], people=[f"person0@c{1 + n % 200}.example"]
        ),
        "ten customers": lambda n: MailFilter(customer_ids=[ids[1 + (n + k * 17) % 200] for k in range(10)]),
        "a customer with a third of all": lambda _: MailFilter(customer_ids=[ids[0]]),
        "everybody, a month": lambda n: MailFilter(
            since=_AT - timedelta(days=60 + n), until=_AT - timedelta(days=30 + n)
        ),
        "everybody": lambda _: MailFilter(),
    }
    for name, scope in scopes.items():
        print(f"| {name} | {_row(database, index, vectors, given, rows, scope, workspace_id, queries)} |", flush=True)


def _row(
    database: Database, index: SearchIndex, vectors: VectorIndex, given: Given, rows: NDArray[np.float32],
    scope: Callable[[int], MailFilter], workspace_id: int, queries: int,
) -> str:  # fmt: skip
    rng = random.Random(9)
    ours: list[float] = []
    theirs: list[float] = []
    recalls: list[tuple[float, float]] = []
    sizes: list[int] = []
    for n in range(queries):
        chosen = scope(n)
        with database.read() as session:
            inside = session.scalars(select(schema.Mail.id).where(where(workspace_id, chosen))).all()
            about = session.get_one(schema.Mail, rng.choice(inside))
            words = " ".join(rng.sample(about.new_text.split(), 3))
        sizes.append(len(inside))
        given.vector = _moved(rows[_number(about.id)], n)
        seconds, _ = _searched(database, index, workspace_id, words, chosen)
        ours.append(seconds)
        _, found = _searched(database, index, workspace_id, _ABSENT, chosen)
        began = time.perf_counter()
        near = vectors.nearest(workspace_id, given.vector, _NEAR, chosen.customer_ids)
        theirs.append(time.perf_counter() - began)
        numbers = np.array([_number(mail_id) for mail_id in inside])
        exact = {inside[at] for at in np.argsort(-(rows[numbers] @ given.vector))[:_NEAR]}
        recalls.append((len(exact & set(found)) / len(exact), len(exact & set(near)) / len(exact)))
    ours.sort()
    theirs.sort()
    told = [f"{statistics.mean(sizes):.0f}"]
    told += [
        _ms(held) for timed in (ours, theirs) for held in (statistics.median(timed), timed[int(0.95 * (queries - 1))])
    ]
    told.append(f"{statistics.median(theirs) / statistics.median(ours):.1f}")
    told += [f"{statistics.mean(side):.3f}" for side in zip(*recalls, strict=True)]
    return " | ".join(told)


def _moved(row: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    noise = np.random.default_rng(seed).standard_normal(_DIMENSIONS, dtype=np.float32)
    moved = row + 0.5 * noise / np.linalg.norm(noise)
    return np.asarray(moved / np.linalg.norm(moved), dtype=np.float32)


def _searched(
    database: Database, index: SearchIndex, workspace_id: int, query: str, chosen: MailFilter
) -> tuple[float, list[str]]:
    began = time.perf_counter()
    with database.read() as session:
        hits = index.search(session, workspace_id, query, chosen, limit=_NEAR)
    return time.perf_counter() - began, [hit.mail.id for hit in hits]


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:.1f}"


if __name__ == "__main__":
    main()
