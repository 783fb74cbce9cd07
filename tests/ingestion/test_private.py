"""Private conversations (S9): off all timelines and indexes, in every mailbox, until their owner takes it back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from crm import schema
from crm.errors import NotFound
from crm.index.reindex import drop_hidden
from ingestion.manual_links import unlink
from ingestion.private_threads import make_private, make_public, private_of
from ingestion.why import explain
from tests.house import COLLEAGUE, CSM, House, letter


def mark(house: House, wanted: str, *, user: str = CSM) -> None:
    with house.app.database.write() as session:
        make_private(session, house.clock, house.app.principal(user), wanted)
    drop_hidden(house.app.database, house.app.index, house.me.workspace_id)


def unmark(house: House, wanted: str) -> None:
    with house.app.database.write() as session:
        make_public(session, house.clock, house.me, wanted)


def test_a_conversation_goes_private_stays_so_and_comes_back(house: House) -> None:
    first = house.mail(letter(subject="Salary", text="Between us.", days_ago=5))
    house.mail(letter(subject="Renewal", text="We want to renew.", days_ago=4))
    house.sync()

    mark(house, f"<{first.rfc_id}>")

    assert house.subjects("Globex") == ["Renewal"]
    assert house.searched("between us") == {"Renewal"}
    assert len(house.app.vectors.ids(house.me.workspace_id)) == 1
    with house.app.database.read() as session:
        row = session.get_one(schema.Mail, house.copy(first.id).mail_id)
        assert (row.has_body, row.text, row.links) == (False, "", [])
        assert "private" in explain(session, house.me, first.id)["explanation"]

    late = letter(subject="Re: Salary", text="And this.", days_ago=1, In_Reply_To=f"<{first.rfc_id}>")
    answer = house.mail(late)
    house.clear_log()
    assert house.sync().coverage["filtered"] == {"private": 2}
    assert [entry["query"].count("fields=") for entry in house.requests("messages.get")] == [1]
    house.customer("Umbrella", domains=["umbrella.example"])  # everything is judged anew
    assert house.sync().coverage["filtered"] == {"private": 2}

    with house.app.database.read() as session:
        assert [(held.subject, held.mails) for held in private_of(session, house.me)] == [("Salary", 2)]
    unmark(house, house.copy(answer.id).gmail_thread_id)
    assert house.subjects("Globex") == ["Renewal"]  # the text is read by the next sync
    house.sync()
    assert [(mail.subject, mail.new_text) for mail in house.timeline("Globex")] == [
        ("Salary", "Between us."), ("Renewal", "We want to renew."), ("Re: Salary", "And this.")
    ]  # fmt: skip
    with house.app.database.read() as session:
        actions = session.scalars(select(schema.AuditEvent.action)).all()
    assert actions.count("thread.private") == actions.count("thread.public") == 1


def test_a_colleagues_copy_is_hidden_too_and_only_the_owner_decides(house: House) -> None:
    house.join(COLLEAGUE)
    house.connect(COLLEAGUE)
    raw = letter(to=f"{CSM}, {COLLEAGUE}", subject="Salary", text="Between us.", days_ago=5)
    ours, theirs = house.mail(raw), house.mail(raw, email=COLLEAGUE)
    mate = house.mail(
        letter(sender="Bo <bo@partner.example>", to=COLLEAGUE, subject="Re: Salary", text="Noted.", days_ago=4,
               In_Reply_To=f"<{ours.rfc_id}>"), email=COLLEAGUE,
    )  # fmt: skip
    house.sync()
    house.sync(COLLEAGUE)
    assert house.subjects("Globex") == ["Salary", "Re: Salary"]

    mark(house, ours.id)

    assert house.subjects("Globex") == []
    assert (house.copy(theirs.id).reason, house.copy(mate.id).reason) == ("private", "no_customer")
    house.sync(COLLEAGUE)
    assert house.subjects("Globex") == []
    late = letter(to=f"{CSM}, {COLLEAGUE}", subject="Salary again", days_ago=1, In_Reply_To=f"<{ours.rfc_id}>")
    house.mail(late)
    house.sync()
    again = house.mail(late, email=COLLEAGUE)  # the colleague's copy comes later
    house.sync(COLLEAGUE)
    assert house.copy(again.id).reason == "private"

    with pytest.raises(NotFound), house.app.database.write() as session:
        make_public(session, house.clock, house.app.principal(COLLEAGUE), theirs.id)
    unmark(house, ours.id)
    house.sync()
    house.sync(COLLEAGUE)
    assert house.subjects("Globex") == ["Salary", "Re: Salary", "Salary again"]


def test_a_conversation_of_nobodys_mailbox_is_not_found(house: House) -> None:
    house.join(COLLEAGUE)
    house.connect(COLLEAGUE)
    mail = house.mail(letter(subject="Renewal"))
    house.sync()
    with pytest.raises(NotFound):
        mark(house, mail.id, user=COLLEAGUE)
    assert house.subjects("Globex") == ["Renewal"]


def test_deleting_ones_data_ends_ones_marks(house: House) -> None:
    house.join(COLLEAGUE)
    house.connect(COLLEAGUE)
    for subject in ("Salary", "Lunch"):
        raw = letter(to=f"{CSM}, {COLLEAGUE}", subject=subject, text=f"About {subject}.")
        ours = house.mail(raw)
        house.mail(raw, email=COLLEAGUE)
        house.sync()
        house.sync(COLLEAGUE)
        if subject == "Salary":
            mark(house, ours.id)
        else:
            with house.app.database.write() as session:
                unlink(session, house.clock, house.me, ours.id, "Globex", thread=True)
    assert house.subjects("Globex") == []

    receipt = house.app.deletions.run(house.app.deletions.request(house.me, house.mailbox().id))

    assert receipt.complete
    house.sync(COLLEAGUE)
    assert [(mail.subject, mail.new_text, mail.mailbox) for mail in house.timeline("Globex")] == [
        ("Lunch", "About Lunch.", COLLEAGUE), ("Salary", "About Salary.", COLLEAGUE)
    ]  # fmt: skip


def test_what_a_colleague_hides_is_not_asked_for_in_another_mailbox(house: House) -> None:
    """The colleague got one mail of a conversation of which we got all: that one is hidden, whoever holds it."""
    house.join(COLLEAGUE)
    house.connect(COLLEAGUE)
    shared = letter(subject="Re: Renewal", text="Between the two of us.", to=f"{CSM}, {COLLEAGUE}", days_ago=2)
    theirs = house.mail(shared, email=COLLEAGUE)
    house.sync(COLLEAGUE)
    with house.app.database.write() as session:
        make_private(session, house.clock, house.app.principal(COLLEAGUE), theirs.id)
    hidden = house.mail(shared)
    first = house.mail(letter(subject="Renewal", text="We want to renew.", days_ago=1), thread_id=hidden.thread_id)
    house.clear_log()

    report = house.sync()

    assert (report.coverage["stored"], report.coverage["filtered"]) == (1, {"private": 1})
    whole = [entry["path"] for entry in house.requests("messages.get") if "fields=" not in entry["query"]]
    assert [path.rsplit("/", 1)[1] for path in whole] == [first.id]
    assert house.copy(hidden.id).reason == "private"
