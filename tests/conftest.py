"""Shared by all tests: both databases, an embedder without a model, a local Gmail, and a house connected to it."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from crm.database import Database
from crm.identity import create_workspace
from crm.settings import Settings
from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.server import create_app
from sandbox.gmail.settings import Settings as GmailSettings
from sandbox.gmail.store import Store
from sandbox.running import running
from tests.house import COLLEAGUE, CSM, HashingEmbedder, House, MovableClock

POSTGRES = "LEALUP_TEST_POSTGRES_URL"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema, to copy."""
    path = tmp_path_factory.mktemp("migrated") / "lealup.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The server's own database, from where others are made."""
    url = os.environ.get(POSTGRES, "")
    if not url:
        pytest.skip(f"no PostgreSQL: {POSTGRES} is not set (tests/postgres_server.py starts one)")
    return url


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """The name of a PostgreSQL database with the newest schema, to copy."""
    name = f"lealup_template_{secrets.token_hex(4)}"
    _execute(postgres_server, f"CREATE DATABASE {name}")
    database = Database(_beside(postgres_server, name))
    database.migrate()
    database.close()
    yield name
    _execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the newest schema of this test's own, on each dialect in turn."""
    if request.param == "sqlite":
        path = tmp_path / "lealup.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        yield f"sqlite:///{path}"
        return
    server, template = request.getfixturevalue("postgres_server"), request.getfixturevalue("migrated_postgres")
    name = f"lealup_test_{secrets.token_hex(6)}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _beside(server, name)
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_url(database_url: str) -> Iterator[str]:
    """A database without any table, on each dialect in turn."""
    if database_url.startswith("sqlite"):
        yield database_url.replace("lealup.db", "empty.db")
        return
    server, name = os.environ[POSTGRES], f"lealup_empty_{secrets.token_hex(6)}"
    _execute(server, f"CREATE DATABASE {name}")
    yield _beside(server, name)
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def embedder() -> Any:
    return HashingEmbedder()


@pytest.fixture
def start_gmail(clock: MovableClock) -> Iterator[Callable[..., tuple[str, Store]]]:
    """Start a local Gmail that consents by itself and keeps the test's time; returns its address and its store."""
    with ExitStack() as stack:

        def start(**settings: Any) -> tuple[str, Store]:
            store = Store(SandboxClock(base=lambda: clock().timestamp()))
            for email in (CSM, COLLEAGUE):
                store.add_mailbox(email)
            app = create_app(store, settings=GmailSettings(**{"auto_consent": True, **settings}))
            return stack.enter_context(running(app)), store

        yield start


@pytest.fixture
def make_house(
    tmp_path: Path, database_url: str, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., House]]:
    """Build a house over a local Gmail: one workspace, Globex and Initech as customers, nothing connected yet."""
    from gmail.gateway import GmailGateway
    from gmail.quota import TokenBucket
    from wiring.app import build_app  # two seconds, which the tests of the rooms below need not pay

    def sleep(seconds: float) -> None:
        clock.advance(seconds=seconds)

    # Waiting for Google moves the test's clock, which the local Gmail's quota goes by too.
    monkeypatch.setattr("ingestion.connection.GmailGateway", partial(GmailGateway, sleep=sleep))
    monkeypatch.setattr(
        "wiring.app.TokenBucket", partial(TokenBucket, monotonic=lambda: clock().timestamp(), sleep=sleep)
    )
    with ExitStack() as stack:

        def make(url: str, store: Store, **settings: Any) -> House:
            given = {"home": tmp_path / "home", "database_url": database_url, "google_url": url, "model": "offline"}
            app = build_app(
                Settings(**{"_env_file": None, **given, **settings}), clock=clock, embedder=HashingEmbedder()
            )
            stack.callback(app.close)
            with app.database.write() as session:
                create_workspace(session, clock, name="LealUp", user_email=CSM, timezone="Europe/Madrid")
            house = House(app=app, store=store, url=url, clock=clock)
            house.customer("Globex", domains=["globex.example"])
            house.customer("Initech", domains=["initech.example"], contacts=["ana.initech@gmail.com"])
            return house

        yield make


@pytest.fixture
def house(start_gmail: Callable[..., tuple[str, Store]], make_house: Callable[..., House]) -> House:
    """Connected through the real OAuth flow; the mailbox is still empty."""
    made = make_house(*start_gmail())
    made.connect()
    return made


def _beside(url: str, name: str) -> str:
    chosen = make_url(url).set(database=name, drivername="postgresql+psycopg")
    return chosen.render_as_string(hide_password=False)


def _execute(url: str, statement: str) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement)
