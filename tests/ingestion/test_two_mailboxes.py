"""Two CSMs of one workspace: one canonical mail, each mailbox its own copy, and nobody's private mail in view."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from crm import schema
from crm.errors import InputError, NotFound, OAuthRefused
from ingestion.mailboxes import mailboxes_of
from ingestion.unassigned import unassigned_of
from ingestion.why import explain
from tests.house import COLLEAGUE, CSM, MARIA, House, letter


@pytest.fixture
def both(house: House) -> House:
    house.join(COLLEAGUE)
    house.connect(COLLEAGUE)
    return house


def _mails(house: House) -> int:
    with house.app.database.read() as session:
        return session.scalar(select(func.count()).select_from(schema.Mail)) or 0


def test_the_same_mail_in_two_mailboxes_is_one_mail(both: House) -> None:
    raw = letter(to=f"{CSM}, {COLLEAGUE}", subject="Renewal", text="We want to renew.")
    ours, theirs = both.mail(raw), both.mail(raw, email=COLLEAGUE)
    assert ours.id != theirs.id

    both.sync()
    both.sync(COLLEAGUE)

    assert _mails(both) == 1
    assert both.copy(ours.id).mail_id == both.copy(theirs.id).mail_id
    assert both.subjects("Globex") == ["Renewal"]


def test_a_reused_message_id_is_not_the_same_mail(both: House) -> None:
    both.mail(letter(subject="First", Message_ID="<same@mail.example>"))
    both.mail(letter(subject="Second", Message_ID="<same@mail.example>", days_ago=1), email=COLLEAGUE)

    both.sync()
    both.sync(COLLEAGUE)

    assert both.subjects("Globex") == ["First", "Second"]


def test_a_mail_deleted_in_one_mailbox_stays_while_the_other_holds_it(both: House) -> None:
    raw = letter(subject="Renewal", text="We want to renew.")
    ours, theirs = both.mail(raw), both.mail(raw, email=COLLEAGUE)
    both.sync()
    both.sync(COLLEAGUE)

    both.delete(ours)
    both.sync()
    assert [(mail.subject, mail.mailbox, mail.gmail_id) for mail in both.timeline("Globex")] == [
        ("Renewal", COLLEAGUE, theirs.id)
    ]
    both.delete(theirs, email=COLLEAGUE)
    both.sync(COLLEAGUE)
    assert both.subjects("Globex") == []


def test_a_thread_known_to_one_mailbox_keeps_its_mail_when_the_other_knows_less(both: House) -> None:
    """Vera has the customer's mail and the colleague's answer in one thread; the colleague has the answer alone."""
    first = both.mail(letter(subject="Pilot", text="We begin.", days_ago=5))
    internal = letter(
        sender="Bo <bo@partner.example>", to=f"{CSM}, {COLLEAGUE}", subject="Re: Pilot", text="Noted.", days_ago=4,
        In_Reply_To=f"<{first.rfc_id}>",
    )  # fmt: skip
    both.mail(internal)
    both.mail(internal, email=COLLEAGUE)

    both.sync()
    both.sync(COLLEAGUE)
    assert both.subjects("Globex") == ["Pilot", "Re: Pilot"]

    both.customer("Umbrella", domains=["umbrella.example"])  # every mailbox associates anew
    both.sync(COLLEAGUE)
    both.sync()
    assert both.subjects("Globex") == ["Pilot", "Re: Pilot"]
    assert both.searched("noted") >= {"Re: Pilot"}


def test_mail_between_colleagues_belongs_to_nobody(both: House) -> None:
    both.customer("Ourselves", domains=["lealup.example"])
    both.mail(letter(sender=f"Luis <{COLLEAGUE}>", subject="Lunch"))

    assert both.sync().coverage["filtered"] == {"no_customer": 1}


def test_the_other_users_unassigned_mail_is_not_shown_and_not_explained(both: House) -> None:
    private = both.mail(letter(sender="Mum <mum@family.example>", subject="Sunday"))
    public = both.mail(letter(subject="Renewal"))
    both.sync()
    luis = both.app.principal(COLLEAGUE)

    with both.app.database.read() as session:
        assert [entry["address"] for entry in unassigned_of(session, both.me)] == ["mum@family.example"]
        assert unassigned_of(session, luis) == []
        with pytest.raises(NotFound):
            explain(session, luis, private.id)
        assert explain(session, luis, public.id)["links"][0]["customer"] == "Globex"
        assert [box.email for box in mailboxes_of(session, luis)] == [COLLEAGUE]


def test_nobody_connects_an_account_that_a_colleague_connected(house: House) -> None:
    house.join(COLLEAGUE)
    with house.app.database.write() as session:
        session.scalars(select(schema.Mailbox)).one().email = COLLEAGUE  # Vera holds Luis's account

    with pytest.raises(InputError):
        house.connect(COLLEAGUE)


def test_disconnecting_somebody_elses_mailbox_is_refused(both: House) -> None:
    luis = both.app.principal(COLLEAGUE)
    from crm.errors import LealUpError

    with pytest.raises(LealUpError):
        both.app.access.disconnect(luis, both.mailbox(CSM).id)
    assert both.sync().coverage["listed"] == 0


def test_an_alias_counts_as_our_own(house: House) -> None:
    house.store.add_mailbox(CSM, aliases=["success@lealup.example"])
    house.mail(letter(sender="Success <success@lealup.example>", to=MARIA, subject="Hi from the team"))

    house.sync()

    assert [(mail.subject, mail.direction) for mail in house.timeline("Globex")] == [("Hi from the team", "outbound")]
    assert house.mailbox().aliases == ["success@lealup.example", CSM]


def test_the_redirect_of_one_consent_can_not_be_used_for_another(both: House) -> None:
    with pytest.raises(OAuthRefused):
        both.app.access.finish(state="made-up", code="made-up")
