"""Two mailboxes that write the same mails at once, on PostgreSQL: each waits for the other, and no mail pays for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from crm import schema
from crm.database import Database
from ingestion import coverage, store
from ingestion.mailboxes import take_due
from ingestion.private_threads import make_private
from tests.house import COLLEAGUE, CSM, House, letter


@pytest.fixture
def both(house: House) -> House:
    if house.app.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    house.join(COLLEAGUE)
    house.connect(COLLEAGUE)
    return house


def _until_somebody_waits(database: Database) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with database.read() as session:
            if session.scalar(waiting):
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


def _pending(house: House) -> dict[str, int]:
    with house.app.database.read() as session:
        return {row.gmail_id: row.attempts for row in session.scalars(select(schema.Pending))}


def test_a_deadlock_is_no_fault_of_a_mail(both: House) -> None:
    """The sync holds the first mail and waits for the last; somebody holds the last and now wants the first."""
    raws = {subject: letter(subject=subject, to=f"{CSM}, {COLLEAGUE}") for subject in ("One", "Two", "Three")}
    for raw in raws.values():
        both.mail(raw)
    both.sync()
    with both.app.database.read() as session:
        mails = session.scalars(select(schema.Mail).order_by(schema.Mail.id)).all()
    for mail in reversed(mails):  # the newest is read first
        both.mail(raws[mail.subject], email=COLLEAGUE)
    failures: list[BaseException] = []

    def hold() -> None:
        lock = select(schema.Mail.id).with_for_update()
        try:
            with both.app.database.write() as session:
                session.execute(text("SET LOCAL deadlock_timeout = '60s'"))  # the other one is to be the victim
                session.execute(lock.where(schema.Mail.id == mails[-1].id)).all()
                held.set()
                _until_somebody_waits(both.app.database)
                session.execute(lock.where(schema.Mail.id == mails[0].id)).all()
        except BaseException as error:  # noqa: BLE001 – told to the test
            failures.append(error)

    held = threading.Event()
    rival = threading.Thread(target=hold)
    rival.start()
    held.wait()
    report = both.sync(COLLEAGUE)
    rival.join()

    assert not failures
    assert _pending(both) == {}
    assert (report.coverage["stored"], report.coverage["pending"]) == (3, 0)


def test_the_same_new_mail_at_once(both: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both find that the mail is not there yet, and both insert it."""
    raw = letter(subject="Renewal", to=f"{CSM}, {COLLEAGUE}")
    both.mail(raw)
    both.mail(raw, email=COLLEAGUE)
    together, seen = threading.Barrier(2), set[int]()
    real: Callable[..., Any] = store._merge_participants

    def meet(*arguments: Any, **options: Any) -> Any:
        if threading.get_ident() not in seen:
            seen.add(threading.get_ident())
            together.wait(timeout=20)
        return real(*arguments, **options)

    monkeypatch.setattr(store, "_merge_participants", meet)
    reports = {}
    syncs = [
        threading.Thread(target=lambda email=email: reports.update({email: both.sync(email)}))
        for email in (CSM, COLLEAGUE)
    ]
    for sync in syncs:
        sync.start()
    for sync in syncs:
        sync.join()

    assert {email: report.coverage["stored"] for email, report in reports.items()} == {CSM: 1, COLLEAGUE: 1}
    assert _pending(both) == {}


def test_hiding_a_conversation_waits_for_a_colleagues_sync(both: House) -> None:
    """The sync holds its mailbox and wants a mail; who hides the mail takes both mailboxes before it."""
    raw = letter(subject="Renewal", to=f"{CSM}, {COLLEAGUE}")
    ours = both.mail(raw)
    both.mail(raw, email=COLLEAGUE)
    both.sync()
    both.sync(COLLEAGUE)
    theirs, mail_id = both.mailbox(COLLEAGUE).id, both.copy(ours.id).mail_id
    failures: list[BaseException] = []

    def hide() -> None:
        try:
            with both.app.database.write() as session:
                session.execute(text("SET LOCAL deadlock_timeout = '100ms'"))  # it would be the victim
                make_private(session, both.clock, both.me, ours.id)
        except BaseException as error:  # noqa: BLE001 – told to the test
            failures.append(error)

    hider = threading.Thread(target=hide)
    with both.app.database.write() as session:
        session.execute(text("SET LOCAL deadlock_timeout = '60s'"))
        session.get_one(schema.Mailbox, theirs, with_for_update={"key_share": True})
        hider.start()
        _until_somebody_waits(both.app.database)
        session.get_one(schema.Mail, mail_id, with_for_update={"key_share": True})
    hider.join()

    assert not failures
    assert both.subjects("Globex") == []


def test_the_tick_waits_for_no_mailbox_that_is_written_to(both: House) -> None:
    ours, theirs = both.mailbox().id, both.mailbox(COLLEAGUE).id
    now = both.clock()
    with both.app.database.write() as writing:
        writing.get_one(schema.Mailbox, theirs, with_for_update={"key_share": True})
        with both.app.database.write() as session:
            session.execute(text("SET LOCAL lock_timeout = '2s'"))
            assert take_due(session, now - timedelta(seconds=1), now) == [ours]
    with both.app.database.write() as session:
        assert take_due(session, now - timedelta(seconds=1), now) == [theirs]


def test_a_coverage_counted_while_a_sync_writes_is_no_error(both: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each statement sees another moment: a mail that had no customer may have been stored between two of them."""
    monkeypatch.setattr(coverage, "_by_quarantine", lambda *_: {False: 1})
    with both.app.database.read() as session:
        assert coverage.coverage(session, both.mailbox())["filtered"] == {}
