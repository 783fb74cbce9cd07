"""Customers, domains and contacts come and go: timelines follow at the next sync (S8)."""

from __future__ import annotations

from sqlalchemy import select

from crm import schema
from ingestion.manual_links import link
from tests.house import House, letter


def test_a_customer_added_later_gets_its_mail(house: House) -> None:
    house.mail(letter(sender="Rui <rui@umbrella.example>", subject="Piloto", text="O piloto começou.", days_ago=40))
    house.mail(letter(sender="Bo <bo@partner.example>", subject="Other", days_ago=40))
    house.sync()
    house.clear_log()

    house.customer("Umbrella", domains=["umbrella.example"])
    report = house.sync()

    assert house.subjects("Umbrella") == ["Piloto"]
    assert house.timeline("Umbrella")[0].new_text == "O piloto começou."
    assert house.searched("piloto") == {"Piloto"}
    assert report.coverage["filtered"] == {"no_customer": 1}
    fetched = {entry["path"].rpartition("/")[2] for entry in house.requests("messages.get")}
    assert len(fetched) == 1  # only what matches is asked for again


def test_a_contact_added_later_brings_its_whole_thread(house: House) -> None:
    first = house.mail(letter(sender="Bo <bo@partner.example>", subject="Pilot", text="Shall we?", days_ago=5))
    house.mail(
        letter(sender="Eve <eve@gmail.com>", subject="Re: Pilot", text="Gladly.", In_Reply_To=f"<{first.rfc_id}>")
    )
    house.sync()

    house.customer("Umbrella", contacts=["eve@gmail.com"])
    house.sync()

    assert [(mail.subject, mail.links[0][1], mail.new_text) for mail in house.timeline("Umbrella")] == [
        ("Pilot", "thread", "Shall we?"),
        ("Re: Pilot", "contact", "Gladly."),
    ]


def test_a_domain_removed_takes_its_mail_off_the_timeline_and_its_body_away(house: House) -> None:
    first = house.mail(letter(subject="Renewal", text="Confidential terms.", days_ago=3))
    house.mail(
        letter(sender="Bo <bo@partner.example>", subject="Re: Renewal", text="Thread mate.", days_ago=2,
               In_Reply_To=f"<{first.rfc_id}>")
    )  # fmt: skip
    house.sync()
    assert house.subjects("Globex") == ["Renewal", "Re: Renewal"]

    house.customer("Globex", domains=[])
    report = house.sync()

    assert house.subjects("Globex") == []
    assert report.coverage["filtered"] == {"no_customer": 2}
    assert house.app.vectors.ids(house.me.workspace_id) == frozenset()
    with house.app.database.read() as session:
        for mail in session.scalars(select(schema.Mail)):
            assert (mail.has_body, mail.text, mail.new_text, mail.html, mail.snippet, mail.keywords) == (
                False, "", "", "", "", []
            )  # fmt: skip

    house.customer("Globex", domains=["globex.example"])
    house.sync()
    assert house.subjects("Globex") == ["Renewal", "Re: Renewal"]
    assert house.timeline("Globex")[0].new_text == "Confidential terms."


def test_a_mail_that_moves_from_one_customer_to_another_is_searchable_there(house: House) -> None:
    house.mail(letter(subject="Renewal", text="We want to renew."))
    house.sync()

    house.customer("Globex", domains=[])
    house.customer("Umbrella", domains=["globex.example"])
    house.clear_log()
    house.sync()

    assert (house.subjects("Globex"), house.subjects("Umbrella")) == ([], ["Renewal"])
    assert house.searched("renew") == {"Renewal"}
    assert house.requests("messages.get") == []  # its body is already here


def test_a_link_made_by_hand_outlives_every_change(house: House) -> None:
    mail = house.mail(letter(subject="Renewal"))
    house.sync()
    with house.app.database.write() as session:
        link(session, house.clock, house.me, mail.id, "Initech")

    house.customer("Globex", domains=[])
    house.sync()

    assert (house.subjects("Globex"), house.subjects("Initech")) == ([], ["Renewal"])


def test_unchanged_customers_cost_no_rewriting(house: House) -> None:
    mail = house.mail(letter(subject="Renewal"))
    house.sync()
    with house.app.database.write() as session:
        row = session.get_one(schema.Mail, house.copy(mail.id).mail_id)
        indexed = row.indexed_at
    house.clock.advance(minutes=1)

    house.customer("Globex", domains=["globex.example"])
    house.sync()

    with house.app.database.read() as session:
        assert session.get_one(schema.Mail, house.copy(mail.id).mail_id).indexed_at == indexed
