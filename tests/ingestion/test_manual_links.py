"""What a human says about a mail and a customer (A3) wins over the rules and outlives every re-association."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from crm import schema
from crm.errors import InputError, NotFound, UnknownCustomer
from crm.never_log import add_entry
from ingestion.assigning import link_person, make_contact, never_log
from ingestion.manual_links import link, unlink
from ingestion.unassigned import unassigned_of
from ingestion.why import explain
from tests.house import CSM, JOAO, House, letter


def do(house: House, what: object, *arguments: object, **options: object) -> object:
    with house.app.database.write() as session:
        return what(session, house.clock, house.me, *arguments, **options)  # type: ignore[operator]


def test_a_link_fetches_the_body_and_the_thread_follows(house: House) -> None:
    first = house.mail(letter(sender="Bo <bo@partner.example>", subject="Pilot", text="Shall we?", days_ago=5))
    house.mail(
        letter(sender="Eve <eve@partner.example>", subject="Re: Pilot", text="Gladly.", days_ago=4,
               In_Reply_To=f"<{first.rfc_id}>")
    )  # fmt: skip
    house.sync()
    assert all("fields=" in entry["query"] for entry in house.requests("messages.get"))

    do(house, link, first.id, "globex")
    with house.app.database.read() as session:
        assert "the next sync reads it" in explain(session, house.me, first.id)["explanation"]
    report = house.sync()

    assert report.coverage["stored"] == 2
    assert [(mail.subject, mail.new_text, mail.links) for mail in house.timeline("Globex")] == [
        ("Pilot", "Shall we?", (("Globex", "manual", CSM),)),
        ("Re: Pilot", "Gladly.", (("Globex", "thread", house.copy(first.id).gmail_thread_id),)),
    ]
    late = letter(
        sender="Eve <eve@partner.example>", subject="Re: Re: Pilot", days_ago=1, In_Reply_To=f"<{first.rfc_id}>"
    )
    house.mail(late)
    house.sync()
    assert house.subjects("Globex") == ["Pilot", "Re: Pilot", "Re: Re: Pilot"]
    with house.app.database.read() as session:
        assert f"{CSM} linked it to Globex" in explain(session, house.me, first.id)["explanation"]
        event = session.scalars(select(schema.AuditEvent).where(schema.AuditEvent.action == "mail.link")).one()
    assert (event.user_id, event.detail) == (house.me.user_id, {"customer": "Globex"})


def test_an_unlink_survives_new_rules_new_mail_and_trash(house: House) -> None:
    mail = house.mail(letter(subject="Wrong", text="Not about Globex."))
    house.mail(letter(subject="Right", text="About Globex.", days_ago=1))
    house.sync()

    do(house, unlink, mail.id, "Globex")
    assert house.subjects("Globex") == ["Right"]
    house.customer("Umbrella", domains=["umbrella.example"])
    report = house.sync()
    assert report.coverage["filtered"] == {"unlinked": 1}
    house.relabel(mail, add=["TRASH"])
    house.sync()
    house.relabel(mail, remove=["TRASH"])
    house.sync()
    assert house.subjects("Globex") == ["Right"]
    with house.app.database.read() as session:
        assert "off the timeline of Globex by hand" in explain(session, house.me, mail.id)["explanation"]
        row = session.get_one(schema.Mail, house.copy(mail.id).mail_id)
        assert (row.text, row.links) == ("", [])
    assert house.app.vectors.ids(house.me.workspace_id) == {held.id for held in house.timeline("Globex")}

    do(house, link, mail.id, "Globex")  # the last word counts
    house.sync()
    assert house.subjects("Globex") == ["Wrong", "Right"]


def test_a_thread_taken_off_stays_off_with_what_is_to_come(house: House) -> None:
    first = house.mail(letter(subject="Lunch", text="Friday?", days_ago=5))
    house.mail(letter(subject="Re: Lunch", Cc=JOAO, days_ago=4, In_Reply_To=f"<{first.rfc_id}>"))
    house.sync()

    do(house, unlink, first.id, "Globex", thread=True)
    house.mail(letter(subject="Re: Re: Lunch", days_ago=1, In_Reply_To=f"<{first.rfc_id}>"))
    house.sync()
    house.customer("Umbrella", domains=["umbrella.example"])
    house.sync()

    assert house.subjects("Globex") == []
    assert house.subjects("Initech") == ["Lunch", "Re: Lunch", "Re: Re: Lunch"]


def test_a_link_outlives_the_erasing_of_its_body(house: House) -> None:
    mail = house.mail(letter(sender="Bo <bo@partner.example>", subject="Pilot", text="Shall we?"))
    house.sync()
    do(house, link, mail.id, "Globex")
    house.sync()
    do(house, add_entry, "bo@partner.example")
    house.sync()
    assert house.subjects("Globex") == []
    with pytest.raises(InputError):
        do(house, link, mail.id, "Initech")

    from crm.never_log import remove_entry

    do(house, remove_entry, "bo@partner.example")
    house.sync()
    assert [(held.subject, held.new_text) for held in house.timeline("Globex")] == [("Pilot", "Shall we?")]


def test_what_cannot_be_linked(house: House) -> None:
    draft = house.mail(letter(sender=CSM, subject="Half a thought"), labels={"DRAFT"})
    mail = house.mail(letter(subject="Renewal"))
    house.sync()
    for wanted, customer, error in (
        (draft.id, "Globex", InputError), ("0123456789abcdef", "Globex", NotFound), (mail.id, "Nobody", UnknownCustomer)
    ):  # fmt: skip
        with pytest.raises(error):
            do(house, link, wanted, customer)


def test_the_queue_is_worked_off(house: House) -> None:
    for number, who in enumerate(("ann", "ann", "bob", "cid", "dan")):
        house.mail(
            letter(sender=f"{who} <{who}@{who}s.example>", subject=f"Mail {number}", text="Hi.", days_ago=9 - number)
        )
    house.sync()

    linked = do(house, link_person, "Ann@anns.example", "Globex")
    do(house, make_contact, "bob@bobs.example", "Globex", name="Bob", role="Champion")
    do(house, never_log, "cid@cids.example", whole_domain=True)
    report = house.sync()

    assert getattr(linked, "mails", 0) == 2
    assert house.subjects("Globex") == ["Mail 0", "Mail 1", "Mail 2"]
    assert report.coverage["filtered"] == {"never_log": 1, "no_customer": 1}
    with house.app.database.read() as session:
        assert [entry["address"] for entry in unassigned_of(session, house.me)] == ["dan@dans.example"]
        actions = set(session.scalars(select(schema.AuditEvent.action)))
    assert {"mail.link", "contact.add", "never_log.add"} <= actions
    with pytest.raises(NotFound):
        do(house, link_person, "ann@anns.example", "Globex")


def test_suggestions_by_domain_name_and_subject(house: House) -> None:
    house.customer("Acme Robotics", domains=["acme.example"], contacts=["eva@acme.example"])
    with house.app.database.write() as session:
        session.scalars(
            select(schema.Contact).where(schema.Contact.email == "eva@acme.example")
        ).one().name = "Eva Lind"
    for sender, subject in (
        ("A <a@acme-labs.example>", "Hi"), ("Eva Lind <eva.lind@gmail.com>", "Hi"),
        ("Globex Billing <billing@payments.example>", "Hi"), ("Zoe <zoe@zoes.example>", "The (Globex) pilot"),
        ("Kim <kim@globexpress.example>", "Globexpress"),
    ):  # fmt: skip
        house.mail(letter(sender=sender, subject=subject))
    house.sync()

    with house.app.database.read() as session:
        found = {one["address"]: (one["suggestion"], one["because"]) for one in unassigned_of(session, house.me)}

    assert found == {
        "a@acme-labs.example": ("Acme Robotics", "domain"), "eva.lind@gmail.com": ("Acme Robotics", "name"),
        "billing@payments.example": ("Globex", "name"), "zoe@zoes.example": ("Globex", "subject"),
        "kim@globexpress.example": (None, None),
    }  # fmt: skip
    assert all("fields=" in entry["query"] for entry in house.requests("messages.get"))
