"""A real application over an empty home, with a few mails stored the way the sync stores them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import ui
from crm import schema
from crm.association import Match
from crm.customers import find_customer, save_contact, save_customer
from crm.identity import Principal, create_workspace
from crm.index.embedder import Embedder, universal_sentence_encoder
from crm.settings import Settings
from gmail.mime import parse
from gmail.oauth import READONLY
from ingestion import store
from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.server import create_app
from sandbox.gmail.settings import Settings as SandboxSettings
from sandbox.gmail.store import Store
from sandbox.running import running
from tests.house import MovableClock
from ui import deps
from wiring.app import App, build_app

NOW = datetime(2025, 6, 18, 12, 0, tzinfo=UTC)
CSM = "vera@lealup.test"
BASE = "http://127.0.0.1:8501"
SCRIPT = Path(ui.__file__).with_name("app.py")
HOSTILE = '<img src="http://evil.test/x.png"> ![x](http://evil.test/y.png) [win](http://evil.test) :red[now]'


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """Loading the model takes longer than any of these tests, so they share it."""
    return universal_sentence_encoder()


@dataclass(frozen=True, kw_only=True)
class Google:
    """The local Gmail, and what lies in it."""

    url: str
    store: Store

    def sent(self) -> list[bytes]:
        return [held.raw for held in self.store.mailbox(CSM).messages.values() if "SENT" in held.labels]

    def fail(self, **fault: Any) -> None:
        assert httpx.post(f"{self.url}/sandbox/faults", json=[fault]).status_code == 200


@pytest.fixture
def google() -> Iterator[Google]:
    store = Store(SandboxClock(base=NOW.timestamp))
    store.add_mailbox(CSM)
    with running(create_app(store, settings=SandboxSettings(auto_consent=True))) as url:
        yield Google(url=url, store=store)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)


@pytest.fixture
def app(tmp_path: Path, embedder: Embedder, google: Google, clock: MovableClock) -> Iterator[App]:
    settings = Settings(home=tmp_path, google_url=google.url, base_url=BASE, model="offline")
    built = build_app(settings, clock=clock, embedder=embedder)
    with built.database.write() as session:
        create_workspace(session, built.clock, name="LealUp", user_email=CSM, timezone="Europe/Madrid")
    deps.provide(built)
    yield built
    built.close()


@pytest.fixture
def me(app: App) -> Principal:
    return app.principal()


@pytest.fixture
def globex(app: App, me: Principal) -> int:
    """Globex with its champion Maria and two mails of one thread; returns the customer's id."""
    with app.database.write() as session:
        customer = save_customer(
            session, me.workspace_id, name="Globex", aliases=[], domains=["globex.test"], arr=48000.0,
            plan="Pro", status="active", renewal_date=NOW.date() + timedelta(days=30), segment="", owner=CSM,
            language="en",
        )  # fmt: skip
        save_contact(session, customer, me.workspace_id, name="Maria Silva", email="maria@globex.test", role="Champion")
        session.add(
            schema.Mailbox(
                workspace_id=me.workspace_id,
                user_id=me.user_id,
                email=CSM,
                scopes=[READONLY],
                created_at=NOW,
                sealed_token=app.box.seal("{}"),
                last_success_at=NOW - timedelta(minutes=3),
            )
        )
    receive(app, me, subject="Renewal", text="We want to renew for two years.\n\nMaria", days_ago=3)
    receive(
        app,
        me,
        subject="Re: Renewal",
        text="Happy to hear that. I send the offer today.",
        days_ago=2,
        inbound=False,
    )
    return customer.id


def receive(
    app: App,
    me: Principal,
    *,
    subject: str,
    text: str,
    days_ago: float,
    inbound: bool = True,
    thread: str = "t1",
    files: Sequence[str] = (),
) -> str:
    """Store one mail between Maria and the CSM on Globex's timeline; returns its id."""
    message = EmailMessage()
    people = ("Maria Silva <maria@globex.test>", f"Vera <{CSM}>")
    message["From"], message["To"] = people if inbound else people[::-1]
    message["Subject"], message["Date"] = subject, NOW - timedelta(days=days_ago)
    message["Message-ID"] = f"<{abs(hash((subject, text)))}@globex.test>"
    message.set_content(text)
    for name in files:
        message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename=name)
    parsed = parse(message.as_bytes())
    with app.database.write() as session:
        mailbox = session.scalars(select(schema.Mailbox)).one()
        customer = find_customer(session, me.workspace_id, "Globex")
        fetched = store.Fetched(
            gmail_id=f"g{abs(hash((subject, text))):x}", gmail_thread_id=thread,
            date_header=str(message["Date"]), label_ids=("INBOX",) if inbound else ("SENT",), mail=parsed,
            analysis=app.analyser.analyse(parsed, {}),
        )  # fmt: skip
        match = Match(customer_id=customer.id, rule="domain", detail="globex.test")
        copy = store.save_message(session, mailbox, fetched, [match], {CSM})
        assert copy.mail_id is not None
        return copy.mail_id


@pytest.fixture
def visit(app: App) -> Callable[..., AppTest]:
    """Open the pages at an address, with query parameters."""

    def open_at(page: str = "chat", **query: str) -> AppTest:
        at = AppTest.from_file(SCRIPT, default_timeout=30)
        at.query_params.update(query)
        at._page_hash = "" if page == "chat" else calc_hash(page)  # switch_page knows pages that are files only
        return at.run()

    return open_at


def texts(at: AppTest) -> str:
    """Everything a reader sees as HTML or text, in order."""
    return "\n".join(str(element.value) for element in (*at.html, *at.text, *at.code))
