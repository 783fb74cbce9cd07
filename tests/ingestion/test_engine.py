"""The jobs' engine with work that is made up: what is queued, what is taken over, what is kept, what is said."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS
from dbos._dbos import _get_dbos_instance
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import Connection

from crm.clock import system_clock
from crm.settings import Settings
from ingestion.jobs import Jobs, JobsUnavailable, Work


@dataclass(kw_only=True)
class MadeUpWork:
    """Syncs that take as long as the test wants; `due` is what the next look finds."""

    due: list[int] = field(default_factory=list)
    began: list[int] = field(default_factory=list)
    looks: int = 0
    slow: dict[int, threading.Event] = field(default_factory=dict)

    def hold(self, mailbox_id: int) -> threading.Event:
        return self.slow.setdefault(mailbox_id, threading.Event())

    def work(self) -> Work:
        return Work(sync=self._sync, due=self._due)

    def _sync(self, mailbox_id: int) -> str:
        self.began.append(mailbox_id)
        if mailbox_id in self.slow:
            self.slow[mailbox_id].wait(60)
        return "synced"

    def _due(self) -> Sequence[int]:
        self.looks += 1
        found, self.due = self.due, []
        return found


@pytest.fixture
def jobs_url(database_url: str, tmp_path: Path) -> str:
    return Settings(_env_file=None, home=tmp_path, database_url=database_url).jobs_url  # type: ignore[call-arg]


@pytest.fixture
def made_up() -> Iterator[MadeUpWork]:
    work = MadeUpWork()
    yield work
    for event in work.slow.values():
        event.set()


@pytest.fixture
def engine(jobs_url: str, made_up: MadeUpWork) -> Iterator[Jobs]:
    """Started; its own ticks are so rare that a test does not meet one."""
    with _started(jobs_url, made_up, tick_seconds=30) as jobs:
        yield jobs


@contextmanager
def _started(url: str, made_up: MadeUpWork, *, tick_seconds: int) -> Iterator[Jobs]:
    jobs = Jobs(url, "here/1:1:00000001", made_up.work(), tick_seconds=tick_seconds, look_seconds=0.05)
    with ExitStack() as stack:
        jobs.start()
        stack.callback(jobs.stop)
        yield jobs


def _until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def _finished() -> int:
    return len(DBOS.list_workflows(status="SUCCESS", name="sync_mailbox"))


@contextmanager
def _tables(url: str) -> Iterator[tuple[Connection, list[str]]]:
    """A connection to DBOS's database, and its tables."""
    found = create_engine(url)
    schema = None if url.startswith("sqlite") else "lealup_jobs"
    with found.connect() as connection:
        names = inspect(connection).get_table_names(schema)
        yield connection, [f"{schema}.{name}" if schema else name for name in names]
    found.dispose()


def test_a_mailbox_has_one_job_and_a_long_one_holds_up_nobody(engine: Jobs, made_up: MadeUpWork) -> None:
    release = made_up.hold(1)
    for _ in range(3):
        made_up.due = [1, 2]
        engine.queue_due()
    _until(lambda: made_up.began.count(2) >= 1 and _finished() >= 1)
    time.sleep(0.5)
    assert made_up.began.count(1) == 1

    release.set()
    _until(lambda: not DBOS.list_workflows(status=["ENQUEUED", "PENDING"], name="sync_mailbox"))
    made_up.due = [1]
    engine.queue_due()
    _until(lambda: made_up.began.count(1) == 2)


def test_only_what_the_dead_held_is_taken_over_and_only_once(jobs_url: str, engine: Jobs, made_up: MadeUpWork) -> None:
    made_up.hold(1)
    made_up.due = [1]
    engine.queue_due()
    _until(lambda: made_up.began == [1])
    assert engine.take_over(set) == 0  # it is our own
    with _tables(jobs_url) as (connection, tables):
        table = next(name for name in tables if name.endswith("workflow_status"))
        connection.execute(text(f"UPDATE {table} SET executor_id = 'ghost' WHERE status = 'PENDING'"))
        connection.commit()

    assert engine.take_over(lambda: {"ghost"}) == 0
    assert engine.take_over(set) == 1
    _until(lambda: made_up.began == [1, 1])
    assert engine.take_over(set) == 0


def test_ticks_look_for_what_is_due(jobs_url: str, made_up: MadeUpWork) -> None:
    made_up.due = [7]
    with _started(jobs_url, made_up, tick_seconds=1):
        _until(lambda: made_up.began == [7] and made_up.looks >= 3)
    assert made_up.began == [7]


def test_a_late_tick_does_nothing(engine: Jobs, made_up: MadeUpWork) -> None:
    made_up.due = [7]
    assert engine._due(datetime.now(UTC) - timedelta(seconds=91)) == []
    assert made_up.looks == 0
    assert engine._due(datetime.now(UTC) - timedelta(seconds=1)) == [7]


def test_finished_jobs_are_forgotten_and_others_are_not(engine: Jobs, made_up: MadeUpWork) -> None:
    made_up.hold(1)
    made_up.due = [1, 2, 3]
    engine.queue_due()
    _until(lambda: _finished() == 2)

    assert engine.forget(system_clock() - timedelta(hours=1)) == 0
    assert engine.forget(system_clock() + timedelta(seconds=1)) >= 2

    assert [job.status for job in DBOS.list_workflows(name="sync_mailbox")] == ["PENDING"]


def test_jobs_hold_ids_and_words_and_no_pickle(jobs_url: str, engine: Jobs, made_up: MadeUpWork) -> None:
    made_up.due = [41]
    engine.queue_due()
    _until(lambda: _finished() == 1)

    with _tables(jobs_url) as (connection, tables):
        inputs = next(name for name in tables if name.endswith("workflow_input"))
        outputs = next(name for name in tables if name.endswith("workflow_output"))
        held = [
            *connection.execute(text(f"SELECT * FROM {inputs}")),
            *connection.execute(text(f"SELECT * FROM {outputs}")),
        ]
    assert any('"positionalArgs":[41]' in str(row) for row in held), held
    assert any('"synced"' in str(row) for row in held), held


def test_the_file_is_apart_and_written_ahead(jobs_url: str, engine: Jobs) -> None:
    with _tables(jobs_url) as (connection, tables):
        assert any(name.endswith("workflow_status") for name in tables)
        if jobs_url.startswith("sqlite"):
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
            assert jobs_url.endswith("/jobs.db")
            with _get_dbos_instance()._sys_db.engine.connect() as own:
                assert own.exec_driver_sql("PRAGMA synchronous").scalar() == 1  # NORMAL
        else:
            assert all(name.startswith("lealup_jobs.") for name in tables)
            assert "workflow_status" not in inspect(connection).get_table_names()


def test_one_engine_a_process(jobs_url: str, engine: Jobs, made_up: MadeUpWork) -> None:
    with pytest.raises(RuntimeError):
        Jobs(jobs_url, "here/1:1:00000002", made_up.work()).start()
    made_up.due = [5]
    engine.queue_due()
    _until(lambda: made_up.began == [5])


def test_tables_that_cannot_be_made_are_told_in_a_sentence(tmp_path: Path, made_up: MadeUpWork) -> None:
    for _ in range(2):  # and the next try is not taken for a second engine
        with pytest.raises(JobsUnavailable):
            Jobs(f"sqlite:///{tmp_path}/missing/jobs.db", "here/1:1:00000002", made_up.work()).start()


def test_what_dbos_appends_is_not_logged(engine: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    secret: Any = "ya29.secret"
    with caplog.at_level(logging.WARNING):
        logging.getLogger("dbos").warning(f"Exception in queue thread for syncs: {secret}\n{secret}")
        logging.getLogger("dbos").error("%s failed", "job: " + secret)
    assert [record.getMessage() for record in caplog.records] == ["Exception in queue thread for syncs", "job"]


def test_an_idle_engine_costs_little(jobs_url: str, made_up: MadeUpWork) -> None:
    """Five times as many ticks as in production, with nothing due."""
    with _started(jobs_url, made_up, tick_seconds=1):
        _until(lambda: made_up.looks >= 1)
        looks, spent, began = made_up.looks, time.process_time(), time.monotonic()
        _until(lambda: made_up.looks >= looks + 4)
        share = (time.process_time() - spent) / (time.monotonic() - began)
    sys.stdout.write(f"idle with a tick a second: {share:.1%} of a core\n")  # `pytest -s`: docs/reliability.md
    assert share < 0.25
