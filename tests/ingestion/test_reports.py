"""What the user can ask: status, why, unassigned, and a receipt that counts down to zero."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from crm import schema
from crm.errors import NotFound
from ingestion.pace import Budget
from ingestion.rereading import mark_keywords
from ingestion.status import status_of
from ingestion.unassigned import unassigned_of
from ingestion.why import explain
from tests.house import CSM, House, letter


def test_status_before_during_and_after(house: House) -> None:
    with house.app.database.read() as session:
        fresh = status_of(session, house.me, house.clock())[0]
    assert (fresh["state"], fresh["progress"], fresh["eta"], fresh["last_success"]) == ("connected", 0.0, None, None)

    for number in range(30):
        house.mail(letter(subject=f"Mail {number}", days_ago=number + 1))
    seen = []

    def look(progress: object) -> None:
        with house.app.database.read() as session:
            seen.append(status_of(session, house.me, house.clock(), Budget(units_per_minute=600))[0])

    house.sync(progress=look)
    with house.app.database.read() as session:
        done = status_of(session, house.me, house.clock())[0]

    assert {entry["state"] for entry in seen} == {"backfilling"}
    assert next(entry["eta"] for entry in seen if entry["coverage"]["pending"] == 30) == 30 * 40 * 60 // 600
    assert [entry["progress"] for entry in seen] == sorted(entry["progress"] for entry in seen)
    assert (done["state"], done["progress"], done["eta"], done["mailbox"]) == ("connected", 1.0, None, CSM)
    assert done["last_success"] == done["backfill_done"] == house.clock().isoformat()
    assert (fresh["freshness_seconds"], done["freshness_seconds"]) == (None, 0)
    house.clock.advance(minutes=2)
    with house.app.database.read() as session:
        assert status_of(session, house.me, house.clock())[0]["freshness_seconds"] == 120


def test_why_here_and_why_not(house: House) -> None:
    here = house.mail(letter(subject="Renewal"))
    thread = house.mail(
        letter(sender="Bo <bo@partner.example>", subject="Re: Renewal", In_Reply_To=f"<{here.rfc_id}>", days_ago=1)
    )
    stranger = house.mail(letter(sender="Eve <eve@shop.example>", subject="Sale"))
    draft = house.mail(letter(sender=CSM, subject="Half a thought"), labels={"DRAFT"})
    gone = house.mail(letter(subject="Gone", days_ago=8))
    poison = house.mail(letter(subject="Poison", days_ago=9))
    house.fault("status", "messages.get", status=500, path=poison.id, times=1000)
    house.sync()
    house.delete(gone)
    house.sync()

    with house.app.database.read() as session:
        found = {
            name: explain(session, house.me, wanted)["explanation"]
            for name, wanted in {
                "here": here.id, "thread": thread.id, "stranger": stranger.id, "draft": draft.id, "gone": gone.id,
                "by message id": f"<{here.rfc_id}>", "address": "pia@eu.globex.example", "generic": "x@gmail.com",
                "own": CSM, "unknown": "x@nowhere.example", "poison": poison.id,
            }.items()
        }  # fmt: skip
        with pytest.raises(NotFound):
            explain(session, house.me, "0123456789abcdef")

    assert "globex.example is Globex's" in found["here"]
    assert found["by message id"] == found["here"]
    assert "thread belongs to Globex" in found["thread"]
    assert "no customer" in found["stranger"].lower() or "None of its people" in found["stranger"]
    assert "draft" in found["draft"]
    assert "deleted" in found["gone"]
    assert "globex.example is globex's" in found["address"].lower()
    assert "generic domain" in found["generic"]
    assert "your own" in found["own"]
    assert "No customer has the domain nowhere.example" in found["unknown"]
    assert "not read yet" in found["poison"]


def test_unassigned_lists_people_with_suggestions_first(house: House) -> None:
    house.mail(letter(sender="Eve <eve@shop.example>", subject="Hello", days_ago=5))
    house.mail(letter(sender="Eve <eve@shop.example>", subject="Hello again", days_ago=4))
    house.mail(letter(sender="Gus <gus@globex-labs.example>", to=CSM, subject="The Globex pilot", days_ago=3))
    house.mail(letter(sender="News <n@list.example>", subject="Deals", List_Id="<deals>", Precedence="bulk"))
    house.mail(letter(sender=f"Vera <{CSM}>", to="Tom <tom@lealup.example>", subject="Internal"))
    house.sync()

    with house.app.database.read() as session:
        found = unassigned_of(session, house.me)

    assert [(entry["address"], entry["mails"], entry["suggestion"]) for entry in found] == [
        ("gus@globex-labs.example", 1, "Globex"), ("eve@shop.example", 2, None)
    ]  # fmt: skip
    assert found[1]["subjects"] == ["Hello again", "Hello"]


def test_stored_mail_is_read_again_when_the_critical_words_change(house: House) -> None:
    house.mail(letter(subject="Renewal", text="The flux capacitor is broken."))
    house.sync()
    assert house.timeline("Globex")[0].keywords == () or all(
        mark.form != "flux capacitor" for mark in house.timeline("Globex")[0].keywords
    )
    with house.app.database.write() as session:
        session.add(schema.KeywordTerm(workspace_id=house.me.workspace_id, form="flux capacitor", term="flux"))

    assert mark_keywords(house.app.database, house.app.analyser.keywords, house.me.workspace_id, {}) == 1

    assert [(mark.term, mark.form) for mark in house.timeline("Globex")[0].keywords if mark.term == "flux"] == [
        ("flux", "flux capacitor")
    ]


def test_a_word_that_goes_leaves_what_the_built_in_lists_find(house: House) -> None:
    """Whether it stood alone on its line or hid a built-in word when the mail came; other mails keep what they have."""
    mine, former = house.me.workspace_id, {"cancel the contract": "lost", "fly with a zeppelin": "lost"}
    with house.app.database.write() as session:
        for form, term in former.items():
            session.add(schema.KeywordTerm(workspace_id=mine, form=form, term=term))
    house.mail(letter(subject="Renewal", text="We cancel the contract.\n\nFly with a zeppelin\n"))
    house.mail(letter(subject="Weather", text="It is going to rain."))
    house.sync()
    with house.app.database.write() as session:
        other = session.scalars(select(schema.Mail).where(schema.Mail.subject == "Weather")).one()
        told = schema.MailKeyword(
            term="price", form="It", start=0, end=2, negated=False, hypothetical=False, sentence="It is going to rain."
        )
        other.keywords = [told]
        for row in session.scalars(select(schema.KeywordTerm)):
            session.delete(row)

    for _ in range(2):
        assert mark_keywords(house.app.database, house.app.analyser.keywords, mine, former) == 1
        marks = {mail.subject: [mark.term for mark in mail.keywords] for mail in house.timeline("Globex")}
        assert marks == {"Renewal": ["cancel"], "Weather": ["price"]}
