"""One customer's page: header, contacts, timeline and its filters, the composer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from crm import schema
from crm.customer_edits import edit_customer
from crm.customers import get_customer
from crm.identity import Principal, create_workspace
from crm.notes import add_note, notes_of
from crm.timeline.filter import Filter
from outbox import drafts
from tests.ui.conftest import CSM, HOSTILE, NOW, receive, texts
from ui import deps
from ui.components import timeline
from wiring.app import App

Visit = Callable[..., AppTest]


@pytest.fixture
def mails(app: App, me: Principal, globex: int) -> dict[str, str]:
    """Three more mails by name."""
    return {
        "angry": receive(
            app, me, subject="Terrible", days_ago=10, thread="t2",
            text="This is terrible, we are very disappointed and we will cancel the contract.",
        ),
        "invoice": receive(
            app, me, subject="Factura de María", text="Adjunto la factura.", days_ago=20, thread="t3",
            files=["f.pdf"],
        ),
        "old": receive(
            app, me, subject="Kickoff", text="Hello and welcome.", days_ago=80, inbound=False, thread="t4"
        ),
    }  # fmt: skip


def subjects(at: AppTest) -> list[str]:
    """The ids of the mails on the timeline, in order."""
    return [str(button.key).removeprefix("open-") for button in at.button if str(button.key).startswith("open-")]


def test_header_contacts_and_newest_mail_first(visit: Visit, globex: int, mails: dict[str, str]) -> None:
    at = visit("customer", id=str(globex))
    shown = texts(at)
    assert not at.exception
    assert at.title[0].value == "Globex"
    assert "48,000" in shown and "Champion" in shown and "maria@globex.test" in shown
    listed = subjects(at)
    assert len(listed) == 5
    assert listed[-1] == mails["old"] and listed[2] == mails["angry"]
    assert "cancel" in shown and "attached: f.pdf" in shown


@pytest.mark.parametrize(
    ("kind", "key", "value", "expected"),
    [
        ("text_input", "filter-text", "MARIA FACTURA", ["invoice"]),
        ("text_input", "filter-text", "factura de maria", ["invoice"]),
        ("selectbox", "filter-direction", "Sent", ["", "old"]),
        ("selectbox", "filter-keyword", "cancel", ["angry"]),
        ("selectbox", "filter-tone", "negative", ["angry"]),
        ("checkbox", "filter-attachment", True, ["invoice"]),
        ("text_input", "filter-file", "F.PDF", ["invoice"]),
        ("checkbox", "filter-shared", True, []),
        ("selectbox", "filter-automatic", "Only", []),
        ("multiselect", "filter-kinds", ["note", "health"], []),
        (
            "date_input",
            "filter-dates",
            (NOW.date() - timedelta(days=30), NOW.date() - timedelta(days=15)),
            ["invoice"],
        ),
    ],
)
def test_filters(
    visit: Visit, globex: int, mails: dict[str, str], kind: str, key: str, value: object, expected: list[str]
) -> None:
    at = visit("customer", id=str(globex))
    getattr(at, kind)(key=key).set_value(value).run()
    assert not at.exception
    names = {mail_id: name for name, mail_id in mails.items()}
    assert [names.get(mail_id, "") for mail_id in subjects(at)] == expected


def test_a_person_filter_offers_the_contacts(visit: Visit, globex: int, mails: dict[str, str]) -> None:
    at = visit("customer", id=str(globex))
    at.selectbox(key="filter-person").set_value("maria@globex.test").run()
    assert len(subjects(at)) == 5


def test_everybody_who_wrote_is_offered_beside_the_contacts(visit: Visit, globex: int) -> None:
    offered = visit("customer", id=str(globex)).selectbox(key="filter-person").options
    assert offered[0].startswith("Maria Silva · ") and CSM in offered


def test_a_health_change_stands_between_the_mails_and_opens_the_mail_behind_it(
    visit: Visit, app: App, globex: int, mails: dict[str, str]
) -> None:
    with app.database.write() as session:
        for back, score in ((9, 80.0), (8, 40.0)):
            session.add(
                schema.HealthSnapshot(
                    customer_id=globex, day=NOW.date() - timedelta(days=back), score=score, engagement=score,
                    sentiment=score, dimensions={}, cause="", cause_mail_ids=[mails["angry"]],
                )
            )  # fmt: skip
    at = visit("customer", id=str(globex))
    shown = texts(at)
    assert shown.count('class="lu-row lu-event"') == 2 and "from 80" in shown
    (button,) = [held for held in at.button if str(held.key).startswith("event-health")]
    button.click().run()
    assert not at.exception and "very disappointed" in texts(at)
    at.multiselect(key="filter-kinds").set_value(["health"]).run()
    assert subjects(at) == [] and texts(at).count('class="lu-row lu-event"') == 2


def test_the_export_is_what_the_filters_show(app: App, me: Principal, globex: int, mails: dict[str, str]) -> None:
    made = timeline._exported(app, me, globex, Filter(attachment=True), "csv")
    assert made.startswith(b"\xef\xbb\xbf") and made.count(b"\r\n") == 2 and "Factura de María".encode() in made
    assert json.loads(timeline._exported(app, me, globex, Filter(shared=True), "json")) == []


def test_a_mail_unfolds_to_its_thread(visit: Visit, globex: int) -> None:
    at = visit("customer", id=str(globex))
    newest = subjects(at)[0]
    at.button(key=f"thread-{newest}").click().run()
    shown = texts(at)
    assert "2 mails, oldest first" in shown
    assert shown.index("We want to renew for two years.") < shown.rindex("I send the offer today.")


def test_older_mail_comes_on_demand(visit: Visit, app: App, me: Principal, globex: int) -> None:
    for number in range(25):
        receive(
            app,
            me,
            subject=f"Note {number}",
            text=f"Number {number}.",
            days_ago=5 + number,
            thread=f"n{number}",
        )
    at = visit("customer", id=str(globex))
    assert len(subjects(at)) == 20
    at.button(key="older").click().run()
    assert len(subjects(at)) == 27


def test_reply_opens_the_composer_and_becomes_a_draft(visit: Visit, app: App, me: Principal, globex: int) -> None:
    at = visit("customer", id=str(globex))
    mail_id = subjects(at)[-1]
    at.button(key=f"reply-{mail_id}").click().run()
    at.text_area(key=f"reply-text-{mail_id}").set_value("Gracias, María.")
    at.button(key=f"create-draft-{mail_id}").click().run()
    assert not at.exception
    with app.database.read() as session:
        (draft,) = drafts.list_drafts(session, me)
    assert draft.status == "draft" and draft.mail_id == mail_id
    assert at.button(key=f"send-{draft.id}-1").label == "Send"


def test_an_empty_reply_is_refused_in_place(visit: Visit, globex: int) -> None:
    at = visit("customer", id=str(globex))
    mail_id = subjects(at)[0]
    at.button(key=f"reply-{mail_id}").click().run()
    at.button(key=f"create-draft-{mail_id}").click().run()
    assert "needs a text" in at.error[0].value


def test_hostile_mail_is_text_on_the_timeline(visit: Visit, app: App, me: Principal, globex: int) -> None:
    receive(app, me, subject=HOSTILE, text=HOSTILE, days_ago=1, thread="t9", files=['"><img src=x>.pdf'])
    at = visit("customer", id=str(globex))
    assert "&lt;img src=" in texts(at)
    assert "<img" not in texts(at)


def test_another_workspaces_or_unknown_customer_is_refused(visit: Visit, globex: int) -> None:
    at = visit("customer", id="999")
    assert "No customer" in at.error[0].value


def test_without_an_id_one_can_be_chosen(visit: Visit, globex: int) -> None:
    at = visit("customer")
    assert list(at.selectbox(key="choose-customer").options) == ["Globex"]


def test_the_header_tells_when_the_renewal_is_and_the_trend(visit: Visit, app: App, me: Principal, globex: int) -> None:
    with app.database.write() as session:
        for days, score in ((5, 80.0), (4, 30.0)):
            day = NOW.date() - timedelta(days=days)
            session.add(schema.HealthSnapshot(customer_id=globex, day=day, score=score, computed_at=NOW))
    shown = texts(visit("customer", id=str(globex)))
    assert "18 Jul 2025 (in 30 days)" in shown
    assert 'title="13 Jun 2025: 80"' in shown and 'title="14 Jun 2025: 30"' in shown
    assert "between 30 and 80" in shown


def test_a_contact_has_its_own_health_or_none(visit: Visit, globex: int) -> None:
    shown = texts(visit("customer", id=str(globex)))
    assert "Champion" in shown and "2 d ago" in shown
    assert "N/A</span></summary>" in shown


def test_a_note_is_written_changed_and_removed(visit: Visit, app: App, me: Principal, globex: int) -> None:
    at = visit("customer", id=str(globex))
    at.text_area(key="note-text").set_value(HOSTILE)
    mail_id = subjects(at)[0]
    at.selectbox(key="note-mail").set_value(mail_id)
    at.button(key="note-add").click().run()
    assert not at.exception
    with app.database.read() as session:
        (note,) = notes_of(session, me.workspace_id, globex)
    assert (note.text, note.mail_id) == (HOSTILE, mail_id)
    assert "&lt;img src=" in texts(at) and "<img" not in texts(at)
    assert "Re\\: Renewal" in at.button(key=f"note-mail-{note.id}").label

    at.button(key=f"note-edit-{note.id}").click().run()
    at.text_area(key=f"note-text-{note.id}").set_value("Two years.")
    at.button(key=f"note-save-{note.id}").click().run()
    assert "Two years." in texts(at) and "edited" in texts(at)
    at.button(key=f"note-remove-{note.id}").click().run()
    with app.database.read() as session:
        assert notes_of(session, me.workspace_id, globex) == ()
    at.button(key="note-add").click().run()
    assert "A note needs a text" in at.error[0].value


def test_only_ones_own_note_can_be_changed(visit: Visit, app: App, me: Principal, globex: int) -> None:
    with app.database.write() as session:
        rui = create_workspace(session, app.clock, name="LealUp", user_email="rui@lealup.test", timezone="UTC")
        mine, theirs = (add_note(session, app.clock, who, globex, who.email) for who in (me, rui))
        session.get_one(schema.User, me.user_id).role = "csm"
    deps.provide(app, me.email)
    keys = {str(button.key) for button in visit("customer", id=str(globex)).button}
    assert f"note-edit-{mine.id}" in keys and f"note-edit-{theirs.id}" not in keys


def test_a_customer_is_edited_in_place(visit: Visit, app: App, me: Principal, globex: int) -> None:
    at = visit("customer", id=str(globex))
    at.button(key="edit-customer").click().run()
    at.text_input(key="edit-domains").set_value("globex.test; gmail.com")
    at.selectbox(key="edit-status").set_value("paused")
    at.button(key="save-customer").click().run()
    assert not at.exception
    assert "gmail" in at.warning[0].value and "generic domain" in at.warning[0].value
    with app.database.read() as session:
        held = get_customer(session, me.workspace_id, globex)
    assert (held.status, held.domains, held.arr) == ("paused", ("globex.test", "gmail.com"), 48000.0)
    assert "save-customer" not in {button.key for button in at.button}


def test_a_save_over_somebody_elses_is_refused(visit: Visit, app: App, me: Principal, globex: int) -> None:
    at = visit("customer", id=str(globex))
    at.button(key="edit-customer").click().run()
    with app.database.write() as session:
        edit_customer(session, app.clock, me, globex, {"plan": "Scale"})
    at.text_input(key="edit-owner").set_value("rui@lealup.test").run()
    at.button(key="save-customer").click().run()
    assert "plan was Pro and is Scale" in at.error[0].value.replace("\\", "")
    with app.database.read() as session:
        assert get_customer(session, me.workspace_id, globex).owner == "vera@lealup.test"
    at.button(key="edit-again").click().run()
    at.button(key="edit-customer").click().run()
    assert at.text_input(key="edit-plan").value == "Scale"


def test_contacts_are_added_changed_and_removed(visit: Visit, app: App, me: Principal, globex: int) -> None:
    def people() -> list[tuple[str, str, str]]:
        with app.database.read() as session:
            held = get_customer(session, me.workspace_id, globex).contacts
        return [(one.name, one.email, one.role) for one in held]

    at = visit("customer", id=str(globex))
    at.button(key="contact-add").click().run()
    at.text_input(key="contact-name").set_value("João")
    at.text_input(key="contact-email").set_value("no address")
    at.button(key="save-contact").click().run()
    assert "email" in at.error[0].value
    at.text_input(key="contact-email").set_value("joao@globex.test")
    at.selectbox(key="contact-role").set_value("Billing")
    at.button(key="save-contact").click().run()
    assert people()[1] == ("João", "joao@globex.test", "Billing")
    with app.database.read() as session:
        added = get_customer(session, me.workspace_id, globex).contacts[1]
    at.button(key=f"edit-contact-{added.id}").click().run()
    at.button(key="remove-contact").click().run()
    assert not at.exception
    assert people() == [("Maria Silva", "maria@globex.test", "Champion")]
