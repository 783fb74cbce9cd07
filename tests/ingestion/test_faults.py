"""Gmail fails in every way it can: nothing is lost, nothing is doubled, and one clear sentence says what happened."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from crm import schema
from crm.errors import Disconnected, GoogleUnavailable, NotConnected, QuotaExceeded
from ingestion.mailboxes import SyncStopped
from ingestion.status import status_of
from ingestion.sync import Progress
from sandbox.gmail.store import Store
from tests.house import CSM, JOAO, House, letter, snapshot

# What Gmail does wrong is the same on both databases: the long tables run on one.
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TRANSIENT = [
    ("status", {"status": 429, "reason": "rateLimitExceeded"}),
    ("status", {"status": 403, "reason": "userRateLimitExceeded"}),
    ("status", {"status": 500}),
    ("status", {"status": 503}),
    ("retry_after", {"retry_after": 0}),
    ("drop", {}),
]
METHODS = ["getProfile", "settings.sendAs.list", "messages.list", "messages.get", "history.list", "batch"]


def _fill(house: House, count: int = 6) -> None:
    for number in range(count):
        house.mail(letter(subject=f"Mail {number}", text=f"Number {number}.", days_ago=number + 1))


@on_one_database
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("kind", "fault"), TRANSIENT, ids=str)
def test_a_passing_failure_costs_nothing(house: House, method: str, kind: str, fault: dict[str, object]) -> None:
    if kind == "drop" and method == "messages.get":
        pytest.skip("a connection is cut for a batch, not for a call inside it")
    _fill(house)
    house.fault(kind, method, **fault)

    report = house.sync()

    assert report.coverage["stored"] == 6
    assert report.coverage["pending"] == 0
    assert len(house.subjects("Globex")) == 6


@on_one_database
@pytest.mark.parametrize("method", ["messages.list", "messages.get", "history.list", "batch"])
@pytest.mark.parametrize("status", [429, 500])
def test_a_lasting_failure_ends_the_sync_and_the_next_one_goes_on(house: House, method: str, status: int) -> None:
    _fill(house)
    house.fault("status", method, status=status, times=1000)

    try:
        report = house.sync()
    except GoogleUnavailable as error:
        assert isinstance(error, QuotaExceeded) == (status == 429)
        assert house.mailbox().cause == error.sentence
        assert house.mailbox().state == ("slowed" if status == 429 else "connected")
    else:  # inner calls of a batch fail one by one
        assert method == "messages.get"
        assert report.coverage["pending"] == 6
    house.clear_faults()
    report = house.sync()

    assert report.coverage["stored"] == 6
    assert house.mailbox().state == "connected"
    assert house.mailbox().cause == ""


def test_quota_without_an_end_is_not_poison(house: House) -> None:
    _fill(house, 2)
    house.fault("status", "messages.get", status=429, times=100_000)
    for _ in range(7):
        assert house.sync().coverage["quarantined"] == 0
    house.clear_faults()

    assert house.sync().coverage["stored"] == 2


@on_one_database
def test_a_full_disk_is_not_poison(house: House) -> None:
    """SQLite's own answer, from a file that may not grow: no mail is blamed, and when there is room all are stored."""
    large = "word " * 2_000
    for number in range(8):
        house.mail(letter(subject=f"Mail {number}", text=large, days_ago=number + 1))

    def stop_when_listed(progress: Progress) -> None:
        if progress.phase == "fetching":
            raise SyncStopped("for this test")

    with pytest.raises(SyncStopped):
        house.sync(progress=stop_when_listed)
    engine = house.app.database.engine
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def fill(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + 4}").close()

    event.listen(engine, "connect", fill)
    engine.dispose()
    for _ in range(5):
        with pytest.raises(OperationalError):
            house.sync()
        house.clock.advance(minutes=1)
    with house.app.database.read() as session:
        waiting = session.execute(select(schema.Pending.attempts, schema.Pending.quarantined_at)).all()
    assert {tuple(row) for row in waiting} == {(0, None)}
    event.remove(engine, "connect", fill)
    engine.dispose()

    report = house.sync()

    assert (report.coverage["stored"], report.coverage["quarantined"]) == (8, 0)


def test_poison_is_quarantined_after_five_tries_and_does_not_stop_the_others(house: House) -> None:
    poison = house.mail(letter(subject="Poison", days_ago=2))
    house.mail(letter(subject="Wholesome", days_ago=1))
    house.fault("status", "messages.get", status=500, path=poison.id, times=100_000)

    counts = [house.sync().coverage for _ in range(6)]

    assert [count["pending"] for count in counts] == [1, 1, 1, 1, 0, 0]
    assert [count["quarantined"] for count in counts] == [0, 0, 0, 0, 1, 1]
    assert house.subjects("Globex") == ["Wholesome"]
    with house.app.database.read() as session:
        assert status_of(session, house.me, house.clock())[0]["coverage"]["quarantined"] == 1


def test_a_quarantined_mail_is_tried_again_the_next_day(house: House) -> None:
    """An outage of a single call may look like poison: it must not cost the mail."""
    poison = house.mail(letter(subject="Poison", days_ago=2))
    house.fault("status", "messages.get", status=500, path=poison.id, times=100_000)
    for _ in range(5):
        house.sync()
    house.clear_faults()
    assert house.sync().coverage["quarantined"] == 1

    house.clock.advance(days=1, minutes=1)
    report = house.sync()

    assert (report.coverage["quarantined"], report.coverage["stored"]) == (0, 1)
    assert house.subjects("Globex") == ["Poison"]


def test_a_mail_that_vanishes_between_listing_and_fetching(house: House) -> None:
    _fill(house, 2)
    house.fault("status", "messages.get", status=404, times=1)

    report = house.sync()

    assert report.coverage["stored"] == 1
    assert report.coverage["filtered"] == {"deleted": 1}


@pytest.mark.parametrize(
    "text",
    ["a NUL \x00 in the text", "a lone surrogate \ud800 here", "x" * 2_000_000],
    ids=["nul", "surrogate", "huge"],
)
def test_hostile_text_is_stored(house: House, text: str) -> None:
    raw = letter(subject="Hostile", text="BODY").replace(b"BODY", text.encode("utf-8", "surrogatepass"))
    house.mail(raw.replace(b"Subject: Hostile", b"Subject: Hostile =?utf-8?q?=00?= =?utf-8?q?=ED=A0=80?="))
    house.mail(letter(subject="Wholesome", days_ago=1))

    report = house.sync()

    assert (report.coverage["stored"], report.coverage["quarantined"]) == (2, 0)
    assert house.searched("wholesome") >= {"Wholesome"}


def test_a_malformed_mail_is_stored_with_its_reason(house: House) -> None:
    house.mail(
        b"From: Maria <maria@globex.example>\r\nTo: vera@lealup.example\r\nSubject: Broken\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=never\r\n\r\nNo boundary ever comes."
    )

    assert house.sync(days=365).coverage["quarantined"] == 0


def test_history_expired_lists_again_and_asks_about_what_is_missing(house: House) -> None:
    known = house.mail(letter(subject="Known", days_ago=30))
    deleted = house.mail(letter(subject="Deleted meanwhile", days_ago=20))
    trashed = house.mail(letter(subject="Trashed meanwhile", days_ago=10))
    spam = house.mail(letter(subject="Rescued meanwhile", days_ago=5))
    house.sync()
    house.relabel(spam, add=["SPAM"])
    house.sync()

    house.delete(deleted)
    house.relabel(trashed, add=["TRASH"])
    house.relabel(spam, remove=["SPAM"])
    house.mail(letter(sender=JOAO, subject="New meanwhile", days_ago=1))
    house.post("expire-history")
    house.clear_log()
    report = house.sync()

    assert house.subjects("Globex") == ["Known", "Rescued meanwhile"]
    assert house.subjects("Initech") == ["New meanwhile"]
    assert report.coverage["filtered"] == {"deleted": 1, "trash": 1}
    assert not [entry for entry in house.requests("messages.get") if entry["path"].endswith(known.id)]
    assert house.mailbox().history_id == str(house.store.mailbox(CSM).history.current)


def test_expiry_does_not_make_every_later_sync_list_again(house: House) -> None:
    house.mail(letter(subject="Known"))
    house.sync()
    window = house.mailbox().window_start
    house.clock.advance(days=9)
    house.post("expire-history")
    house.sync()
    house.clear_log()

    house.sync()

    assert house.requests("messages.list") == []
    assert house.mailbox().window_start == window


def test_two_expiries_within_an_hour_raise_an_alarm(house: House, caplog: pytest.LogCaptureFixture) -> None:
    def alarm() -> str:
        with house.app.database.read() as session:
            return str(status_of(session, house.me, house.clock())[0]["alarm"])

    house.mail(letter(subject="Known"))
    house.sync()
    for hours, expected in ((0, ""), (2, ""), (0.5, "twice within an hour")):
        house.clock.advance(hours=hours)
        house.post("expire-history")
        house.sync()
        assert expected in alarm() and bool(alarm()) == bool(expected)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "history expired twice within an hour"
    ]
    house.clock.advance(days=1, minutes=1)
    assert alarm() == ""


def test_a_cut_during_the_listing_after_expiry_is_resumed(house: House) -> None:
    deleted = house.mail(letter(subject="Deleted meanwhile"))
    house.mail(letter(subject="Known", days_ago=2))
    house.sync()
    house.delete(deleted)
    house.post("expire-history")
    house.fault("status", "messages.list", status=500, times=1000)
    with pytest.raises(GoogleUnavailable):
        house.sync()
    assert house.subjects("Globex") == ["Deleted meanwhile", "Known"]
    house.clear_faults()

    house.sync()

    assert house.subjects("Globex") == ["Known"]


def test_revoked_is_said_once_and_reconnecting_goes_on_where_it_stopped(house: House) -> None:
    _fill(house, 3)
    house.sync()
    before = snapshot(house)
    house.post("revoke", email=CSM)
    house.mail(letter(subject="While away", days_ago=0))

    for _ in range(2):
        with pytest.raises(Disconnected):
            house.sync()
        assert house.mailbox().state == "disconnected"
        assert "revoked" in house.mailbox().cause
        assert snapshot(house) == before

    house.connect()
    assert (house.mailbox().state, house.mailbox().cause) == ("connected", "")
    house.clear_log()
    house.sync()
    assert house.subjects("Globex")[-1] == "While away"
    assert house.requests("messages.list") == []


def test_syncing_after_disconnecting_leaves_the_state_alone(house: House) -> None:
    house.sync()
    house.app.access.disconnect(house.me, house.mailbox().id)
    cause = house.mailbox().cause

    with pytest.raises(NotConnected):
        house.sync()

    assert (house.mailbox().state, house.mailbox().cause) == ("disconnected", cause)


def test_a_google_that_is_down_is_one_sentence(
    start_gmail: Callable[..., tuple[str, Store]], make_house: Callable[..., House]
) -> None:
    house = make_house(*start_gmail())
    house.connect()
    house.fault("drop", times=100_000)

    with pytest.raises(GoogleUnavailable) as caught:
        house.sync()

    assert "can't be reached" in caught.value.for_user()
    assert house.mailbox().last_success_at is None


def test_a_lower_quota_slows_the_sync_and_loses_nothing(
    start_gmail: Callable[..., tuple[str, Store]], make_house: Callable[..., House]
) -> None:
    """Google's own limiter answers 429 in the middle: what was read stays, the rest is pending."""
    house = make_house(*start_gmail(units_per_minute=400))
    house.connect()
    _fill(house, 15)

    for _ in range(10):
        try:
            report = house.sync()
        except QuotaExceeded:
            pass
        else:
            if not report.coverage["pending"]:
                break
        house.clock.advance(minutes=1)

    assert len(house.subjects("Globex")) == 15
    assert report.coverage["stored"] == 15


def test_a_mailbox_row_survives_a_clock_that_jumps(house: House) -> None:
    """The lease of a killed process expires by the clock; a jump must not lock the mailbox out."""
    with house.app.database.write() as session:
        row = session.scalars(select(schema.Mailbox)).one()
        row.lease_owner, row.lease_until = "elsewhere:1:1", house.clock() + timedelta(seconds=30)
    house.clock.advance(seconds=31)

    assert house.sync().coverage["listed"] == 0
