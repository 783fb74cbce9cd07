"""Deletion on request: tracked, resumable, counted down to zero everywhere, and of one's own mail only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, text

from crm import schema
from crm.clock import system_clock
from crm.errors import InputError, NotAllowed
from crm.feedback import vote
from gmail.oauth import Grant
from ingestion import erasing
from ingestion.attachments.switch import turn_on
from ingestion.deletion import Receipt
from sandbox.gmail.store import Store
from tests.house import COLLEAGUE, CSM, JOAO, House, letter
from tests.ingestion.attachments.test_reading import with_files


def _delete(house: House, email: str = CSM, *, owner: str = CSM) -> Receipt:
    deletions = house.app.deletions
    return deletions.run(deletions.request(house.app.principal(owner), house.mailbox(email).id))


def test_the_deletion_receipt_counts_down_to_zero(house: House) -> None:
    for number in range(2):
        house.mail(letter(subject=f"Mail {number}", text="Secret terms.", days_ago=number + 1))
    house.mail(with_files("Mail 2", {"terms.txt": b"The clandestine annex."}))
    turn_on(house.app.database, house.clock, house.me)
    house.mail(letter(sender="Mum <mum@family.example>", subject="Sunday"))
    poison = house.mail(letter(subject="Poison", days_ago=9))
    house.fault("status", "messages.get", status=500, path=poison.id, times=1000)
    house.sync()
    answer = house.app.assistant.ask(house.me, "What did Globex say?", at=house.clock())
    with house.app.database.write() as session:
        vote(session, house.clock, house.me, answer.id, "up", face="web", comment="Right.")
        mailbox, mail = house.mailbox(), house.timeline("Globex")[0]
        draft = schema.Draft(
            id="d1", workspace_id=mailbox.workspace_id, user_id=mailbox.user_id, mailbox_id=mailbox.id, mail_id=mail.id,
            gmail_thread_id="t", status="draft", raw=b"x", sha256="0", created_at=house.clock(),
            updated_at=house.clock(),
        )  # fmt: skip
        session.add(draft)
        session.flush()
        session.add(
            schema.DraftVersion(
                draft_id="d1", version=1, raw=b"x", sha256="0", author="assistant", how="reply",
                created_at=house.clock(),
            )
        )  # fmt: skip
        session.add(
            schema.Approval(
                draft_id="d1", workspace_id=mailbox.workspace_id, user_id=mailbox.user_id, sha256="0", face="web",
                approved_at=house.clock(), expires_at=house.clock(),
            )
        )  # fmt: skip

    receipt = _delete(house)

    assert receipt.complete
    assert receipt.as_json()["deleted"] == {
        "messages": 4, "mails": 4, "people": 8, "links to customers": 3, "critical words": 0, "attachments": 1,
        "texts of attachments": 1, "choices on mails": 0, "private conversations": 0, "pending": 1, "drafts": 1,
        "versions of drafts": 1, "approvals": 1, "started connections": 1, "vectors": 3, "lexical index": 3, "vector index": 3, "conversations": 1,
        "answers": 1, "votes on answers": 1,
    }  # fmt: skip
    assert set(receipt.as_json()["left"].values()) == {0}
    with house.app.database.read() as session:
        for table in ("mails", "messages", "participants", "links", "mail_keywords", "attachments", "drafts",
                      "draft_versions", "approvals", "pending", "mail_lexical", "mail_vectors", "attachment_texts", "oauth_attempts",
                      "answers", "answer_mails", "feedback"):  # fmt: skip
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
    assert house.searched("secret terms") == set()
    assert house.mailbox().sealed_token == ""

    house.clear_faults()
    house.connect()
    house.sync()
    assert len(house.subjects("Globex")) == 4  # connecting again begins anew


def test_deleting_ones_data_leaves_the_colleagues_mail(house: House) -> None:
    house.join(COLLEAGUE)
    house.connect(COLLEAGUE)
    shared, tombstoned = letter(subject="Shared"), letter(subject="Deleted by Luis", days_ago=2)
    for email in (CSM, COLLEAGUE):
        house.mail(shared, email=email)
    house.mail(tombstoned)
    theirs = house.mail(tombstoned, email=COLLEAGUE)
    house.sync()
    house.sync(COLLEAGUE)
    house.delete(theirs, email=COLLEAGUE)
    house.sync(COLLEAGUE)
    assert house.subjects("Globex") == ["Shared", "Deleted by Luis"]

    receipt = _delete(house)

    assert receipt.complete
    assert house.subjects("Globex") == ["Shared"]
    with house.app.database.read() as session:
        assert session.scalar(select(func.count()).select_from(schema.Mail)) == 1
    assert house.sync(COLLEAGUE).coverage["filtered"] == {"deleted": 1}


def test_a_colleagues_answers_and_conversations_go_with_the_mail_they_were_made_of(house: House) -> None:
    luis = house.join(COLLEAGUE)
    house.connect(COLLEAGUE)
    house.mail(letter(subject="Mine alone", text="The clandestine terms of the renewal."))
    house.mail(letter(sender=JOAO, subject="Dele", text="A fatura de outubro está errada."), email=COLLEAGUE)
    house.sync()
    house.sync(COLLEAGUE)
    assistant = house.app.assistant
    of_mine = assistant.ask(luis, "What did Globex say about the renewal?")
    assert [cited.customer for cited in of_mine.citations] == ["Globex"]
    of_theirs = assistant.ask(luis, "O que disse a Initech sobre a fatura?")

    receipt = _delete(house)

    assert receipt.complete
    assert (receipt.counts["answers"], receipt.counts["conversations"]) == ((1, 0), (1, 0))
    assert assistant.conversation(luis, of_mine.thread) == ()
    assert len(assistant.conversation(luis, of_theirs.thread)) == 2
    with house.app.database.read() as session:
        assert session.scalars(select(schema.StoredAnswer.id)).all() == [of_theirs.id]


def test_nobody_deletes_somebody_elses_data(house: House) -> None:
    house.join(COLLEAGUE)
    with pytest.raises(NotAllowed):
        _delete(house, CSM, owner=COLLEAGUE)


def test_a_request_cuts_the_mailbox_off_at_once_and_is_one_however_often_it_is_made(house: House) -> None:
    house.mail(letter(subject="Renewal"))
    house.sync()
    first = house.app.deletions.request(house.me, house.mailbox().id)
    assert house.app.deletions.request(house.me, house.mailbox().id) == first
    assert (house.mailbox().state, house.mailbox().sealed_token) == ("disconnected", "")
    (receipt,) = house.app.deletions.receipts(house.me)
    assert (receipt.state, receipt.complete) == ("requested", False)
    with pytest.raises(InputError):  # connecting now would bring back what is about to go
        house.connect()

    assert house.app.deletions.run_waiting() == 1  # any worker's next poll

    (receipt,) = house.app.deletions.receipts(house.me)
    assert (receipt.state, receipt.complete, receipt.revoked) == ("done", True, "yes")
    assert house.app.deletions.run_waiting() == 0
    assert house.app.deletions.run(first) == receipt
    with house.app.database.read() as session:
        actions = session.scalars(select(schema.AuditEvent.action).where(schema.AuditEvent.subject == CSM)).all()
    assert actions.count("gmail.delete_data.requested") == actions.count("gmail.delete_data") == 1


@pytest.mark.parametrize("place", ["_erase", "erase_rows", "drop_orphans", "compact"])
def test_interrupted_anywhere_it_goes_on_and_the_receipt_tells_the_whole(
    house: House, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr(erasing, "_BATCH", 2)
    for number in range(7):
        house.mail(letter(subject=f"Mail {number}", days_ago=number + 1))
    house.sync()

    class Killed(BaseException):
        pass

    erase, calls = erasing._erase, list[int]()

    def dies(*arguments: Any) -> None:
        calls.append(1)
        if place == "_erase" and len(calls) < 3:  # in the middle of it
            return erase(*arguments)
        raise Killed

    request = house.app.deletions.request(house.me, house.mailbox().id)
    with monkeypatch.context() as broken, pytest.raises(Killed):
        broken.setattr(erasing, place, dies)
        house.app.deletions.run(request)

    receipt = house.app.deletions.run(request)

    assert receipt.complete
    counts = receipt.as_json()["deleted"]
    assert (counts["mails"], counts["messages"], counts["lexical index"], counts["vector index"]) == (7, 7, 7, 7)
    assert house.app.vectors.ids(house.me.workspace_id) == frozenset()


def test_killed_with_minus_nine_and_finished_by_the_next_process(
    start_gmail: Callable[..., tuple[str, Store]], make_house: Callable[..., House]
) -> None:
    """The real command, killed once it has begun to delete."""
    house = make_house(*start_gmail())
    house.clock.instant = system_clock()
    house.connect()
    for number in range(60):
        house.mail(letter(subject=f"Mail {number}", days_ago=1 + number / 10, now=house.clock()))
    house.sync()
    settings = house.app.settings
    wanted = {
        "LEALUP_HOME": str(settings.home), "LEALUP_DATABASE_URL": settings.database_url,
        "LEALUP_GOOGLE_URL": settings.google_url, "LEALUP_MODEL": "offline",
    }  # fmt: skip
    slowly = (
        "from ingestion import erasing; erasing._BATCH = 1; erasing._BREATH = 0.2; from cli.main import main; main()"
    )
    house.app.vectors.close()
    house.app.door.close()  # one process at a time holds the embedded index
    process = subprocess.Popen(
        [sys.executable, "-c", slowly, "delete-data"], env={**os.environ, **wanted}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while _mails(house) > 57 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert process.poll() is None, "it ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    assert 0 < _mails(house) < 60
    assert house.app.deletions.receipts(house.me)[0].state == "running"

    assert house.app.deletions.run_waiting() == 1

    (receipt,) = house.app.deletions.receipts(house.me)
    assert receipt.complete
    assert receipt.as_json()["deleted"]["mails"] == 60
    assert (_mails(house), house.app.vectors.ids(house.me.workspace_id)) == (0, frozenset())


def _mails(house: House) -> int:
    with house.app.database.read() as session:
        return session.scalar(select(func.count()).select_from(schema.Mail)) or 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_files_forget_the_words_too(house: House) -> None:
    """Deleted rows stay in the free pages of a file until it is compacted."""
    house.mail(letter(subject="Xylophonist", text="The word is quagmirean."))
    house.sync()
    house.app.assistant.ask(house.me, "What did Globex say about the xylophonist?", at=house.clock())
    _delete(house)
    house.app.close()
    held = {
        path.name: word
        for path in [
            *house.app.settings.home.rglob("*"),
            *Path(house.app.settings.database_url[10:]).parent.glob("*.db*"),
        ]
        if path.is_file()
        for word in (b"quagmirean", b"ylophonist")
        if word in path.read_bytes()
    }
    assert held == {}


def test_the_access_is_revoked_even_if_google_hears_it_later(house: House) -> None:
    refresh = Grant.from_json(house.app.box.open(house.mailbox().sealed_token)).refresh_token
    house.fault("status", "oauth.revoke", status=503)
    receipt = _delete(house)
    assert (receipt.state, receipt.revoked) == ("done", "waiting")
    assert house.app.access.revoke_waiting() == 1
    assert house.app.deletions.receipts(house.me)[0].revoked == "yes"
    form = {"grant_type": "refresh_token", "refresh_token": refresh}
    client = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
    assert httpx.post(f"{house.url}/token", data={**form, **client}).json()["error"] == "invalid_grant"
    assert house.mailbox().sealed_revocation == ""


def test_receipts_are_shown_to_whom_they_belong(house: House) -> None:
    house.join(COLLEAGUE)
    _delete(house)
    assert house.app.deletions.receipts(house.app.principal(COLLEAGUE)) == ()
    assert len(house.app.deletions.receipts(house.me)) == 1
