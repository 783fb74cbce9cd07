"""A whole house over a local Gmail: the real application, the real Google client, one CSM, two customers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from crm import schema
from crm.customers import Customer, find_customer, save_contact, save_customer
from crm.folding import fold
from crm.identity import Principal, create_workspace
from crm.mails import MailFilter, StoredMail, list_mails
from ingestion.mailboxes import mailboxes_of
from sandbox.gmail.message import Message
from sandbox.gmail.store import Store

if TYPE_CHECKING:
    from ingestion.sync import SyncReport
    from wiring.app import App

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
CSM, COLLEAGUE = "vera@lealup.example", "luis@lealup.example"
MARIA, JOAO = "Maria Silva <maria@globex.example>", "João Nunes <joao@initech.example>"
REDIRECT = "http://127.0.0.1:9/oauth/callback"


@dataclass
class MovableClock:
    """A clock that stands still until a test moves it; the product and the local Gmail share one."""

    instant: datetime = NOW

    def __call__(self) -> datetime:
        return self.instant

    def advance(self, **units: float) -> None:
        self.instant += timedelta(**units)


@dataclass
class HashingEmbedder:
    """Words hashed into signed dimensions: the same words give the same vector, and no model is loaded.

    It carries the id of the real one because the tone head accepts no other vector space.
    """

    id: str = "use-multilingual-v3"
    dimensions: int = 512
    embedded: list[str] = field(default_factory=list)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in fold(text).split() or [""]:
                digest = hashlib.sha256(word.encode()).digest()
                row[int.from_bytes(digest[:4], "big") % self.dimensions] += 1.0 if digest[4] % 2 else -1.0
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return rows

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return np.asarray(self.embed([text])[0], dtype=np.float32)


def letter(
    sender: str = MARIA,
    to: str = CSM,
    subject: str = "Hello",
    text: str = "Hi",
    *,
    days_ago: float = 3.0,
    now: datetime = NOW,
    **headers: str,
) -> bytes:
    """RFC 822 bytes; `headers` by name with underscores. The Message-ID follows from subject and date."""
    date = now - timedelta(days=days_ago)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(date)
    if "Message_ID" not in headers:
        message["Message-ID"] = message_id(subject, date)
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def message_id(subject: str, date: datetime) -> str:
    digest = hashlib.sha256(f"{subject}{date.isoformat()}".encode()).hexdigest()[:16]
    return f"<{digest}@mail.example>"


@dataclass(frozen=True, kw_only=True)
class House:
    """The application, the local Gmail behind it, and what tests do to both."""

    app: App
    store: Store
    url: str
    clock: MovableClock

    @property
    def me(self) -> Principal:
        return self.app.principal(CSM)

    def connect(self, email: str = CSM, *, send: bool = False) -> str:
        """The whole OAuth flow with PKCE, consent given at once; returns the connected address."""
        consent = self.app.access.start(self.app.principal(email), redirect_uri=REDIRECT, send=send)
        back = httpx.URL(httpx.get(consent).headers["location"]).params
        return self.app.access.finish(state=back["state"], code=back.get("code", ""), error=back.get("error", ""))

    def join(self, email: str) -> Principal:
        """Another user of the same workspace."""
        with self.app.database.write() as session:
            return create_workspace(session, self.clock, name="LealUp", user_email=email, timezone="Europe/Madrid")

    def customer(self, name: str, *, domains: Iterable[str] = (), contacts: Iterable[str] = ()) -> Customer:
        with self.app.database.write() as session:
            customer = save_customer(
                session, self.me.workspace_id, name=name, aliases=[], domains=domains, arr=None, plan="",
                status="active", renewal_date=None, segment="", owner=CSM, language="en",
            )  # fmt: skip
            for address in contacts:
                save_contact(session, customer, self.me.workspace_id, name=address, email=address, role="")
            return customer

    def mailbox(self, email: str = CSM) -> schema.Mailbox:
        with self.app.database.read() as session:
            return mailboxes_of(session, self.app.principal(email))[0]

    def sync(self, email: str = CSM, **options: Any) -> SyncReport:
        """One sync; its coverage equation must hold."""
        report = self.app.sync.run(self.mailbox(email).id, **options)
        assert balanced(report.coverage), report.coverage
        return report

    def mail(self, raw: bytes, *, email: str = CSM, **more: Any) -> Message:
        """Put a mail into a mailbox at Gmail."""
        return self.store.mailbox(email).add(raw, **more)

    def relabel(
        self, message: Message, *, add: Iterable[str] = (), remove: Iterable[str] = (), email: str = CSM
    ) -> None:
        self.store.mailbox(email).relabel(message, add=add, remove=remove)

    def delete(self, message: Message, *, email: str = CSM) -> None:
        self.store.mailbox(email).delete(message)

    def fault(self, kind: str, method: str = "", **more: Any) -> None:
        body = {"kind": kind, "method": method, **more}
        httpx.post(f"{self.url}/sandbox/faults", json=body).raise_for_status()

    def post(self, path: str, **body: Any) -> None:
        httpx.post(f"{self.url}/sandbox/{path}", json=body).raise_for_status()

    def clear_faults(self) -> None:
        httpx.delete(f"{self.url}/sandbox/faults").raise_for_status()

    def requests(self, method: str = "") -> list[dict[str, Any]]:
        """What the local Gmail was asked since the log was last cleared."""
        found: list[dict[str, Any]] = httpx.get(f"{self.url}/sandbox/log", params={"method": method}).json()["requests"]
        return found

    def clear_log(self) -> None:
        httpx.delete(f"{self.url}/sandbox/log")

    def timeline(self, customer: str) -> tuple[StoredMail, ...]:
        with self.app.database.read() as session:
            chosen = find_customer(session, self.me.workspace_id, customer)
            return list_mails(session, self.me.workspace_id, MailFilter(customer_ids=[chosen.id]))

    def subjects(self, customer: str) -> list[str]:
        return [mail.subject for mail in self.timeline(customer)]

    def searched(self, query: str) -> set[str]:
        """Subjects of everything the search finds, best 50."""
        with self.app.database.read() as session:
            hits = self.app.index.search(session, self.me.workspace_id, query, MailFilter(), limit=50)
        return {hit.mail.subject for hit in hits}

    def copy(self, gmail_id: str) -> schema.Message:
        with self.app.database.read() as session:
            return session.scalars(select(schema.Message).where(schema.Message.gmail_id == gmail_id)).one()


def balanced(coverage: dict[str, Any]) -> bool:
    """listed = stored + filtered by reason + quarantined + pending."""
    held = coverage["stored"] + sum(coverage["filtered"].values())
    return bool(coverage["listed"] == held + coverage["quarantined"] + coverage["pending"])


def snapshot(house: House) -> dict[str, Any]:
    """Everything a sync writes, in a form that two runs can be compared by."""
    with house.app.database.read() as session:
        mails = {
            mail.id: (
                mail.subject, mail.has_body, mail.new_text, mail.direction, mail.tone, bool(mail.indexed_at),
                sorted((link.customer_id, link.rule, link.detail) for link in mail.links),
                sorted((person.kind, person.email) for person in mail.participants),
            )
            for mail in session.scalars(select(schema.Mail))
        }  # fmt: skip
        copies = {
            (copy.mailbox_id, copy.gmail_id): (copy.mail_id, copy.status, copy.reason, tuple(copy.label_ids))
            for copy in session.scalars(select(schema.Message))
        }
        pending = sorted(row.gmail_id for row in session.scalars(select(schema.Pending)))
    return {
        "mails": mails,
        "copies": copies,
        "pending": pending,
        "vectors": house.app.vectors.ids(house.me.workspace_id),
    }
