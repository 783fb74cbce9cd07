"""The relational store: one engine, `read()` and `write()` transactions, migrations."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from crm.errors import LealUpError, SettingError, StoreUnavailable

# SQLite's patience with other writers: with several syncs on a busy disk, 5 s were seen to be too few.
BUSY_MILLISECONDS = 30_000
_WRITE = "lealup_write"
# A process that is paused in a transaction holds its locks: PostgreSQL ends such a session, SQLite has no such thing.
# Short statements gain nothing from compiling, and a plan made for any text would not use the index of texts.
_SERVER = {
    "options": "-c idle_in_transaction_session_timeout=300000 -c jit=off -c plan_cache_mode=force_custom_plan"
}  # milliseconds
# Two writers in each other's way (serialization failure, deadlock), or both about to insert, or delete, the same row.
_CONFLICTS = frozenset({"40001", "40P01", "23505", "23503"})
# PostgreSQL's classes: no connection, no resources, locked, shut down, system error; without a code the line was cut.
# Not 54, a limit of the program: one mail may exceed it, for ever.
_AWAY = ("08", "53", "55P", "57P", "58", "OperationalError", "InterfaceError")
_PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_PROTOCOL")
_MIGRATION_LOCK = 0x1EA1  # any number that nobody else locks in this database


class Database:
    """SQLite in WAL mode, or PostgreSQL by URL; the same code on both.

    A deferred SQLite transaction that reads and then writes fails with "locked" whatever the busy timeout, so writers
    take the lock at once (BEGIN IMMEDIATE). https://www.sqlite.org/lang_transaction.html
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
            arguments = {} if parsed.get_backend_name() == "sqlite" else _SERVER
            self.engine: Engine = create_engine(parsed, pool_pre_ping=True, connect_args=arguments)
        except (ArgumentError, ValueError, ImportError):  # no URL, an unknown dialect, or no driver for it
            raise SettingError(sentence="LEALUP_DATABASE_URL is not a database address.") from None
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            try:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise _unusable(error) from None
        self.url = url
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session whose changes, if any, are thrown away."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits at the end of the block and rolls back on any exception."""
        engine = self.engine.execution_options(**{_WRITE: True})
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def migrate(self) -> None:
        """Bring the schema to the newest revision; of several processes that do it at once, the others wait.

        Raises `SettingError` when the server can't be reached or the schema is a newer program's.
        """
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        try:
            with self.write() as session:  # on SQLite the write lock keeps the others out
                if not self.is_sqlite:
                    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
                config.attributes["connection"] = session.connection()
                command.upgrade(config, "head")
        except DBAPIError as error:
            raise _unusable(error.orig) from None
        except CommandError as error:
            raise SettingError(
                str(error),
                sentence="The database at LEALUP_DATABASE_URL was made by a newer version of LealUp.",
                next_step="Update LealUp, or choose another database.",
            ) from None

    def close(self) -> None:
        self.engine.dispose()


def is_conflict(error: BaseException) -> bool:
    """Whether another transaction was in the way, so that doing the same once more may be all it takes (PostgreSQL).

    https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html
    """
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _CONFLICTS


def store_failure(error: BaseException | None) -> LealUpError | None:
    """What a failure of the store means for the user, of SQLite's file or of PostgreSQL; None when it is a bug of ours.

    A lock, a deadlock, a full disk or a server that is away is nobody's mistake, and every write is all or nothing. SQLite
    then ends the transaction by itself, so that going back to a savepoint fails as well: the first failure is looked for.
    """
    while error is not None:
        found = _store_failure(error)
        if found is not None:
            return found
        error = error.__cause__ or error.__context__
    return None


def _store_failure(error: BaseException) -> LealUpError | None:
    cause = error.orig if isinstance(error, DBAPIError) else error
    name = str(getattr(cause, "sqlite_errorname", "") or getattr(cause, "sqlstate", "") or type(cause).__name__)
    number = getattr(cause, "errno", None)
    if name in {"SQLITE_FULL", "53100"} or number in (errno.ENOSPC, errno.EDQUOT):
        return StoreUnavailable(
            name, sentence="The disk is full.",
            next_step="Nothing is lost: make room, then run it again, it goes on where it stopped.",
        )  # fmt: skip
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")) or number == errno.EROFS:
        return StoreUnavailable(
            name, sentence="The folder of LEALUP_HOME can't be written to.",
            next_step="Check that you may write there, then run it again.",
        )  # fmt: skip
    away = isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError) and name.startswith(_AWAY)
    passing = is_conflict(error) or away
    return StoreUnavailable(name) if passing or name.startswith(_PASSING) else None


def _unusable(error: BaseException | None) -> SettingError:
    return SettingError(
        type(error).__name__,
        sentence="The database at LEALUP_DATABASE_URL can't be opened.",
        next_step="Check that it runs and that the address is right.",
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    cursor = connection.cursor()
    pragmas = ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_MILLISECONDS}", "foreign_keys=ON")
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
