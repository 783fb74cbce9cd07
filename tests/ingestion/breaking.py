"""A house that can be broken anywhere: every Gmail call, every commit and every write to the vectors is a step.

A process that died does nothing more. So once a step has raised `Crash`, every later step raises it too, until
`restart`: what Python runs while it unwinds (`finally`, `except`) leaves no trace, as with `kill -9`.
"""

from __future__ import annotations

import gc
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from googleapiclient import discovery
from sqlalchemy import event
from sqlalchemy.orm import Session

from crm import schema
from crm.database import Database
from crm.identity import Principal, create_workspace
from crm.settings import Settings
from gmail.gateway import GmailGateway
from gmail.oauth import Grant, scopes_for
from gmail.quota import TokenBucket
from ingestion.analysis import Analysis
from ingestion.sync import MailboxSync
from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.faults import FaultQueue
from sandbox.gmail.server import create_app
from sandbox.gmail.settings import Settings as GmailSettings
from sandbox.gmail.store import Store
from tests.house import COLLEAGUE, CSM, NOW, HashingEmbedder, MovableClock
from tests.inprocess import InProcessHttp, ask
from tests.vectors import MemoryChroma
from wiring.app import App, build_app

URL = "http://gmail.sandbox"
Step = int | tuple[str, int]
SMALL = 2  # entries of a page, messages of a batch: a handful of mails makes several of each


class Crash(BaseException):
    """The process dies here."""


@dataclass(kw_only=True)
class Steps:
    """Counts what a sync does to the world; dies at a chosen step, and lets the mailbox change at chosen ones.

    A step is chosen by its number or, so that the narrow places are met often, as the n-th answer of a method.
    """

    done: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    crash_at: Step | None = None
    meanwhile: dict[Step, Callable[[], None]] = field(default_factory=dict)
    dead: bool = False

    def step(self) -> None:
        self._step(self.done)

    def answered(self, uri: str) -> None:
        """The step after a request; its method is the last word of the path: "history", "messages", "batch"…"""
        method = urlsplit(uri).path.rpartition("/")[2]
        here = (method, self.answers[method])
        self.answers[method] += 1
        self._step(self.done, here)

    def _step(self, *here: Step) -> None:
        if self.dead or self.crash_at in here:
            self.dead = True
            raise Crash
        changes = [self.meanwhile.pop(step) for step in here if step in self.meanwhile]
        self.done += 1
        for change in changes:
            change()

    def restart(self, *, crash_at: Step | None = None, meanwhile: dict[Step, Callable[[], None]] | None = None) -> None:
        self.done, self.answers, self.crash_at, self.dead = 0, Counter(), crash_at, False
        self.meanwhile = dict(meanwhile or {})


class BreakableDatabase(Database):
    """A step before every commit and one after it: died before, nothing of it is there; died after, all of it."""

    steps: Steps

    def __init__(self, url: str) -> None:
        super().__init__(url)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _careless)

    @contextmanager
    def write(self) -> Iterator[Session]:
        with super().write() as session:
            yield session
            session.flush()
            self.steps.step()
        self.steps.step()


def _careless(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # nobody pulls the plug of a test


@dataclass(kw_only=True)
class Breakable:
    """One application for many examples; `clean` gives each an empty store, a new Gmail and the same beginning."""

    app: App
    steps: Steps
    chroma: MemoryChroma
    http: InProcessHttp
    clock: MovableClock
    gmail: Store = field(init=False)
    asgi: Any = field(init=False)
    faults: FaultQueue = field(init=False)
    mailbox_ids: dict[str, int] = field(init=False)

    def clean(self) -> None:
        """Rows, ids, times and history numbers begin anew, so that an example does not depend on those before it."""
        self.steps.restart()
        self.clock.instant = NOW
        self.chroma.collections.clear()
        with self.app.database.write() as session:
            session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            for table in ("mail_lexical", *(table.name for table in reversed(schema.Base.metadata.sorted_tables))):
                session.connection().exec_driver_sql(f"DELETE FROM {table}")
        self.gmail = Store(SandboxClock(base=lambda: self.clock().timestamp()))
        for email in (CSM, COLLEAGUE):
            self.gmail.add_mailbox(email)
        self.faults = FaultQueue()
        self.asgi = create_app(
            self.gmail, settings=GmailSettings(auto_consent=True, largest_page=SMALL), faults=self.faults
        )
        self.mailbox_ids = {}

    def connect(self, email: str) -> Principal:
        """A user of the workspace with a mailbox whose tokens this Gmail gave."""
        database = self.app.database
        with database.write() as session:
            user = create_workspace(session, self.clock, name="LealUp", user_email=email, timezone="UTC")
            mailbox = schema.Mailbox(
                workspace_id=user.workspace_id, user_id=user.user_id, email=email, created_at=self.clock(),
                scopes=list(scopes_for(send=False)), sealed_token=self.app.box.seal(self._grant(email).to_json()),
            )  # fmt: skip
            session.add(mailbox)
            session.flush()
            self.mailbox_ids[email] = mailbox.id
        return user

    def customer(self, user: Principal, name: str, domain: str) -> None:
        with self.app.database.write() as session:
            row = schema.Customer(workspace_id=user.workspace_id, name=name, name_key=name.lower())
            row.domains = [schema.CustomerDomain(workspace_id=user.workspace_id, domain=domain)]
            session.add(row)

    def sync(self, email: str) -> dict[str, Any]:
        """One sync of the mailbox; returns its coverage."""
        return self.app.sync.run(self.mailbox_ids[email]).coverage

    def _grant(self, email: str) -> Grant:
        """Consent and exchange, as `ingestion.connection` does them over HTTP."""
        client = self.app.access.client()
        consent = client.consent_url(
            state="s", verifier="v" * 43, redirect_uri="http://127.0.0.1:9/cb", send=False, login_hint=email
        )
        answer = ask(self.asgi, "GET", consent, {}, b"")
        assert answer is not None
        code = dict(pair.split("=", 1) for pair in answer[1]["location"].partition("?")[2].split("&"))["code"]
        form = (
            f"grant_type=authorization_code&code={code}&code_verifier={'v' * 43}&client_id={client.client_id}"
            f"&client_secret={client.client_secret}&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcb"
        )
        answer = ask(self.asgi, "POST", f"{URL}/token", {}, form.encode())
        assert answer is not None
        return Grant.from_json(_as_grant(answer[2]))


class QuickAnalyser:
    """No language, tone or words: they are tested elsewhere, and what is synced does not depend on them."""

    def __init__(self, *_: object) -> None:
        self.analysis = Analysis(language="en", tone=None, keywords=())

    def analyse(self, *_: object) -> Analysis:
        return self.analysis

    def analyse_many(self, mails: Sequence[object], *_: object) -> list[Analysis]:
        return [self.analysis for _mail in mails]


class InOrder:
    """In the place of a pool: one call after the other in the caller's thread, so that steps have an order."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __enter__(self) -> InOrder:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def map(self, run: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        return map(run, items)


@contextmanager
def _in_order(batches: Iterator[Any], *_: object) -> Iterator[Iterator[Any]]:
    """In the place of `ingestion.ahead.ahead`: a batch is fetched when it is asked for."""
    yield batches


def _remembered(make: Callable[..., Any]) -> Callable[..., Any]:
    """googleapiclient builds the methods of a resource whenever the resource is named; here each is built once."""
    made: dict[str, Any] = {}

    def method(name: str, description: dict[str, Any], *more: Any) -> Any:
        key = f"{name} {description['id']}"
        if key not in made:
            made[key] = make(name, description, *more)
        return made[key]

    return method


def _as_grant(answer: bytes) -> str:
    given = json.loads(answer)
    return json.dumps(
        {
            "access_token": given["access_token"],
            "refresh_token": given["refresh_token"],
            "expiry": "2100-01-01T00:00:00+00:00",  # by the client's clock: the sandbox's 401 makes it refresh
            "scopes": sorted(given["scope"].split()),
        }
    )


@dataclass
class Idler:
    """Time that passes only for who sleeps: waiting for the quota takes none of ours."""

    seconds: float = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@contextmanager
def breakable(migrated: Path, folder: Path) -> Iterator[Breakable]:
    """The real application on SQLite and the real Google client, over a Gmail in the same process.

    Nothing sleeps; pages and batches hold `SMALL` entries.
    """
    steps, clock, idler = Steps(), MovableClock(), Idler()
    BreakableDatabase.steps = steps
    chroma = MemoryChroma(steps.step)
    holder: list[Breakable] = []
    http = InProcessHttp(lambda: holder[0].asgi, before=lambda _: steps.step(), after=steps.answered)
    shutil.copy(migrated, folder / "lealup.db")
    no_sleep: Callable[[float], None] = lambda _: None  # noqa: E731
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gmail.service.httplib2.Http", http)
        patch.setattr("ingestion.connection.GmailGateway", partial(GmailGateway, sleep=no_sleep))
        patch.setattr("wiring.app.Analyser", QuickAnalyser)
        patch.setattr(discovery, "createMethod", _remembered(discovery.createMethod))
        patch.setattr("gmail.gateway.BATCH", SMALL)
        patch.setattr("gmail.gateway.ThreadPoolExecutor", InOrder)
        patch.setattr("ingestion.drain.ahead", _in_order)
        patch.setattr("wiring.app.TokenBucket", partial(TokenBucket, monotonic=idler.monotonic, sleep=idler.sleep))
        patch.setattr("wiring.app.Database", BreakableDatabase)
        patch.setattr("wiring.app.MailboxSync", partial(MailboxSync, sleep=no_sleep))
        patch.setattr("wiring.app.ChromaDoor", lambda *_: chroma)
        given: dict[str, Any] = {"home": folder, "google_url": URL, "model": "offline", "_env_file": None}
        app = build_app(Settings(**given), clock=clock, embedder=HashingEmbedder())
        house = Breakable(app=app, steps=steps, chroma=chroma, http=http, clock=clock)
        holder.append(house)
        gc.freeze()  # the models and libraries loaded so far need not be looked through again and again
        try:
            yield house
        finally:
            gc.unfreeze()
            steps.restart()
            app.close()
