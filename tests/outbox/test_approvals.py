"""Approval: one human's yes to exact bytes, in a face, for ten minutes."""

from __future__ import annotations

import pytest

from crm.errors import Disconnected, DraftConflict, NotAllowed, NotConnected, SendNotEnabled
from outbox.approvals import LIFETIME, approve
from outbox.drafts import Draft, edit
from tests.house import COLLEAGUE, House
from tests.outbox.desk import approvals, approved, drafted, in_sent, received, sent, stored, tamper


@pytest.fixture
def draft(house: House) -> Draft:
    house.connect(send=True)
    return drafted(house, received(house))


def test_an_approval_belongs_to_the_bytes_that_were_shown(house: House, draft: Draft) -> None:
    assert approved(house, draft).status == "approved"
    with house.app.database.write() as session:
        changed = edit(session, house.clock, house.me, draft.id, sha256=draft.sha256, text="Other words.")

    assert changed.status == "draft"
    for sha256 in (draft.sha256, changed.sha256):
        with pytest.raises(DraftConflict):
            house.app.sender.send(house.me, draft.id, sha256=sha256)
    assert in_sent(house) == []


def test_a_hash_that_was_not_shown_is_not_approved(house: House, draft: Draft) -> None:
    for sha256 in ("", "0" * 64, draft.sha256.upper()):
        with pytest.raises(DraftConflict), house.app.database.write() as session:
            approve(session, house.clock, house.me, draft.id, sha256=sha256, warned=draft.warned, face="web")

    assert (stored(house, draft).status, approvals(house)) == ("draft", 0)


def test_a_colleague_cannot_approve(house: House, draft: Draft) -> None:
    other = house.join(COLLEAGUE)

    with pytest.raises(NotAllowed), house.app.database.write() as session:
        approve(session, house.clock, other, draft.id, sha256=draft.sha256, warned=draft.warned, face="slack")

    assert (stored(house, draft).status, approvals(house)) == ("draft", 0)


def test_without_the_send_scope_nothing_is_approved(house: House) -> None:
    draft = drafted(house, received(house))

    with pytest.raises(SendNotEnabled) as refused:
        approved(house, draft)

    assert "connect --send" in refused.value.next_step
    assert (stored(house, draft).status, approvals(house)) == ("draft", 0)
    with pytest.raises(DraftConflict):
        sent(house, draft)
    assert in_sent(house) == []


def test_a_disconnected_mailbox_approves_nothing(house: House, draft: Draft) -> None:
    house.app.access.disconnect(house.me, house.mailbox().id)

    with pytest.raises(NotConnected):
        approved(house, draft)

    assert (stored(house, draft).status, approvals(house)) == ("draft", 0)


def test_an_approval_expires(house: House, draft: Draft) -> None:
    approved(house, draft)
    house.clock.advance(seconds=LIFETIME.total_seconds() + 1)

    with pytest.raises(DraftConflict):
        sent(house, draft)

    assert (stored(house, draft).status, stored(house, draft).error) == (
        "draft", "It was approved but could not leave in time, so it was not sent.",
    )  # fmt: skip
    assert in_sent(house) == []
    approved(house, draft)  # and the human can decide anew
    assert sent(house, draft).status == "sent"


def test_a_face_that_died_after_the_approval_leaves_a_draft_that_can_be_approved_again(
    house: House, draft: Draft
) -> None:
    approved(house, draft)
    house.clock.advance(seconds=LIFETIME.total_seconds() + 1)

    assert approved(house, draft).status == "approved"

    assert sent(house, draft).status == "sent"
    assert len(in_sent(house)) == 1


@pytest.mark.parametrize("status", ["approved", "sending", "sent", "uncertain"])
def test_a_status_forged_in_the_database_sends_nothing(house: House, draft: Draft, status: str) -> None:
    tamper(house, draft, status=status)

    with pytest.raises(DraftConflict):
        sent(house, draft)

    assert in_sent(house) == []


def test_bytes_changed_behind_an_approval_are_not_sent(house: House, draft: Draft) -> None:
    approved(house, draft)
    tamper(house, draft, raw=draft.raw.replace(b"maria@globex.example", b"maria@evil.example"))

    with pytest.raises(DraftConflict):
        sent(house, draft)

    assert in_sent(house) == []
    assert stored(house, draft).status == "draft"


def test_what_was_sent_cannot_be_approved_again(house: House, draft: Draft) -> None:
    approved(house, draft)
    sent(house, draft)

    with pytest.raises(DraftConflict):
        approved(house, draft)
    with pytest.raises(DraftConflict):
        sent(house, draft)

    assert len(in_sent(house)) == 1


def test_access_revoked_between_approval_and_send(house: House, draft: Draft) -> None:
    approved(house, draft)
    house.post("revoke", email="vera@lealup.example")
    house.clock.advance(hours=2)  # past the access token, or Google would still take it
    approved(house, draft)

    with pytest.raises(Disconnected) as caught:
        sent(house, draft)

    left = stored(house, draft)
    assert (left.status, left.error) == ("draft", caught.value.sentence)
    assert "it was revoked" in left.error
    assert in_sent(house) == []
