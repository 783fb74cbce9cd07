"""Durable jobs on DBOS: one queue of syncs, one tick that fills it, and the takeover of what a dead worker left.

DBOS is heavy and keeps threads, so only a process that runs the worker imports this module. A job's input is the id of a
mailbox and its result is one word; nothing else of ours is ever written to DBOS's tables or to its log.
docs/adr/0013-dbos.md has the reasons for every choice here.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dbos import DBOS, DBOSConfig, SetEnqueueOptions
from dbos._serialization import DBOSPortableJSONSerializer
from sqlalchemy.exc import DBAPIError

from crm.errors import SettingError

_VERSION = (
    "1"  # pinned: the automatic one hashes the code, and an orphan of older code would block its mailbox for good
)
_QUEUE = "syncs"
_SCHEMA = "lealup_jobs"  # in PostgreSQL, apart from the application's tables
_CONNECTIONS = 6
_ATTEMPTS = 20  # takeovers of one job; a sync that kills its worker more often waits for the next tick
_PAGE = 500  # finished jobs removed at once

_engine = threading.Lock()  # DBOS is one per process


class JobsUnavailable(SettingError):
    sentence = "The tables of the background jobs can't be opened or made."
    next_step = "On PostgreSQL the user must be allowed to create the schema lealup_jobs; else see that LEALUP_HOME can be written."


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the jobs do. `sync` never raises and says in one word how it ended; `due` hands each due mailbox out once."""

    sync: Callable[[int], str]
    due: Callable[[], Sequence[int]]


class Jobs:
    """The engine of this process, as the executor `name`. `tick_seconds` divides a minute."""

    def __init__(
        self, url: str, name: str, work: Work, *, at_once: int = 16, tick_seconds: int = 5, look_seconds: float = 1.0
    ) -> None:
        self._url, self._name, self._work = url, name, work
        self._at_once, self._tick_seconds, self._look = at_once, tick_seconds, look_seconds
        self._sync: Callable[[int], str] | None = None

    def start(self) -> None:
        """Bring DBOS's own tables up to date and take part in the work. Raises `JobsUnavailable`."""
        if not _engine.acquire(blocking=False):
            raise RuntimeError("this process runs a worker already")
        try:
            self._launch()
        except BaseException as error:
            self.stop()
            if isinstance(error, DBAPIError):
                raise JobsUnavailable(type(error.orig).__name__) from None
            raise

    def stop(self) -> None:
        """End without waiting: what still runs stays pending, and whoever lives takes it over."""
        DBOS.destroy(destroy_registry=True)
        self._sync = None
        _engine.release()

    def queue_due(self) -> None:
        """Queue the syncs that are due. One that waits or runs already is left alone."""
        for mailbox_id in self._work.due():
            self._queue(mailbox_id)

    def take_over(self, living: Callable[[], set[str]]) -> int:
        """Queue again what workers that are dead were doing. Returns how many jobs.

        Not `resume_workflows`: that would free the mailbox for a second job. Taking over twice changes nothing, because
        a job that somebody living has started no longer carries the dead one's name. `living` is asked after the look
        at the jobs, so that a worker that has just started counts.
        """
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        holders = {str(job.executor_id) for job in pending} - {self._name}
        dead = sorted(holders - living()) if holders else []
        return len(DBOS._recover_pending_workflows(dead)) if dead else 0

    def forget(self, before: datetime) -> int:
        """Remove jobs that ended before that instant. Returns how many."""
        count = 0
        while True:
            ended = DBOS.list_workflows(
                completed_before=before.isoformat(), limit=_PAGE, load_input=False, load_output=False
            )
            if ended:
                DBOS.delete_workflows([job.workflow_id for job in ended])
            count += len(ended)
            if len(ended) < _PAGE:
                return count

    def _launch(self) -> None:
        _keep_log_discreet()
        DBOS(config=_config(self._url, self._name))

        @DBOS.workflow(name="sync_mailbox", max_recovery_attempts=_ATTEMPTS)
        def sync_mailbox(mailbox_id: int) -> str:
            return self._work.sync(mailbox_id)

        @DBOS.workflow(name="tick")
        def tick(at: datetime, _context: Any) -> None:
            self._tick(at)

        self._sync = sync_mailbox
        DBOS.launch()
        DBOS.register_queue(
            _QUEUE, worker_concurrency=self._at_once, polling_interval_sec=self._look, on_conflict="always_update"
        )
        every = {"schedule_name": "tick", "workflow_fn": tick, "schedule": f"*/{self._tick_seconds} * * * * *"}
        DBOS.apply_schedules([{**every, "context": None}])  # type: ignore[typeddict-item]

    def _tick(self, at: datetime) -> None:
        """What is due is a recorded step, so that a tick that is taken over goes on with the same mailboxes."""
        for mailbox_id in DBOS.run_step({"name": "due"}, self._due, at):
            self._queue(mailbox_id)

    def _due(self, at: datetime) -> list[int]:
        """Nothing when the tick is late: another has come since, and under load they would pile up."""
        late = datetime.now(at.tzinfo) - at > timedelta(seconds=3 * self._tick_seconds)
        return [] if late else list(self._work.due())

    def _queue(self, mailbox_id: int) -> None:
        assert self._sync is not None  # noqa: S101 (narrows the type: it is set before anything is queued)
        with SetEnqueueOptions(deduplication_id=str(mailbox_id), duplication_policy="return-existing"):
            DBOS.enqueue_workflow(_QUEUE, self._sync, mailbox_id)


class _WalConnection(sqlite3.Connection):
    """DBOS leaves SQLite in its rollback journal: a write would keep readers out, and each would wait for the disk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL"):
            self.execute(f"PRAGMA {pragma}").close()


def _config(url: str, name: str) -> DBOSConfig:
    config: DBOSConfig = {
        "name": "lealup-inbox",
        "system_database_url": url,
        "dbos_system_schema": _SCHEMA,
        "executor_id": name,
        "application_version": _VERSION,
        "serializer": DBOSPortableJSONSerializer(),  # the default is pickle, which runs what the table says
        "sys_db_pool_size": _CONNECTIONS,
        "log_level": "WARNING",
    }
    if url.startswith("sqlite"):
        config["db_engine_kwargs"] = {"connect_args": {"factory": _WalConnection}}
    return config


class _Discreet(logging.Filter):
    """Keeps what DBOS says happened, and drops what it appends: exception texts, statements, parameters."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = record.getMessage().partition("\n")[0].split(":", 1)[0][:120], ()
        return True


def _keep_log_discreet() -> None:
    """DBOS's lines go through our own handler. A handler of ours keeps it from adding one to the console."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    if not any(isinstance(held, _Discreet) for held in logger.filters):
        logger.addFilter(_Discreet())
    logger.propagate = True
