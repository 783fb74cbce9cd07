"""Sending: once, in the thread, exactly the approved bytes, whatever breaks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crm.database import Database
from crm.errors import (
    DraftConflict,
    GoogleUnavailable,
    LealUpError,
    QuotaExceeded,
    SendUncertain,
    StillWaiting,
    TooLate,
)
from gmail.quota import TokenBucket
from outbox.approvals import undo
from outbox.drafts import Draft, discard, edit
from outbox.sender import Sender
from tests.house import House
from tests.outbox.desk import (
    approved,
    approved_just_now,
    decoded,
    drafted,
    in_sent,
    messages,
    received,
    sent,
    stored,
    tamper,
    told,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def draft(house: House) -> Draft:
    house.connect(send=True)
    return drafted(house, received(house, Message_ID="<asked@globex.example>"))


def another_sender(house: House) -> Sender:
    """As another process has it: its own connections to the same database."""
    return Sender(
        Database(house.app.database.url),
        house.clock,
        service=house.app.access.service,
        gateway=house.app.access.gateway,
        bucket=house.app.access.bucket,
    )


def test_the_approved_bytes_go_out_in_the_thread(house: House, draft: Draft) -> None:
    approved(house, draft)

    done = sent(house, draft)

    assert (done.status, done.error) == ("sent", "")
    assert in_sent(house) == [draft.raw]
    asked, answer = sorted(messages(house), key=lambda message: "SENT" in message["labelIds"])
    assert answer["id"] == done.gmail_id
    assert answer["threadId"] == asked["threadId"]
    message = decoded(draft.raw)
    assert (message["In-Reply-To"], message["References"]) == ("<asked@globex.example>",) * 2
    assert message["Subject"] == "Re: Renewal"


def test_a_send_is_spent_from_the_quota_of_the_mailbox(house: House, draft: Draft) -> None:
    bucket = house.app.access.bucket(house.mailbox().id)
    before = bucket.spent
    approved(house, draft)

    sent(house, draft)

    assert bucket.spent - before == 100


def test_a_send_that_the_quota_does_not_allow_has_not_begun(
    house: House, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = TokenBucket(6_000)
    bucket.pause(3_600)  # Google asked the sync for it
    monkeypatch.setattr(house.app.sender, "_bucket", lambda _: bucket)
    monkeypatch.setattr("gmail.sending._PATIENCE", 0.1)
    approved(house, draft)

    with pytest.raises(QuotaExceeded, match="send") as refused:
        sent(house, draft)

    assert "Nothing was sent" in refused.value.for_user()
    assert (stored(house, draft).status, house.requests("messages.send")) == ("approved", [])
    monkeypatch.undo()
    assert sent(house, draft).status == "sent"


def test_the_next_sync_puts_it_on_the_timeline_once(house: House, draft: Draft) -> None:
    approved(house, draft)
    sent(house, draft)

    house.sync()
    house.sync()

    assert house.subjects("Globex") == ["Renewal", "Re: Renewal"]
    reply = house.timeline("Globex")[-1]
    assert (reply.direction, reply.gmail_id) == ("outbound", stored(house, draft).gmail_id)
    assert reply.new_text.strip() == draft.text.strip()


def test_nothing_goes_out_without_an_approval(house: House, draft: Draft) -> None:
    with pytest.raises(DraftConflict):
        sent(house, draft)

    assert in_sent(house) == []


def test_discarded_after_approval_is_not_sent(house: House, draft: Draft) -> None:
    approved(house, draft)
    with house.app.database.write() as session:
        discard(session, house.clock, house.me, draft.id)

    with pytest.raises(DraftConflict):
        sent(house, draft)

    assert in_sent(house) == []


def test_eight_clicks_at_once_send_one_mail(house: House, draft: Draft) -> None:
    approved(house, draft)
    senders = [house.app.sender, another_sender(house)]
    start = threading.Barrier(8)

    def click(number: int) -> str:
        start.wait(timeout=60)
        try:
            return senders[number % 2].send(house.me, draft.id, sha256=draft.sha256).status
        except DraftConflict:
            return "conflict"

    with ThreadPoolExecutor(8) as pool:
        seen = sorted(pool.map(click, range(8)))

    assert seen == ["conflict"] * 7 + ["sent"]
    assert len(in_sent(house)) == 1


def test_web_and_slack_at_once_send_one_mail(house: House, draft: Draft) -> None:
    def both() -> str:
        try:
            approved(house, draft)
            return sent(house, draft).status
        except DraftConflict:
            return "conflict"

    with ThreadPoolExecutor(2) as pool:
        seen = [pool.submit(both) for _ in range(2)]

    assert "sent" in [one.result() for one in seen]
    assert len(in_sent(house)) == 1


def test_an_answer_lost_after_gmail_stored_the_mail(house: House, draft: Draft) -> None:
    """The transport must not repeat the POST when the connection closes: that would be a second mail."""
    approved(house, draft)
    house.fault("fail_after_send", drop=True, times=1)

    done = sent(house, draft)

    assert done.status == "sent"
    assert in_sent(house) == [draft.raw]
    assert len(house.requests("messages.send")) == 1


def test_an_error_500_after_gmail_stored_the_mail(house: House, draft: Draft) -> None:
    approved(house, draft)
    house.fault("fail_after_send", status=500)

    assert sent(house, draft).status == "sent"
    assert len(in_sent(house)) == len(house.requests("messages.send")) == 1


@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 500}, {"status": 503}])
def test_an_answer_lost_before_gmail_stored_the_mail(house: House, draft: Draft, fault: dict[str, Any]) -> None:
    """Nobody can tell it from the case above, so it stays uncertain and is never repeated."""
    approved(house, draft)
    house.fault("fail_before_send", times=1, **fault)

    with pytest.raises(SendUncertain):
        sent(house, draft)

    for _ in range(2):
        assert house.app.sender.reconcile_all(house.mailbox().id) == 0
        with pytest.raises(DraftConflict):
            sent(house, draft)
        with pytest.raises(DraftConflict):
            approved(house, draft)
    assert (stored(house, draft).status, in_sent(house)) == ("uncertain", [])
    assert len(house.requests("messages.send")) == 1


def test_an_uncertain_mail_is_found_at_the_next_sync(house: House, draft: Draft) -> None:
    approved(house, draft)
    house.fault("fail_after_send", drop=True)
    house.fault("status", method="messages.list", status=400)  # the look-up right after it fails too

    with pytest.raises(SendUncertain):
        sent(house, draft)
    assert stored(house, draft).status == "uncertain"

    assert house.app.sender.reconcile_all(house.mailbox().id) == 1
    assert house.app.sender.reconcile_all(house.mailbox().id) == 0
    found = stored(house, draft)
    assert (found.status, found.error) == ("sent", "")
    assert found.gmail_id in {message["id"] for message in messages(house) if "SENT" in message["labelIds"]}
    assert len(in_sent(house)) == 1


def test_it_is_found_by_our_own_header_when_gmail_wrote_another_message_id(house: House, draft: Draft) -> None:
    approved(house, draft)
    old = decoded(draft.raw)["Message-ID"]
    stored_by_gmail = house.mail(draft.raw.replace(str(old).encode(), b"<CAnew@mail.gmail.com>"), labels={"SENT"})
    house.mail(draft.raw.replace(draft.id.encode(), b"somebody-elses"), labels={"SENT"})
    tamper(house, draft, status="uncertain")

    assert house.app.sender.reconcile_all(house.mailbox().id) == 1

    assert stored(house, draft).gmail_id == stored_by_gmail.id


def test_a_mail_of_another_draft_is_not_taken_for_it(house: House, draft: Draft) -> None:
    house.mail(draft.raw.replace(draft.id.encode(), b"somebody-elses"), labels={"SENT"})
    tamper(house, draft, status="uncertain")

    assert house.app.sender.reconcile_all(house.mailbox().id) == 0

    assert stored(house, draft).status == "uncertain"


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429])
def test_a_refusal_gives_the_draft_back_with_the_reason(house: House, draft: Draft, status: int) -> None:
    approved(house, draft)
    house.fault("fail_before_send", status=status)

    with pytest.raises(GoogleUnavailable):
        sent(house, draft)

    left = stored(house, draft)
    assert (left.status, left.error) == ("draft", "Gmail refused the mail.")
    assert in_sent(house) == []
    with pytest.raises(DraftConflict):  # the old approval is used up
        sent(house, draft)
    approved(house, draft)
    assert (sent(house, draft).status, len(in_sent(house))) == ("sent", 1)


def test_a_claim_is_left_alone_while_its_process_may_live(house: House, draft: Draft) -> None:
    tamper(house, draft, status="sending", updated_at=house.clock())

    assert house.app.sender.reconcile_all(house.mailbox().id) == 0
    assert stored(house, draft).status == "sending"

    house.clock.advance(minutes=3)
    assert house.app.sender.reconcile_all(house.mailbox().id) == 0
    assert stored(house, draft).status == "uncertain"
    assert house.requests("messages.send") == []


def test_a_dead_claim_of_a_revoked_mailbox_becomes_uncertain_and_can_be_put_aside(house: House, draft: Draft) -> None:
    """No sync comes to that mailbox any more."""
    tamper(house, draft, status="sending", updated_at=house.clock())
    house.post("revoke", email="vera@lealup.example")
    assert house.app.sender.send_due() == 0
    assert stored(house, draft).status == "sending"

    house.clock.advance(minutes=3)
    assert house.app.sender.send_due() == 0

    left = stored(house, draft)
    assert left.status == "uncertain"
    assert "not known yet whether" in left.error and "Sent mail can't be looked at: Google" in left.error
    with pytest.raises(SendUncertain, match=draft.id):
        house.app.sender.look_again(house.me, draft.id)
    with house.app.database.write() as session:
        assert discard(session, house.clock, house.me, draft.id).status == "discarded"
    assert "nobody knew whether it had left" in stored(house, draft).error


def test_a_dead_claim_whose_mail_had_left_is_found_by_the_next_look(house: House, draft: Draft) -> None:
    tamper(house, draft, status="sending", updated_at=house.clock())
    house.mail(draft.raw, labels={"SENT"})
    house.clock.advance(minutes=3)

    assert house.app.sender.send_due() == 0  # nothing is sent by it

    assert (stored(house, draft).status, house.requests("messages.send")) == ("sent", [])


def test_a_reply_that_another_process_sends_is_waited_for(house: House, draft: Draft) -> None:
    tamper(house, draft, status="sending", updated_at=house.clock())
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            tamper(house, draft, status="sent")

    assert house.app.sender.settled(house.me, draft.id, wait).status == "sent"
    assert waits == [1.0, 1.0]


def test_reconciling_never_moves_what_is_settled(house: House, draft: Draft) -> None:
    house.clock.advance(minutes=30)

    for status in ("draft", "approved", "sent", "discarded"):
        tamper(house, draft, status=status)
        assert house.app.sender.reconcile_all(house.mailbox().id) == 0
        assert stored(house, draft).status == status


@pytest.mark.parametrize(
    ("fault", "mails", "status"), [("fail_before_send", 0, "uncertain"), ("fail_after_send", 1, "sent")]
)
def test_killed_in_the_middle_of_sending(house: House, draft: Draft, fault: str, mails: int, status: str) -> None:
    """kill -9 while Google's answer is on its way; another process then finds out what became of it."""
    if not house.app.database.is_sqlite:
        pytest.skip("one dialect is enough for a process")
    approved(house, draft)
    house.fault(fault, delay=1.0, drop=True)
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, draft.id, draft.sha256],
        cwd=ROOT,
        env={
            **os.environ,
            "LEALUP_HOME": str(house.app.settings.home),
            "LEALUP_DATABASE_URL": house.app.database.url,
            "LEALUP_GOOGLE_URL": house.url,
            "LEALUP_MODEL": "offline",
            "NOW": house.clock().isoformat(),
        },
    )
    try:
        deadline = time.monotonic() + 60
        while not house.requests("messages.send"):
            assert time.monotonic() < deadline and child.poll() is None
            time.sleep(0.02)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait(timeout=60)
    while len(in_sent(house)) < mails and time.monotonic() < deadline:
        time.sleep(0.05)  # the local Gmail goes on without its client

    assert stored(house, draft).status == "sending"
    house.clock.advance(minutes=3)
    house.app.sender.reconcile_all(house.mailbox().id)
    house.app.sender.reconcile_all(house.mailbox().id)

    assert stored(house, draft).status == status
    assert len(in_sent(house)) == mails
    with pytest.raises(LealUpError):
        sent(house, draft)
    assert len(in_sent(house)) == mails


_CHILD = """
import os, sys
from datetime import datetime
from crm.settings import load_settings
from tests.house import HashingEmbedder, MovableClock
from wiring.app import build_app
app = build_app(
    load_settings(), clock=MovableClock(datetime.fromisoformat(os.environ["NOW"])), embedder=HashingEmbedder()
)
app.sender.send(app.principal("vera@lealup.example"), sys.argv[1], sha256=sys.argv[2])
"""


def test_a_stale_claim_counts_from_the_claim(house: House, draft: Draft) -> None:
    approved(house, draft)
    house.clock.advance(minutes=5)
    house.fault("fail_before_send", status=400)
    with pytest.raises(GoogleUnavailable):
        sent(house, draft)

    assert house.clock() - stored(house, draft).updated_at < timedelta(seconds=1)


def test_before_its_moment_nothing_leaves(house: House, draft: Draft) -> None:
    waiting = approved_just_now(house, draft)
    house.clock.advance(seconds=9)

    with pytest.raises(StillWaiting):
        sent(house, waiting)
    assert house.app.sender.send_due() == 0

    assert waiting.send_at == house.clock() + timedelta(seconds=1)
    assert (stored(house, draft).status, house.requests("messages.send")) == ("approved", [])


def test_a_due_reply_leaves_without_its_face(house: House, draft: Draft) -> None:
    """Whoever approved it is gone: two workers look at once, and it leaves once."""
    approved(house, draft)
    workers = [house.app.sender, another_sender(house)]

    with ThreadPoolExecutor(2) as pool:
        counts = [one.result() for one in [pool.submit(worker.send_due) for worker in workers]]

    assert sum(counts) == 1 and in_sent(house) == [draft.raw]
    assert house.app.sender.send_due() == 0


def test_the_worker_empties_the_outbox_after_a_death(house: House, draft: Draft) -> None:
    """kill -9 right after the approval: the process is gone, a worker that starts later sends."""
    if not house.app.database.is_sqlite:
        pytest.skip("one dialect is enough for a process")
    child = subprocess.run(
        [sys.executable, "-c", _APPROVES_AND_DIES, draft.id],
        cwd=ROOT, timeout=120, check=False,
        env={**os.environ, "LEALUP_DATABASE_URL": house.app.database.url, "NOW": house.clock().isoformat()},
    )  # fmt: skip
    assert child.returncode == -signal.SIGKILL
    assert stored(house, draft).status == "approved"
    house.clock.advance(seconds=10)

    house.app.worker.start()
    try:
        deadline = time.monotonic() + 60
        while stored(house, draft).status != "sent":
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        house.app.worker.stop()

    assert in_sent(house) == [draft.raw]


_APPROVES_AND_DIES = """
import os, signal, sys
from datetime import datetime
from crm.database import Database
from crm.identity import find_principal
from outbox import drafts
from outbox.approvals import approve
database, now = Database(os.environ["LEALUP_DATABASE_URL"]), datetime.fromisoformat(os.environ["NOW"])
with database.write() as session:
    me = find_principal(session, "vera@lealup.example")
    draft = drafts.get(session, me, sys.argv[1])
    approve(session, lambda: now, me, draft.id, sha256=draft.sha256, warned=draft.warned, face="web")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_due_reply_that_fails_is_back_with_its_reason_and_the_others_leave(house: House, draft: Draft) -> None:
    other = drafted(house, received(house, subject="Price", days_ago=1))
    house.fault("fail_before_send", status=400, times=1)
    approved_just_now(house, draft)
    house.clock.advance(seconds=1)  # it is due first
    approved(house, other)

    assert house.app.sender.send_due() == 1

    assert (stored(house, draft).status, stored(house, draft).error) == ("draft", "Gmail refused the mail.")
    assert in_sent(house) == [other.raw]


def test_a_due_reply_whose_worker_was_down_too_long_waits_for_its_human(house: House, draft: Draft) -> None:
    approved(house, draft)
    house.clock.advance(minutes=11)

    assert house.app.sender.send_due() == 0

    left = stored(house, draft)
    assert (left.status, left.error) == ("draft", "It was approved but could not leave in time, so it was not sent.")
    assert house.requests("messages.send") == []


def test_a_scheduled_reply_leaves_at_its_moment_however_far(house: House, draft: Draft) -> None:
    moment = house.clock() + timedelta(days=5)
    assert approved_just_now(house, draft, send_at=moment).send_at == moment
    house.clock.advance(days=4, hours=23, minutes=59)
    assert house.app.sender.send_due() == 0
    house.clock.advance(minutes=1)

    assert house.app.sender.send_due() == 1
    assert in_sent(house) == [draft.raw]


def test_the_world_changed_while_a_reply_was_scheduled(house: House, draft: Draft) -> None:
    """A customer of that name has come since: its human has not seen that warning."""
    with house.app.database.write() as session:
        edited = edit(session, house.clock, house.me, draft.id, sha256=draft.sha256, text="As with Hooli.")
    approved_just_now(house, edited, send_at=house.clock() + timedelta(days=1))
    house.customer("Hooli", domains=["hooli.example"])
    house.clock.advance(days=1)

    assert house.app.sender.send_due() == 0

    left = stored(house, draft)
    assert (left.status, told(left)) == ("draft", ("The text names another customer: Hooli.",))
    assert "have not seen yet" in left.error and in_sent(house) == []


@pytest.mark.parametrize("status", ["approved", "draft"])
def test_an_approval_is_good_for_one_sending(house: House, draft: Draft, status: str) -> None:
    """The row forged back to `approved` after a send, an undo or an edit sends nothing: its approval has ended."""
    approved(house, draft)
    if status == "approved":
        sent(house, draft)
    else:
        with house.app.database.write() as session:
            undo(session, house.clock, house.me, draft.id, sha256=draft.sha256)
    before = len(in_sent(house))
    tamper(house, draft, status="approved", send_at=house.clock())

    with pytest.raises(DraftConflict):
        sent(house, draft)

    assert len(in_sent(house)) == before


def test_undo_and_the_sender_at_once(house: House, draft: Draft) -> None:
    """Whoever changes the row first wins; the other is told, and nothing is half done."""
    approved(house, draft)
    start = threading.Barrier(2)

    def take_back() -> str:
        start.wait(timeout=60)
        try:
            with house.app.database.write() as session:
                return undo(session, house.clock, house.me, draft.id, sha256=draft.sha256).status
        except TooLate:
            return "too late"

    def leave() -> str:
        start.wait(timeout=60)
        try:
            return another_sender(house).send(house.me, draft.id, sha256=draft.sha256).status
        except DraftConflict:
            return "conflict"

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.submit(take_back), pool.submit(leave)

    assert (one.result(), two.result()) in {("draft", "conflict"), ("too late", "sent")}
    assert len(in_sent(house)) == (two.result() == "sent")
