"""Mail older than the indexed period stays out, whatever makes Gmail speak of it; and the coverage says so."""

from __future__ import annotations

from ingestion.why import explain
from tests.house import House, letter


def test_an_old_mail_that_history_names_is_left_out_with_its_reason(house: House) -> None:
    old = house.mail(letter(subject="Old", text="Last year.", days_ago=200))
    house.mail(letter(subject="Recent", days_ago=80))
    house.sync()
    house.relabel(old, add=["STARRED"])
    house.clear_log()

    report = house.sync()

    assert report.coverage["filtered"] == {"outside_window": 1}
    assert house.subjects("Globex") == ["Recent"]
    assert ["fields=" in entry["query"] for entry in house.requests("messages.get")] == [True]
    with house.app.database.read() as session:
        explanation = explain(session, house.me, old.id)["explanation"]
    assert "older than the indexed period, which begins on 2026-08-05" in explanation

    house.customer("Umbrella", domains=["umbrella.example"])  # judged anew: still out
    assert house.sync().coverage["filtered"] == {"outside_window": 1}
    house.sync(days=365)
    assert next((mail.subject, mail.new_text) for mail in house.timeline("Globex")) == ("Old", "Last year.")


def test_an_old_mail_of_a_thread_on_a_timeline_joins_it(house: House) -> None:
    old = house.mail(letter(subject="Pilot", text="A year ago.", days_ago=200))
    house.mail(letter(subject="Re: Pilot", days_ago=2, In_Reply_To=f"<{old.rfc_id}>"))
    house.sync()
    assert house.subjects("Globex") == ["Re: Pilot"]

    house.relabel(old, add=["STARRED"])
    house.sync()

    assert house.subjects("Globex") == ["Pilot", "Re: Pilot"]


def test_an_old_mail_pulls_nothing_in(house: House) -> None:
    """A stranger's answer to an old mail of a customer: the old one is out, so the new one has no customer."""
    old = house.mail(letter(subject="Pilot", days_ago=200))
    house.mail(letter(sender="Bo <bo@partner.example>", subject="Re: Pilot", days_ago=2, In_Reply_To=f"<{old.rfc_id}>"))
    house.sync()
    house.relabel(old, add=["STARRED"])

    assert house.sync().coverage["filtered"] == {"no_customer": 1, "outside_window": 1}


def test_a_domain_added_later_reaches_no_further_back_than_the_period(house: House) -> None:
    old = house.mail(letter(sender="Rui <rui@umbrella.example>", subject="Old", days_ago=200))
    house.mail(letter(sender="Rui <rui@umbrella.example>", subject="Recent", days_ago=20))
    house.sync()
    house.relabel(old, add=["STARRED"])
    house.sync()

    house.customer("Umbrella", domains=["umbrella.example"])
    report = house.sync()

    assert house.subjects("Umbrella") == ["Recent"]
    assert report.coverage["filtered"] == {"outside_window": 1}
