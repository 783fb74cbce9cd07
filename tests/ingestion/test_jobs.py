"""Workers that are killed (-9), stopped or paused: nothing is lost, and a mailbox is never synced by two at once."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError

from crm import schema
from crm.clock import system_clock
from ingestion.coverage import coverage
from ingestion.heartbeat import last_beat
from sandbox.gmail.store import Store
from tests.house import COLLEAGUE, CSM, JOAO, House, balanced, letter

KILLS = int(os.environ.get("LEALUP_TEST_KILLS", "3"))
_ROOT = Path(__file__).parents[2]
_BOXES = (CSM, COLLEAGUE)
_LONG = timedelta(hours=1)


@dataclass(kw_only=True)
class Workers:
    """Worker processes over one house, and what their journal says."""

    house: House
    journal: Path
    zygote: subprocess.Popen[str]
    alive: list[int] = field(default_factory=list)
    killed: dict[int, float] = field(default_factory=dict)

    def start(self) -> int:
        settings = self.house.app.settings
        given = {
            "home": str(settings.home), "database_url": settings.database_url, "google_url": settings.google_url,
            "journal": str(self.journal),
        }  # fmt: skip
        assert self.zygote.stdin is not None and self.zygote.stdout is not None
        self.zygote.stdin.write(json.dumps(given) + "\n")
        self.zygote.stdin.flush()
        self.alive.append(int(self.zygote.stdout.readline()))
        return self.alive[-1]

    def kill(self, process: int) -> None:
        self.killed[process] = time.monotonic()
        os.kill(process, signal.SIGKILL)
        self.gone(process)

    def gone(self, process: int) -> None:
        """Wait until the process has ended."""
        until(lambda: not _exists(process))
        self.alive.remove(process)

    def holds(self) -> dict[int, list[tuple[float, float, int]]]:
        """Mailbox → (begin, end, process). What a killed worker held ends when it was killed, at the latest."""
        found: dict[int, list[tuple[float, float, int]]] = {}
        open_: dict[tuple[int, int], float] = {}
        for line in self.journal.read_text().splitlines():
            at, what, mailbox, process = line.split()
            key = (int(mailbox), int(process))
            if what == "begin":
                open_[key] = float(at)
            else:
                found.setdefault(key[0], []).append((open_.pop(key), float(at), key[1]))
        for (box, process_), begin in open_.items():
            found.setdefault(box, []).append((begin, self.killed.get(process_, time.monotonic()), process_))
        return {box: sorted(held) for box, held in found.items()}


@pytest.fixture
def busy_house(start_gmail: Callable[..., tuple[str, Store]], make_house: Callable[..., House]) -> House:
    """Two connected mailboxes, at the time of day: the workers have no clock of the test."""
    house = make_house(*start_gmail())
    house.clock.instant = system_clock()
    house.connect()
    house.join(COLLEAGUE)
    house.connect(COLLEAGUE)
    return house


@pytest.fixture
def workers(busy_house: House, tmp_path: Path) -> Iterator[Workers]:
    command = [sys.executable, "-m", "tests.ingestion.worker_process"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as zygote:
        made = Workers(house=busy_house, journal=tmp_path / "journal", zygote=zygote)
        made.journal.touch()
        assert zygote.stdout is not None and zygote.stdout.readline() == "ready\n"
        try:
            yield made
        finally:
            for process in made.alive:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            assert zygote.stdin is not None
            zygote.stdin.close()


def until(condition: Callable[[], bool], seconds: float = 200.0) -> None:
    """Patient, because two cores may be shared by many; asks seldom, because the local Gmail lives in this process too."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _fill(house: House, first: int, count: int) -> None:
    """`count` mails for each mailbox, a third of them of no customer."""
    for number in range(first, first + count):
        sender = ("Maria <maria@globex.example>", JOAO, "News <news@shop.example>")[number % 3]
        for email in _BOXES:
            raw = letter(
                sender, email, f"Mail {number} to {email}", f"Text {number}.", days_ago=1, now=house.clock.instant
            )
            house.mail(raw, email=email)


def _make_due(house: House) -> None:
    with house.app.database.write() as session:
        session.execute(update(schema.Mailbox).values(polled_at=None))


def _stored(house: House) -> int:
    with house.app.database.read() as session:
        return session.scalar(select(func.count()).select_from(schema.Message)) or 0


def _settled(house: House, count: int) -> bool:
    """Every mail is stored, every one of a customer is indexed, and no sync runs."""
    with house.app.database.read() as session:
        pending = session.scalar(select(func.count()).select_from(schema.Pending))
        due = select(func.count()).where(schema.Mail.has_body, schema.Mail.indexed_at.is_(None))
        held = session.scalars(select(schema.Mailbox.lease_owner)).all()
        return _stored(house) == count and not pending and not session.scalar(due) and not any(held)


def _holder(house: House, email: str = CSM) -> int:
    """The process that holds the mailbox, or 0."""
    owner = house.mailbox(email).lease_owner
    return int(owner.split(":")[1]) if owner else 0


def _written(house: House) -> list[tuple[object, ...]]:
    """What syncs have written, to compare two moments by."""
    with house.app.database.read() as session:
        copies = select(
            schema.Message.gmail_id, schema.Message.mail_id, schema.Message.status, schema.Message.label_ids
        )
        boxes = select(schema.Mailbox.state, schema.Mailbox.cause, schema.Mailbox.last_success_at)
        return sorted(tuple(map(str, row)) for row in [*session.execute(copies), *session.execute(boxes)])


def _assert_nothing_lost(house: House, each: int) -> None:
    for email in _BOXES:
        with house.app.database.read() as session:
            counts = coverage(session, house.mailbox(email))
        assert balanced(counts)
        assert (counts["listed"], counts["pending"], counts["quarantined"]) == (each, 0, 0)
    wanted = {f"Mail {number} to {email}" for number in range(each) for email in _BOXES if number % 3 != 2}
    assert sorted(house.subjects("Globex") + house.subjects("Initech")) == sorted(wanted)


def _assert_no_overlap(workers: Workers) -> int:
    """Returns how many holds were looked at."""
    count = 0
    for held in workers.holds().values():
        count += len(held)
        for (_, end, before), (begin, _, after) in pairwise(held):
            assert begin >= end, f"{after} began {end - begin:.3f} s before {before} had ended"
    return count


def _kill_in_the_middle(workers: Workers, total: int) -> float | None:
    """Make both mailboxes due and kill a worker that syncs; returns when, or None if it had just finished."""
    house = workers.house
    _make_due(house)
    until(lambda: _holder(house) in workers.alive)
    victim = _holder(house)
    time.sleep(random.uniform(0.0, 0.5))
    if _holder(house) != victim:
        return None
    workers.kill(victim)
    if _holder(house) != victim or _stored(house) == total:
        return None
    return workers.killed[victim]


def test_killed_workers_are_taken_over_again_and_again(workers: Workers, database_url: str) -> None:
    """On PostgreSQL one of two workers is killed and the other goes on; on SQLite the only one, and a new one goes on."""
    house, each, done, takeovers = workers.house, 0, 0, list[float]()
    pair = database_url.startswith("postgresql")
    while done < KILLS:
        while len(workers.alive) < (2 if pair else 1):
            workers.start()
        _fill(house, each, 60)
        each += 60
        killed = _kill_in_the_middle(workers, 2 * each)
        if not workers.alive:
            workers.start()
        until(lambda: _settled(house, 2 * each))  # noqa: B023 (called at once)
        if killed is not None:
            done += 1
            begins = [begin for begin, _, _ in workers.holds()[house.mailbox().id] if begin > killed]
            takeovers.append(begins[0] - killed)
            sys.stdout.write(f"round {done}: {time.monotonic() - killed:.1f} s from the kill until all was stored\n")

    _assert_nothing_lost(house, each)
    assert _assert_no_overlap(workers) >= 3 * KILLS
    fetched = [entry["path"] for entry in house.requests("messages.get")]
    sys.stdout.write(  # `pytest -s` shows it: docs/reliability.md
        f"{len(workers.killed)} kills, {done} in the middle of a sync; {2 * each} mails; taken over after "
        f"{sum(takeovers) / len(takeovers):.2f} s on average, {max(takeovers):.2f} s at most; "
        f"{len(fetched)} fetches of {len(set(fetched))} mails\n"
    )


def test_a_worker_that_is_asked_to_end_leaves_its_sync_to_the_other(workers: Workers) -> None:
    house = workers.house
    _fill(house, 0, 150)
    first = workers.start()
    until(lambda: 0 < _stored(house) < 300)
    asked = time.monotonic()

    os.kill(first, signal.SIGTERM)
    workers.gone(first)

    assert time.monotonic() - asked < 15
    assert _stored(house) < 300
    with house.app.database.read() as session:
        assert last_beat(session) is None
    assert [house.mailbox(email).lease_owner for email in _BOXES] == ["", ""]
    unfinished = [box for box in map(house.mailbox, _BOXES) if box.last_success_at is None]
    assert unfinished, "nothing was interrupted"
    assert [box.polled_at for box in unfinished] == [None] * len(unfinished), "due at once, for the next worker"
    workers.start()
    until(lambda: _settled(house, 300))
    _assert_nothing_lost(house, 150)


def _pause(process: int, house: House) -> None:
    """Stop it between two transactions: inside one it would hold locks, which is not what is looked at here."""
    while True:
        os.kill(process, signal.SIGSTOP)
        if _no_locks(house):
            return
        os.kill(process, signal.SIGCONT)
        time.sleep(0.02)


def _no_locks(house: House) -> bool:
    settings = house.app.settings
    try:
        if settings.jobs_url.startswith("sqlite"):
            for file in (settings.sql_url, settings.jobs_url):
                with closing(sqlite3.connect(file.removeprefix("sqlite:///"), timeout=0.1)) as connection:
                    connection.execute("BEGIN IMMEDIATE")
        else:
            # whatever it has written, a row of any table, keeps a transaction id until it is committed
            writing = text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL"
            )
            with house.app.database.engine.connect() as connection_:
                return not connection_.scalar(writing)
    except (sqlite3.OperationalError, OperationalError):
        return False
    return True


def test_a_paused_worker_writes_nothing_after_its_lease_was_lost(workers: Workers) -> None:
    """Stopped (SIGSTOP) in the middle of a sync and woken when another worker has done the work."""
    house = workers.house
    _fill(house, 0, 150)
    paused = workers.start()
    until(lambda: _holder(house) == paused and 0 < _stored(house) < 300)
    _pause(paused, house)
    before = _stored(house)
    with house.app.database.write() as session:  # as if it were longer ago than a lease and a heartbeat last
        session.execute(update(schema.Mailbox).values(lease_until=system_clock()))
        session.execute(update(schema.Worker).values(beat_at=system_clock() - _LONG))
    other = workers.start()
    until(lambda: _settled(house, 300))
    taken = {box: held[-1] for box, held in workers.holds().items()}
    house.clear_log()
    cursors = [house.mailbox(email).history_id for email in _BOXES]
    changed = _written(house)

    os.kill(paused, signal.SIGCONT)
    until(lambda: {line.split()[3] for line in workers.journal.read_text().splitlines() if " end " in line} >= {
        str(paused), str(other)
    })  # fmt: skip
    time.sleep(1)

    assert before < 300
    assert {process for _, _, process in taken.values()} == {other}
    assert _written(house) == changed
    assert [house.mailbox(email).history_id for email in _BOXES] == cursors
    _assert_nothing_lost(house, 150)
