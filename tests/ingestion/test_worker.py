"""The background worker: every mailbox once a poll, and one that fails does not stop the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from dbos import DBOS
from sqlalchemy.exc import OperationalError

from crm.errors import Disconnected, LealUpError
from ingestion.mailboxes import SyncStopped
from ingestion.sync import MailboxSync, SyncReport
from ingestion.worker import Rhythm, Worker
from tests.house import COLLEAGUE, CSM, House, letter


@dataclass
class RecordingReconciler:
    """Notes which mailboxes were asked about lost sends."""

    asked: list[int] = field(default_factory=list)
    called: threading.Event = field(default_factory=threading.Event)

    def reconcile_all(self, mailbox_id: int) -> int:
        self.asked.append(mailbox_id)
        self.called.set()
        return 0

    def send_due(self) -> int:
        return 0


@pytest.fixture
def make_worker(house: House) -> Iterator[Callable[[], tuple[Worker, RecordingReconciler]]]:
    """A worker over the house's mailboxes, with the jobs where the settings say; stopped at the end."""
    with ExitStack() as stack:

        def make() -> tuple[Worker, RecordingReconciler]:
            reconciler = RecordingReconciler()
            worker = Worker(
                house.app.database, house.clock, house.app.sync, reconciler,
                jobs_url=house.app.settings.jobs_url, rhythm=Rhythm(poll=1, tick=1, beat=0.2, look=0.1),
            )  # fmt: skip
            stack.callback(worker.stop)
            return worker, reconciler

        yield make


Make = Callable[[], tuple[Worker, RecordingReconciler]]


def _until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_every_mailbox_is_synced_and_a_revoked_one_stops_none(house: House, make_worker: Make) -> None:
    house.join(COLLEAGUE)
    house.connect(COLLEAGUE)
    house.mail(letter(subject="To Vera"))
    house.mail(letter(subject="To Luis", days_ago=1), email=COLLEAGUE)
    house.post("revoke", email=CSM)
    worker, reconciler = make_worker()

    worker.start()
    _until(lambda: bool(reconciler.asked) and house.mailbox().state == "disconnected")

    assert house.subjects("Globex") == ["To Luis"]
    assert set(reconciler.asked) == {house.mailbox(COLLEAGUE).id}
    assert worker.progress(house.mailbox().id) is None


def test_a_disconnected_mailbox_is_left_in_peace(house: House, make_worker: Make) -> None:
    house.join(COLLEAGUE)
    house.connect(COLLEAGUE)
    house.app.access.disconnect(house.me, house.mailbox().id)
    house.clear_log()
    worker, reconciler = make_worker()

    worker.start()
    _until(lambda: bool(reconciler.asked))

    assert {entry["user"] for entry in house.requests() if entry["user"]} == {COLLEAGUE}


def test_a_mailbox_is_polled_again_when_its_time_has_come_and_not_before(house: House, make_worker: Make) -> None:
    worker, reconciler = make_worker()
    worker.start()
    _until(lambda: len(reconciler.asked) == 1)
    time.sleep(2.5)  # two ticks, at which the test's clock stands still
    assert len(reconciler.asked) == 1

    house.mail(letter(subject="New", days_ago=0))
    house.clock.advance(seconds=1)
    _until(lambda: len(reconciler.asked) == 2)

    assert house.subjects("Globex") == ["New"]


def test_sync_now_says_what_went_wrong(house: House, make_worker: Make) -> None:
    house.post("revoke", email=CSM)
    worker, reconciler = make_worker()

    with pytest.raises(Disconnected):
        worker.sync_now(house.mailbox().id)
    assert reconciler.asked == []


class FailingSync(MailboxSync):
    """Raises what it is given, one after the other, and then succeeds."""

    def __init__(self, failures: list[Exception]) -> None:
        self.failures, self.calls = failures, 0

    def run(self, mailbox_id: int, **_: Any) -> SyncReport:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return SyncReport(mailbox=CSM, coverage={}, history_id="1", quota_units=0, seconds=0.0, trace_id="0")


def test_a_locked_store_is_tried_again_at_the_next_tick_and_a_crash_at_the_next_poll(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """And nothing of an exception's text reaches the tables of the jobs."""
    secret = "Bearer ya29.secret"
    locked = OperationalError(secret, {}, Exception(secret))
    sync = FailingSync([locked, SyncStopped(secret), RuntimeError(secret), LealUpError(secret)])
    worker = Worker(
        house.app.database, house.clock, sync, RecordingReconciler(),
        jobs_url=house.app.settings.jobs_url, rhythm=Rhythm(poll=1, tick=1, beat=0.2, look=0.1),
    )  # fmt: skip
    worker.start()
    try:
        _until(lambda: sync.calls == 3)
        time.sleep(2.5)  # two ticks, at which the test's clock stands still
        assert sync.calls == 3
        for calls in (4, 5):
            house.clock.advance(seconds=1)
            _until(lambda: sync.calls == calls)  # noqa: B023 (called at once)
        _until(lambda: not DBOS.list_workflows(status="PENDING", name="sync_mailbox"))
        jobs = DBOS.list_workflows(name="sync_mailbox")
    finally:
        worker.stop()
    assert sorted(str(job.output) for job in jobs) == ["crashed", "failed", "stopped", "store unavailable", "synced"]
    assert "ya29" not in str([(job.input, job.output, job.error) for job in jobs])
    assert {job.status for job in jobs} == {"SUCCESS"}
    assert "ya29" not in "".join(record.getMessage() for record in caplog.records)


def test_stopping_waits_for_the_chore_that_runs_and_begins_no_other(house: House) -> None:
    """The process goes on to close the store and the indexes that a chore works on."""
    begun, steps = threading.Event(), []

    def slow() -> None:
        begun.set()
        time.sleep(0.5)
        steps.append("slow")

    worker = Worker(
        house.app.database, house.clock, FailingSync([]), RecordingReconciler(),
        jobs_url=house.app.settings.jobs_url, rhythm=Rhythm(poll=1, tick=1, beat=0.2, look=0.1),
        chores=(slow, lambda: steps.append("next")),
    )  # fmt: skip
    worker.start()
    assert begun.wait(10)

    worker.stop()

    assert steps == ["slow"]
    assert not [thread for thread in threading.enumerate() if thread.name == "worker-chores"]
