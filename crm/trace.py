"""Trace ids and structured logs. A log line carries ids and numbers: never a token, an address book or a body."""

from __future__ import annotations

import json
import logging
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_current: ContextVar[str] = ContextVar("trace_id", default="")


def trace_id() -> str:
    """The id of the running operation (16 hex digits); a fresh one outside of any."""
    return _current.get() or secrets.token_hex(8)


@contextmanager
def operation() -> Iterator[str]:
    """Give one sync, answer or send its trace id; inside another operation it keeps that one's."""
    token = _current.set(trace_id())
    try:
        yield _current.get()
    finally:
        _current.reset(token)


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
            "trace_id": _current.get(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            frames = record.exc_info[2]
            while frames is not None and frames.tb_next is not None:
                frames = frames.tb_next
            if frames is not None:
                line["where"] = f"{frames.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{frames.tb_lineno}"
        return json.dumps(line, ensure_ascii=False, default=str)


def configure_logging(level: str) -> None:
    """JSON lines on stderr. Exception messages are left out: libraries put URLs, codes and bodies into them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("httpx", "httpcore", "openai", "googleapiclient", "chromadb", "urllib3", "slack_bolt"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level)))
