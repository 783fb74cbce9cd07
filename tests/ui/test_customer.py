"""One customer's page: header, contacts, timeline and its filters, the composer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from crm import schema
from crm.identity import Principal
from crm.timeline.filter import Filter
from outbox import drafts
from tests.ui.conftest import CSM, HOSTILE, NOW, receive, texts
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
