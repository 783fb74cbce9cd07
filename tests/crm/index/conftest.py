"""A workspace with stored mail and both of its indexes, without Gmail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crm import schema
from crm.customers import save_customer
from crm.database import Database
from crm.identity import Principal, create_workspace
from crm.index.reindex import index_missing
from crm.index.search import SearchIndex
from crm.index.vectors import VectorIndex, embedded_client
from crm.mails import MailFilter
from tests.house import NOW, HashingEmbedder, MovableClock


@dataclass
class Stock:
    """Adds mail and searches it."""

    database: Database
    vectors: VectorIndex
    index: SearchIndex
    embedder: HashingEmbedder
    me: Principal
    customers: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def add(
        self, subject: str, text: str = "", *, customer: str = "Globex", days_ago: float = 1.0, status: str = "stored",
        sender: str = "maria@globex.example", indexed: bool = True, workspace_id: int = 0, **fields: Any,
    ) -> str:  # fmt: skip
        """One mail with one copy, linked to one customer; returns its id."""
        self.count += 1
        mail_id = f"mail{self.count:05}"
        with self.database.write() as session:
            session.add(_mail(self, mail_id, subject, text, sender, NOW - timedelta(days=days_ago), fields))
            session.flush()
            session.add(schema.Link(mail_id=mail_id, customer_id=self.customers[customer], rule="domain", detail="d"))
            session.add(
                schema.Message(mailbox_id=1, gmail_id=mail_id, gmail_thread_id="t", mail_id=mail_id, status=status)
            )
        if indexed:
            index_missing(self.database, self.index, self.me.workspace_id)
        return mail_id

    def search(self, query: str, limit: int = 8, **chosen: Any) -> list[str]:
        with self.database.read() as session:
            hits = self.index.search(session, self.me.workspace_id, query, MailFilter(**chosen), limit=limit)
        return [hit.mail.subject for hit in hits]


def _mail(
    stock: Stock, mail_id: str, subject: str, text: str, sender: str, at: datetime, fields: dict[str, Any]
) -> schema.Mail:
    given = {"direction": "inbound", "has_body": True} | fields
    return schema.Mail(
        id=mail_id, workspace_id=stock.me.workspace_id, sent_at=at, subject=subject, text=text, new_text=text,
        sender_email=sender, references=[], tone_sentences=[],
        participants=[schema.Participant(kind="from", name="Maria Silva", email=sender)], **given,
    )  # fmt: skip


@pytest.fixture
def stock(database: Database, tmp_path: Path, clock: MovableClock) -> Iterator[Stock]:
    embedder = HashingEmbedder()
    vectors = VectorIndex(lambda: embedded_client(tmp_path / "chroma"), embedder.id)
    index = SearchIndex(vectors, embedder, clock)
    with database.write() as session:
        me = create_workspace(session, clock, name="LealUp", user_email="vera@lealup.example", timezone="UTC")
        stock = Stock(database=database, vectors=vectors, index=index, embedder=embedder, me=me)
        for name in ("Globex", "Initech"):
            stock.customers[name] = save_customer(
                session, me.workspace_id, name=name, aliases=[], domains=[], arr=None, plan="", status="active",
                renewal_date=None, segment="", owner="", language="",
            ).id  # fmt: skip
        session.add(
            schema.Mailbox(workspace_id=me.workspace_id, user_id=me.user_id, email=me.email, created_at=clock())
        )
    yield stock
