"""kill -9, and two syncs at once: the result is the same as that of an undisturbed run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm import schema
from crm.clock import system_clock
from crm.errors import LealUpError
from ingestion.mailboxes import SyncRunning, lease
from ingestion.sync import SyncReport
from sandbox.gmail.store import Store
from tests.house import JOAO, House, balanced, letter, snapshot

_ROOT = Path(__file__).parents[2]


def _fill(house: House, count: int) -> None:
    for number in range(count):
        sender = ("Maria <maria@globex.example>", JOAO, "News <news@shop.example>")[number % 3]
        house.mail(letter(sender=sender, subject=f"Mail {number}", text=f"Text {number}.", days_ago=1 + number / 10))


def _stored(house: House) -> int:
    with house.app.database.read() as session:
        return session.scalar(select(func.count()).select_from(schema.Message)) or 0


def _killed_sync(house: House, after: int) -> None:
    """Run the real command and kill it once `after` messages are stored."""
    settings = house.app.settings
    wanted = {
        "LEALUP_HOME": str(settings.home), "LEALUP_DATABASE_URL": settings.database_url,
        "LEALUP_GOOGLE_URL": settings.google_url, "LEALUP_MODEL": "offline",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", "from cli.main import main; main()", "sync"], env={**os.environ, **wanted},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=_ROOT,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while _stored(house) < after and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert process.poll() is None, "the sync ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)


def _connected(house: House) -> House:
    house.connect()
    _fill(house, 60)
    return house


def test_killed_in_the_backfill_and_resumed(
    start_gmail: Callable[..., tuple[str, Store]], make_house: Callable[..., House]
) -> None:
    """The killed process runs by the machine's clock, so the test's clock starts there too."""
    house = make_house(*start_gmail())
    house.clock.instant = system_clock()
    _connected(house)
    house.fault("status", "messages.get", delay=0.05, status=429, times=20)  # slow, but it gets through
    _killed_sync(house, after=10)
    halfway = house.mailbox()
    assert 0 < _stored(house) < 60
    assert halfway.backfill_done_at is None
    house.clear_faults()

    report = house.sync()
    resumed = snapshot(house)
    house.clear_log()
    again = house.sync()

    assert report.coverage == again.coverage
    assert (report.coverage["listed"], report.coverage["stored"], report.coverage["pending"]) == (60, 40, 0)
    assert resumed["pending"] == []
    assert len(resumed["copies"]) == 60
    assert sorted(house.subjects("Globex")) == sorted(f"Mail {number}" for number in range(0, 60, 3))
    assert resumed["vectors"] == {mail_id for mail_id, mail in resumed["mails"].items() if mail[1]}
    assert house.requests("messages.get") == []


@pytest.mark.parametrize("step", ["listing", "fetching", "changes", "indexing"])
def test_stopped_at_any_phase_and_resumed(house: House, step: str) -> None:
    _fill(house, 30)

    class Killed(BaseException):
        pass

    def stop(progress: object) -> None:
        if getattr(progress, "phase", "") == step:
            raise Killed

    with pytest.raises(Killed):
        house.sync(progress=stop)
    house.sync()

    assert (len(house.subjects("Globex")), len(house.subjects("Initech"))) == (10, 10)
    assert len(house.app.vectors.ids(house.me.workspace_id)) == 20


def test_two_syncs_at_once_take_turns(house: House) -> None:
    _fill(house, 30)
    reports: list[SyncReport] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            reports.append(house.app.sync.run(house.mailbox().id))
        except LealUpError as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert failures == []
    assert all(balanced(report.coverage) for report in reports)
    fetched = [entry["path"] for entry in house.requests("messages.get") if "fields=" in entry["query"]]
    assert len(fetched) == len(set(fetched)) == 30
    assert len(house.subjects("Globex")) == 10


def test_a_living_lease_is_respected_and_a_dead_ones_is_taken(house: House) -> None:
    database, box = house.app.database, house.mailbox().id
    waits: list[float] = []

    with (
        lease(database, house.clock, box),
        pytest.raises(SyncRunning),
        lease(database, house.clock, box, wait_seconds=2, sleep=waits.append),
    ):
        raise AssertionError("two at once")
    assert sum(waits) == 2

    script = "from ingestion.processes import new_name; print(new_name())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True, cwd=_ROOT)
    with database.write() as session:
        row = session.get_one(schema.Mailbox, box)
        row.lease_owner = done.stdout.strip()
        row.lease_until = house.clock().replace(year=2100)
    with lease(database, house.clock, box, wait_seconds=0):
        assert house.mailbox().lease_owner != ""
    assert house.mailbox().lease_owner == ""
