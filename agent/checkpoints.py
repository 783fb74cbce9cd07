"""Where conversations and waiting confirmations survive a restart."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from psycopg import Connection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool


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
    postgres.setup()
    return postgres


def close_checkpoints(checkpoints: BaseCheckpointSaver[Any]) -> None:
    """Close the file or the connections that `open_checkpoints` opened."""
    if isinstance(checkpoints, SqliteSaver | PostgresSaver):
        checkpoints.conn.close()
