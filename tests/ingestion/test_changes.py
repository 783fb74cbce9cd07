"""Incremental sync: what Gmail's history says is what the store shows."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from crm import schema
from tests.house import CSM, MARIA, House, letter


def test_a_new_mail_arrives_with_one_fetch_of_its_headers_and_one_of_its_body(house: House) -> None:
    house.mail(letter(subject="Renewal"))
    house.sync()
    house.clear_log()

    house.mail(letter(subject="One more thing", days_ago=0))
    house.sync()

    assert house.subjects("Globex") == ["Renewal", "One more thing"]
    assert len(house.requests("messages.get")) == 2
    assert house.requests("messages.list") == []


def test_the_cursor_is_compared_as_a_number(house: House) -> None:
    """History ids grow across a power of ten, where text would sort wrongly."""
    mail = house.mail(letter(subject="Renewal"))
    house.sync()
    before = int(house.mailbox().history_id)
    for _ in range(50):
        house.relabel(mail, add=["STARRED"])
        house.relabel(mail, remove=["STARRED"])
    house.sync()
    after = int(house.mailbox().history_id)
    house.clear_log()
    house.sync()

    assert before < 10_000 < after == house.store.mailbox(CSM).history.current
    assert f"startHistoryId={after}" in house.requests("history.list")[0]["query"]


def test_deleted_in_gmail_hides_it_here_and_leaves_a_tombstone_without_a_body(house: House) -> None:
    kept = house.mail(letter(subject="Kept", text="This stays."))
    gone = house.mail(letter(subject="Gone", text="A confession."))
    house.sync()
    assert house.searched("confession") == {"Kept", "Gone"}

    house.delete(gone)
    report = house.sync()

    assert house.subjects("Globex") == ["Kept"]
    assert house.searched("confession") == {"Kept"}
    assert report.coverage["filtered"] == {"deleted": 1}
    assert house.copy(gone.id).status == "deleted"
    with house.app.database.read() as session:
        row = session.scalars(select(schema.Mail).where(schema.Mail.subject == "Gone")).one()
    assert (row.text, row.new_text, row.html, row.snippet, row.links, row.has_body) == ("", "", "", "", [], False)
    assert house.app.vectors.ids(house.me.workspace_id) == {house.copy(kept.id).mail_id}


def test_a_tombstone_is_not_imported_again(house: House) -> None:
    gone = house.mail(letter(subject="Gone"))
    house.sync()
    house.delete(gone)
    house.sync()

    house.sync(days=365)

    assert house.subjects("Globex") == []
    assert house.copy(gone.id).status == "deleted"


def test_to_the_trash_and_back(house: House) -> None:
    mail = house.mail(letter(subject="Renewal", text="We want to renew."))
    house.sync()

    house.relabel(mail, add=["TRASH"], remove=["INBOX"])
    trashed = house.sync()
    assert trashed.coverage["filtered"] == {"trash": 1}
    assert house.subjects("Globex") == []
    assert house.searched("renew") == set()

    house.relabel(mail, add=["INBOX"], remove=["TRASH"])
    house.sync()
    assert house.subjects("Globex") == ["Renewal"]
    assert house.searched("renew") == {"Renewal"}


def test_rescued_from_spam_that_was_never_listed(house: House) -> None:
    mail = house.mail(letter(subject="Renewal"), labels={"SPAM"})
    house.sync()
    assert house.subjects("Globex") == []

    house.relabel(mail, add=["INBOX"], remove=["SPAM"])
    house.sync()

    assert house.subjects("Globex") == ["Renewal"]


def test_a_draft_is_not_read_until_it_is_sent(house: House) -> None:
    draft = house.mail(letter(sender=f"Vera <{CSM}>", to=MARIA, subject="Offer", text="Half price."), labels={"DRAFT"})
    assert house.sync().coverage["filtered"] == {"draft": 1}
    assert all("fields=" in entry["query"] for entry in house.requests("messages.get"))

    house.relabel(draft, add=["SENT"], remove=["DRAFT"])
    report = house.sync()

    assert report.coverage["filtered"] == {}
    assert [(mail.subject, mail.direction, mail.new_text) for mail in house.timeline("Globex")] == [
        ("Offer", "outbound", "Half price.")
    ]


def test_a_label_change_is_noted_without_a_fetch(house: House) -> None:
    mail = house.mail(letter(subject="Renewal"), labels={"INBOX", "UNREAD"})
    house.sync()
    house.clear_log()

    house.relabel(mail, add=["STARRED"], remove=["UNREAD"])
    house.sync()

    assert house.copy(mail.id).label_ids == ["INBOX", "STARRED"]
    assert house.requests("messages.get") == []


def test_a_mail_that_comes_and_goes_between_two_syncs_was_never_here(house: House) -> None:
    house.sync()
    mail = house.mail(letter(subject="Oops", days_ago=0))
    house.delete(mail)

    assert house.sync().coverage["listed"] == 0


def test_changes_during_the_backfill_are_replayed(house: House) -> None:
    """The history id is pinned before the listing: what happens after the pin is applied in the same sync."""
    for number in range(3):
        house.mail(letter(subject=f"Mail {number}", days_ago=number + 1))
    done: list[str] = []

    def meddle(progress: object) -> None:
        if not done:
            done.append("once")
            house.mail(letter(subject="Late", days_ago=0))
            box = house.store.mailbox(CSM)
            box.delete(next(mail for mail in box.newest_first() if mail.rfc_id != "" and b"Mail 1" in mail.raw))

    house.sync(progress=meddle)

    assert house.subjects("Globex") == ["Mail 2", "Mail 0", "Late"]


def test_more_than_a_page_of_history(house: House) -> None:
    mail = house.mail(letter(subject="Renewal"))
    house.sync()
    for _ in range(300):
        house.relabel(mail, add=["STARRED"])
        house.relabel(mail, remove=["STARRED"])
    late = house.mail(letter(subject="Behind it all", days_ago=0))

    house.sync()

    assert house.copy(late.id).status == "stored"
    assert "STARRED" not in house.copy(mail.id).label_ids
    starts = {entry["query"].split("startHistoryId=")[1].split("&")[0] for entry in house.requests("history.list")[-2:]}
    assert len(starts) == 1  # the same start for every page


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_labels_that_changed_in_a_forgotten_history_are_found(house: House) -> None:
    """A label decides what a filter leaves out, so it must not stay as it was before the gap."""
    starred, unstarred, binned, back = (house.mail(letter(subject=f"Mail {n}", days_ago=n + 1)) for n in range(4))
    house.relabel(unstarred, add=["STARRED"])
    house.relabel(back, add=["TRASH"])
    house.sync()
    house.relabel(starred, add=["STARRED"])
    house.relabel(unstarred, remove=["STARRED"])
    house.relabel(binned, add=["TRASH"], remove=["INBOX"])
    house.relabel(back, remove=["TRASH"])
    house.post("expire-history")

    house.sync()

    for message in (starred, unstarred, binned, back):
        assert set(house.copy(message.id).label_ids) == message.labels
    assert set(house.subjects("Globex")) == {"Mail 0", "Mail 1", "Mail 3"}


def test_what_was_hidden_beside_a_sync_leaves_the_indexes_within_the_hour(house: House) -> None:
    """As when a page died between hiding a mail and taking it out of the indexes."""
    message = house.mail(letter(subject="Renewal", text="The renewal."))
    house.sync()
    copy = house.copy(message.id)
    with house.app.database.write() as session:
        session.get_one(schema.Message, copy.id).status = "filtered"

    assert house.searched("renewal") == set()
    house.sync()
    assert house.app.vectors.ids(house.me.workspace_id) == {copy.mail_id}  # an idle poll does not look
    house.clock.advance(minutes=61)
    house.sync()
    assert house.app.vectors.ids(house.me.workspace_id) == frozenset()
