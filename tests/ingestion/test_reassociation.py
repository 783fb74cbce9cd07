"""Judging everything anew (S8): in short transactions, resumable, with bounded statements, without listing anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from crm import schema
from ingestion import reassociation
from ingestion.changes import apply_changes
from ingestion.history import Change
from ingestion.pending import confirm, doubt
from ingestion.status import status_of
from ingestion.sync import Progress
from tests.house import House, letter


class Killed(BaseException):
    pass


@contextmanager
def statements(house: House) -> Iterator[list[int]]:
    """How many variables each statement of the block carries; an insert of many rows counts one row."""
    seen: list[int] = []

    def note(_connection: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, many: bool) -> None:
        seen.append(len(parameters[0]) if many and parameters else len(parameters))

    engine = house.app.database.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def fill(house: House, count: int) -> None:
    for number in range(count):
        house.mail(
            letter(sender=f"U <u{number}@umbrella.example>", subject=f"Mail {number}", days_ago=1 + number / 100)
        )


def test_a_domain_added_later_is_read_in_short_steps_with_its_progress(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reassociation, "CHUNK", 10)
    fill(house, 35)
    house.sync()
    house.clear_log()
    seen: list[Progress] = []
    running: list[dict[str, Any]] = []
    sleeps: list[float] = []
    monkeypatch.setattr(house.app.sync, "_sleep", sleeps.append)

    def watch(progress: Progress) -> None:
        seen.append(progress)
        with house.app.database.read() as session:
            running.extend(status_of(session, house.me, house.clock()))

    house.customer("Umbrella", domains=["umbrella.example"])
    house.sync(progress=watch)

    assert [(one.done, one.total) for one in seen if one.phase == "associating"] == [
        (10, 35),
        (20, 35),
        (30, 35),
        (35, 35),
    ]
    assert sleeps.count(0.02) >= 4
    assert len(house.subjects("Umbrella")) == 35
    assert house.requests("messages.list") == []
    asked = [entry["path"] for entry in house.requests("messages.get")]
    assert len(set(asked)) == 35 and len(asked) <= 70  # only what became theirs
    waiting = [one for one in running if one["coverage"]["pending"]]
    assert max(one["coverage"]["pending"] for one in waiting) == 35
    assert {one["progress"] < 1 and one["eta"] > 0 for one in waiting} == {True}
    assert "no_customer" not in running[-1]["coverage"]["filtered"]


def test_killed_in_the_middle_it_goes_on_where_it_stopped(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reassociation, "CHUNK", 10)
    fill(house, 30)
    house.sync()
    house.customer("Umbrella", domains=["umbrella.example"])

    def stop(progress: Progress) -> None:
        if (progress.phase, progress.done) == ("associating", 20):
            raise Killed

    with pytest.raises(Killed):
        house.sync(progress=stop)
    assert house.mailbox().judged_after and house.mailbox().backfill_done_at is not None
    seen: list[Progress] = []
    house.sync(progress=seen.append)

    assert [one.done for one in seen if one.phase == "associating"] == [30]  # the first twenty are not done again
    assert len(house.subjects("Umbrella")) == 30
    assert (house.mailbox().judging_key, house.mailbox().judged_after) == ("", "")
    seen.clear()
    house.sync(progress=seen.append)
    assert [one for one in seen if one.phase == "associating"] == []


def test_rules_that_change_while_a_stopped_run_waits_start_it_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reassociation, "CHUNK", 10)
    fill(house, 30)
    house.sync()
    house.customer("Umbrella", domains=["umbrella.example"])

    def stop(progress: Progress) -> None:
        if progress.phase == "associating":
            raise Killed

    with pytest.raises(Killed):
        house.sync(progress=stop)
    house.customer("Umbrella", domains=[])
    house.sync()

    assert house.subjects("Umbrella") == []
    with house.app.database.read() as session:
        assert session.scalars(select(schema.Link)).all() == []


def test_fifty_thousand_changes_in_statements_of_bounded_size(house: House) -> None:
    known = house.mail(letter(subject="Known"))
    gone = house.mail(letter(subject="Gone", days_ago=2))
    house.sync()
    changes = {f"{number:016x}": Change(added=True) for number in range(50_000)}
    changes[known.id] = Change(labels_on={"STARRED"})
    changes[gone.id] = Change(deleted=True)

    with statements(house) as seen, house.app.database.write() as session:
        mailbox = session.get_one(schema.Mailbox, house.mailbox().id)
        apply_changes(session, mailbox, changes)
        doubt(session, mailbox)
        confirm(session, mailbox.id, list(changes))

    assert max(seen) < 1000
    with house.app.database.read() as session:
        assert session.get_one(schema.Mailbox, house.mailbox().id).listed_total == 50_002
        assert len(session.scalars(select(schema.Pending.gmail_id)).all()) == 50_000
    assert "STARRED" in house.copy(known.id).label_ids
    assert house.copy(gone.id).status == "deleted"
