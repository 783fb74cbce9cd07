"""The fence: who has lost a mailbox's lease, or never had it, writes nothing."""

from __future__ import annotations

import ast
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

import ingestion.sync
from crm import schema
from crm.database import Database
from ingestion.mailboxes import LEASE, LeaseLost, SyncRunning, fenced, lease
from ingestion.status import progress_of
from ingestion.sync import Progress
from tests.house import JOAO, House, letter


def _cause(house: House) -> str:
    return house.mailbox().cause


def _write(house: House, cause: str) -> None:
    with fenced(house.app.database, house.mailbox().id) as session:
        session.get_one(schema.Mailbox, house.mailbox().id).cause = cause


def test_only_the_holder_writes(house: House) -> None:
    with pytest.raises(LeaseLost):
        _write(house, "without a lease")
    with lease(house.app.database, house.clock, house.mailbox().id):
        _write(house, "held")
        refused: list[BaseException] = []

        def other_thread() -> None:
            try:
                _write(house, "of another thread")
            except LeaseLost as error:
                refused.append(error)

        thread = threading.Thread(target=other_thread)
        thread.start()
        thread.join()
        assert len(refused) == 1
    with pytest.raises(LeaseLost):
        _write(house, "given back")
    assert _cause(house) == "held"


def test_who_was_paused_too_long_writes_nothing_and_leaves_the_new_holder_alone(house: House) -> None:
    database, box = house.app.database, house.mailbox().id
    with lease(database, house.clock, box):
        house.clock.advance(seconds=LEASE.total_seconds() + 1)
        _write(house, "late, but nobody has taken over")
        taken, done = threading.Event(), threading.Event()

        def take_over() -> None:
            with lease(database, house.clock, box, wait_seconds=0):
                _write(house, "the new holder")
                taken.set()
                done.wait(10)

        thread = threading.Thread(target=take_over)
        thread.start()
        assert taken.wait(10)
        with pytest.raises(LeaseLost):
            _write(house, "too late")
        holder = house.mailbox().lease_owner
    assert house.mailbox().lease_owner == holder != ""
    done.set()
    thread.join()
    assert (_cause(house), house.mailbox().lease_owner) == ("the new holder", "")


def test_nobody_takes_over_in_the_middle_of_a_write(house: House) -> None:
    """The holder's transaction is open when its lease runs out: the other one waits for the commit."""
    database, box, order = house.app.database, house.mailbox().id, list[str]()
    with lease(database, house.clock, box):
        with fenced(database, box) as session:
            house.clock.advance(seconds=LEASE.total_seconds() + 1)

            def take_over() -> None:
                with lease(database, house.clock, box, wait_seconds=0):
                    order.append("taken over")

            thread = threading.Thread(target=take_over)
            thread.start()
            thread.join(timeout=0.5)
            session.get_one(schema.Mailbox, box).cause = "written"
            order.append("committed")
        thread.join(10)
    assert order == ["committed", "taken over"]
    assert _cause(house) == "written"


def test_a_sync_that_lost_its_lease_ends_and_changes_no_state(house: House) -> None:
    house.mail(letter(subject="Renewal"))

    def lose(progress: Progress) -> None:
        if progress.phase == "fetching":
            with house.app.database.write() as session:
                session.execute(
                    update(schema.Mailbox).values(lease_owner="elsewhere/1:1:00000000", state="backfilling")
                )

    with pytest.raises(LeaseLost):
        house.sync(progress=lose)

    assert house.subjects("Globex") == []
    assert (house.mailbox().state, house.mailbox().cause) == ("backfilling", "")
    assert house.mailbox().lease_owner == "elsewhere/1:1:00000000"


def test_a_job_does_not_wait_for_a_sync_that_runs(house: House) -> None:
    waits: list[float] = []
    with (
        lease(house.app.database, house.clock, house.mailbox().id),
        pytest.raises(SyncRunning),
        lease(house.app.database, house.clock, house.mailbox().id, wait_seconds=0, sleep=waits.append),
    ):
        raise AssertionError("two at once")
    assert waits == []


def test_every_write_of_a_sync_is_fenced() -> None:
    tree = ast.parse(Path(ingestion.sync.__file__).read_text("utf-8"))
    bare = [
        node.lineno for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "write" and ast.unparse(node).endswith("database.write")
    ]  # fmt: skip
    assert bare == [], "use self._write(mailbox_id): a sync that lost its lease must not write"


def test_another_process_s_progress_is_told_by_the_rows(house: House) -> None:
    for number in range(30):
        house.mail(letter(JOAO, subject=f"Mail {number}", days_ago=1 + number / 10))
    box, seen = house.mailbox().id, dict[str, Progress]()

    def look(now: Progress) -> None:
        found = _progress(house.app.database, house, box)
        if found is not None:
            seen[found.phase] = found

    assert _progress(house.app.database, house, box) is None
    house.sync(progress=look)

    assert {"fetching", "indexing"} <= set(seen)
    assert seen["fetching"].total == 30 and 0 <= seen["fetching"].done < 30
    assert seen["indexing"].total == 30
    assert _progress(house.app.database, house, box) is None


def test_progress_ends_with_the_lease(house: House) -> None:
    with lease(house.app.database, house.clock, house.mailbox().id):
        assert _progress(house.app.database, house, house.mailbox().id) is not None
        house.clock.advance(seconds=(LEASE + timedelta(seconds=1)).total_seconds())
        assert _progress(house.app.database, house, house.mailbox().id) is None


def _progress(database: Database, house: House, mailbox_id: int) -> Progress | None:
    with database.read() as session:
        return progress_of(session, session.get_one(schema.Mailbox, mailbox_id), house.clock())
