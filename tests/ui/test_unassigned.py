"""The Unassigned page, and what Settings → Gmail and a mail's dialog do about mail that stays out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from crm import schema
from crm.customers import list_customers
from crm.identity import Principal
from crm.never_log import entries_of
from gmail.mime import parse
from ingestion import store
from ingestion.unassigned import unassigned_of
from tests.ui.conftest import CSM, HOSTILE, NOW, texts
from ui.components import mail_card
from ui.syncs import Syncs
from wiring.app import App

Visit = Callable[..., AppTest]
SUE = "sue@globex-labs.test"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Syncs are asked for, not run: these tests have no account at Google."""
    asked: list[str] = []
    monkeypatch.setattr(Syncs, "start_all", lambda *_: asked.append("sync"))
    return asked


@pytest.fixture
def strangers(app: App, globex: int) -> None:
    for sender, subject, days in (
        (f"Sue <{SUE}>", "The pilot", 5), (f"Sue <{SUE}>", HOSTILE, 4), ("<eve@gmail.com>", "Hello", 3)
    ):  # fmt: skip
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, CSM, subject
        message["Date"], message["Message-ID"] = NOW - timedelta(days=days), f"<{days}@strangers.test>"
        message.set_content("Hi")
        with app.database.write() as session:
            mailbox = session.scalars(select(schema.Mailbox)).one()
            fetched = store.Fetched(
                gmail_id=f"s{days}", gmail_thread_id=f"st{days}", date_header=str(message["Date"]),
                label_ids=("INBOX",), mail=parse(message.as_bytes()),
            )  # fmt: skip
            store.save_message(session, mailbox, fetched, [], {CSM})


def queue(app: App, me: Principal) -> list[str]:
    with app.database.read() as session:
        return [entry["address"] for entry in unassigned_of(session, me)]


def test_people_are_listed_with_suggestions_first_and_nothing_of_theirs_runs(visit: Visit, strangers: None) -> None:
    at = visit("unassigned")

    assert not at.exception
    shown = texts(at)
    assert shown.index("sue@globex-labs.test") < shown.index("eve@gmail.com")
    assert "maybe Globex, by the domain" in shown and "2 mails, the last on 14 Jun 2025" in shown
    assert '<img src="http' not in shown
    assert at.selectbox(key=f"customer-of-{SUE}").value == "Globex"
    assert at.button(key="link-eve@gmail.com").disabled
    assert not [held for held in at.button if held.key == "bar-domain-eve@gmail.com"]  # a generic domain


def test_mails_are_linked_from_the_page(
    visit: Visit, app: App, me: Principal, strangers: None, quiet: list[str]
) -> None:
    at = visit("unassigned")
    at.button(key=f"link-{SUE}").click().run()

    assert not at.exception
    assert "2 mails of" in at.success[0].value and "linked to Globex" in at.success[0].value
    assert queue(app, me) == ["eve@gmail.com"]
    assert quiet == ["sync"]
    with app.database.read() as session:
        assert len(session.scalars(select(schema.LinkChoice)).all()) == 2


def test_a_contact_is_made_and_a_domain_barred(visit: Visit, app: App, me: Principal, strangers: None) -> None:
    at = visit("unassigned")
    at.selectbox(key="customer-of-eve@gmail.com").set_value("Globex").run()
    at.button(key="contact-eve@gmail.com").click().run()
    assert not at.exception
    at.button(key=f"bar-domain-{SUE}").click().run()

    assert not at.exception
    with app.database.read() as session:
        (customer,) = list_customers(session, me.workspace_id)
        assert "eve@gmail.com" in [held.email for held in customer.contacts]
        assert [held.value for held in entries_of(session, me)] == ["globex-labs.test"]


def test_an_empty_queue_says_so(visit: Visit, globex: int) -> None:
    assert "nothing to do" in visit("unassigned").caption[0].value


def test_the_never_log_list_in_the_settings(visit: Visit, app: App, me: Principal, globex: int) -> None:
    at = visit("settings")
    at.text_input(key="never-log-value").set_value("maria@globex.test")
    at.button(key="never-log-add").click().run()
    assert not at.exception
    assert "maria@globex.test" in texts(at)
    with app.database.read() as session:
        (entry,) = entries_of(session, me)
    at.text_input(key="never-log-value").set_value(CSM)
    at.button(key="never-log-add").click().run()
    assert "your own" in at.error[0].value

    at = visit("settings")
    at.button(key=f"never-log-remove-{entry.id}").click().run()
    assert not at.exception
    with app.database.read() as session:
        assert entries_of(session, me) == ()


def test_a_mail_is_taken_off_and_a_conversation_kept_private(
    visit: Visit, app: App, me: Principal, globex: int
) -> None:
    with app.database.read() as session:
        mails = session.scalars(select(schema.Mail).order_by(schema.Mail.sent_at)).all()
    opened = {"opened_mail": mail_card.Opened(mail_id=mails[0].id)}
    at = visit("customer", id=str(globex))
    at.session_state["opened_mail"] = opened["opened_mail"]
    at.run()
    assert not at.exception
    assert "the domain globex" in "".join(held.value for held in at.caption).replace("\\", "")
    at.button(key=f"unlink-{mails[0].id}-Globex").click().run()
    with app.database.read() as session:
        assert [link.mail_id for link in session.scalars(select(schema.Link))] == [mails[1].id]

    at = visit("customer", id=str(globex))
    at.session_state["opened_mail"] = mail_card.Opened(mail_id=mails[1].id)
    at.run()
    at.button(key=f"private-{mails[1].id}").click().run()
    with app.database.read() as session:
        assert session.scalars(select(schema.Link)).all() == []
        assert len(session.scalars(select(schema.PrivateThread)).all()) == 1
    at = visit("settings")
    at.button(key=f"public-{CSM}-t1").click().run()
    with app.database.read() as session:
        assert session.scalars(select(schema.PrivateThread)).all() == []
