"""The corpus in a store of its own with both indexes, and the engines that are compared on it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from crm import schema
from crm.clock import fixed_clock
from crm.customers import save_customer
from crm.database import Database
from crm.identity import Principal, create_workspace
from crm.index import lexical
from crm.index.embedder import Embedder
from crm.index.reindex import index_missing
from crm.index.search import SearchIndex
from crm.index.vectors import VectorIndex, embedded_client
from crm.mails import MailFilter
from evals.retrieval.story import Query, Text, corpus, customers

_AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
_RRF = 60  # the constant of reciprocal rank fusion as published
_DEEP = 60


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Every engine answers from the same rows; `ours` is what the product calls."""

    database: Database
    vectors: VectorIndex
    index: SearchIndex
    embedder: Embedder
    me: Principal
    customers: Mapping[str, int]
    mails: Mapping[str, Text]

    def answers(self, query: Query) -> dict[str, list[str]]:
        """Mail ids by engine, best first."""
        dense, words = self.dense(query), self.lexical(query)
        return {"dense": dense, "lexical": words, "rrf": fused(dense, words), "ours": self.ours(query)}

    def dense(self, query: Query) -> list[str]:
        only = [self.customers[query.customer]] if query.customer else []
        vector = self.embedder.embed_query(query.text)
        found = self.vectors.nearest(self.me.workspace_id, vector, _DEEP, only)
        return sorted(found, key=lambda mail_id: (-found[mail_id], mail_id))

    def lexical(self, query: Query) -> list[str]:
        with self.database.read() as session:
            found = lexical.search(session, self.me.workspace_id, query.text, len(self.mails))
        ranked = sorted(found, key=lambda mail_id: (-found[mail_id], mail_id))
        return [mail_id for mail_id in ranked if query.customer in ("", self.mails[mail_id].customer)][:_DEEP]

    def ours(self, query: Query) -> list[str]:
        chosen = MailFilter(customer_ids=[self.customers[query.customer]] if query.customer else [])
        with self.database.read() as session:
            hits = self.index.search(session, self.me.workspace_id, query.text, chosen, limit=10)
        return [hit.mail.id for hit in hits]


def fused(*rankings: list[str]) -> list[str]:
    """Reciprocal rank fusion."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for place, mail_id in enumerate(ranking, start=1):
            scores[mail_id] = scores.get(mail_id, 0.0) + 1 / (_RRF + place)
    return sorted(scores, key=lambda mail_id: (-scores[mail_id], mail_id))


@contextmanager
def filled(embedder: Embedder, url: str = "") -> Iterator[Shelf]:
    """The corpus stored and indexed in a temporary folder, or in the empty database at `url`."""
    with tempfile.TemporaryDirectory(prefix="lealup-retrieval-") as folder:
        database = Database(url or f"sqlite:///{folder}/lealup.db")
        database.migrate()
        vectors = VectorIndex(lambda: embedded_client(Path(folder) / "chroma"), embedder.id)
        clock = fixed_clock(_AT)
        index = SearchIndex(vectors, embedder, clock)
        try:
            with database.write() as session:
                me = create_workspace(session, clock, name="Evals", user_email="csm@lealup.example", timezone="UTC")
                ids = {name: _customer(session, me.workspace_id, name) for name in customers()}
                box = schema.Mailbox(workspace_id=me.workspace_id, user_id=me.user_id, email=me.email, created_at=_AT)
                session.add(box)
                session.flush()
                for number, mail in enumerate(corpus()):
                    _store(session, mail, me.workspace_id, box.id, ids[mail.customer], _AT - timedelta(hours=number))
            index_missing(database, index, me.workspace_id)
            mails = {mail.id: mail for mail in corpus()}
            yield Shelf(
                database=database, vectors=vectors, index=index, embedder=embedder, me=me, customers=ids, mails=mails
            )
        finally:
            vectors.close()
            database.close()


def _customer(session: Session, workspace_id: int, name: str) -> int:
    saved = save_customer(
        session, workspace_id, name=name, aliases=[], domains=[], arr=None, plan="", status="active",
        renewal_date=None, segment="", owner="", language="",
    )  # fmt: skip
    return saved.id


def _store(session: Session, mail: Text, workspace_id: int, box: int, customer_id: int, at: datetime) -> None:
    address = f"{mail.sender.lower().replace(' ', '.')}@{mail.customer.lower().replace(' ', '-')}.example"
    session.add(
        schema.Mail(
            id=mail.id, workspace_id=workspace_id, sent_at=at, direction="inbound", subject=mail.subject,
            text=mail.body, new_text=mail.body, has_body=True, sender_name=mail.sender, sender_email=address,
            language=mail.language, references=[], tone_sentences=[],
            participants=[schema.Participant(kind="from", name=mail.sender, email=address)],
        )
    )  # fmt: skip
    session.flush()
    session.add(schema.Link(mail_id=mail.id, customer_id=customer_id, rule="domain", detail=""))
    session.add(
        schema.Message(mailbox_id=box, gmail_id=mail.id, gmail_thread_id=mail.id, mail_id=mail.id, status="stored")
    )
