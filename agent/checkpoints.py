"""Where conversations and waiting confirmations survive a restart."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from psycopg import Connection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

_SETUP_LOCK = 0x1EA2  # any number that nobody else locks in this database


def open_checkpoints(sql_url: str, home: Path) -> BaseCheckpointSaver[Any]:
    """Beside the relational store: a file in the home with SQLite, the same server with PostgreSQL.

    The serialiser revives only plain values and messages, so a tampered checkpoint can't name a class to build.
    """
    serde = JsonPlusSerializer(allowed_msgpack_modules=None)
    if sql_url.startswith("sqlite"):
        home.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(home / "checkpoints.db", check_same_thread=False, timeout=10)
        # as the store beside it: what is committed survives the process; a power cut may cost the last steps, never the file
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        saver = SqliteSaver(connection, serde=serde)
        saver.setup()
        return saver
    pool: ConnectionPool[Connection[DictRow]] = ConnectionPool(
        sql_url.replace("postgresql+psycopg://", "postgresql://", 1),
        min_size=1,
        max_size=4,
        kwargs={"autocommit": True, "row_factory": dict_row, "prepare_threshold": 0},
    )
    postgres = PostgresSaver(pool, serde=serde)
    _set_up(postgres, pool)
    return postgres


def _set_up(postgres: PostgresSaver, pool: ConnectionPool[Connection[DictRow]]) -> None:
    """Create its tables; of several processes that start at once, one does. LangGraph's own `setup` fails in the others.

    Asked for again and again rather than waited for: it creates an index CONCURRENTLY, which waits for every statement
    that is under way, a wait for this lock included.
    """
    with pool.connection() as connection:
        while not _held(connection):
            time.sleep(0.05)
        try:
            postgres.setup()
        finally:
            connection.execute("SELECT pg_advisory_unlock(%s)", (_SETUP_LOCK,))


def _held(connection: Connection[DictRow]) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s) AS held", (_SETUP_LOCK,)).fetchone()
    return row is not None and bool(row["held"])


def close_checkpoints(checkpoints: BaseCheckpointSaver[Any]) -> None:
    """Close the file or the connections that `open_checkpoints` opened."""
    if isinstance(checkpoints, SqliteSaver | PostgresSaver):
        checkpoints.conn.close()
