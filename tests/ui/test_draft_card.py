"""The draft card: what is shown is what is approved, and one click sends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from crm import schema
from crm.customers import save_customer
from crm.identity import Principal
from outbox import approvals, drafts
from tests.house import MovableClock
from tests.ui.conftest import BASE, CSM, HOSTILE, Google, texts
from wiring.app import App

Visit = Callable[..., AppTest]


@pytest.fixture
def thread(app: App, google: Google, globex: int) -> None:
    """The thread to answer in lies in the mailbox, too."""
    with app.database.write() as session:
        for mail in session.scalars(select(schema.Mail).order_by(schema.Mail.sent_at)):
            headers = f"From: {mail.sender_email}\r\nTo: {CSM}\r\nSubject: {mail.subject}\r\nX-Gmail-Labels: INBOX\r\n"
            (held,) = google.store.load(CSM, [f"{headers}Message-ID: {mail.rfc_message_id}\r\n\r\n".encode()])
            mail.copies[0].gmail_thread_id = held.thread_id


@pytest.fixture
def draft(app: App, me: Principal, thread: None) -> drafts.Draft:
    return _draft(app, me, "Thank you Maria, the offer is attached.")


@pytest.fixture
def sending(app: App, me: Principal, google: Google, thread: None) -> Google:
    """The mailbox may send."""
    address = app.access.start(me, redirect_uri=f"{BASE}/oauth/callback", send=True)
    granted = parse_qs(urlsplit(httpx.get(address).headers["location"]).query)
    app.access.finish(state=granted["state"][0], code=granted["code"][0])
    return google


def test_the_card_shows_everything_that_would_leave(visit: Visit, draft: drafts.Draft) -> None:
    at = visit("drafts")
    shown = texts(at)
    assert not at.exception
    assert "vera@lealup.test" in shown and "maria@globex.test" in shown and "Re: Renewal" in shown
    assert at.code[0].value.strip() == draft.text.strip()
    assert "version 1" in shown
    assert "attachment" in at.warning[0].value


def test_send_approves_the_bytes_shown_and_sends_them_once(
    visit: Visit, app: App, draft: drafts.Draft, sending: Google, clock: MovableClock
) -> None:
    at = visit("drafts")
    at.button(key=f"send-{draft.id}-1").click().run()
    assert "Approved, not sent yet" in texts(at) and "Leaves in 10 s." in texts(at)
    assert sending.sent() == []
    at = _later(at, clock)
    assert sending.sent() == [draft.raw]
    assert at.get("link_button")[0].proto.label == "Sent · Open in Gmail"
    with app.database.read() as session:
        approval = session.scalars(select(schema.Approval)).one()
    assert (approval.sha256, approval.warned, approval.face) == (draft.sha256, draft.warned, "web")


def test_undo_takes_the_approval_back(
    visit: Visit, app: App, me: Principal, draft: drafts.Draft, sending: Google, clock: MovableClock
) -> None:
    at = visit("drafts")
    at.button(key=f"send-{draft.id}-1").click().run()
    at.button(key=f"undo-{draft.id}-1").click().run()
    assert _now(app, me, draft).status == "draft"
    at = _later(at, clock)
    assert sending.sent() == [] and "Draft, not sent" in texts(at)


def test_an_undo_after_it_left_says_so(
    visit: Visit, app: App, draft: drafts.Draft, sending: Google, clock: MovableClock
) -> None:
    at = visit("drafts")
    at.button(key=f"send-{draft.id}-1").click().run()
    clock.advance(seconds=10)
    assert app.sender.send_due() == 1
    at.button(key=f"undo-{draft.id}-1").click().run()
    assert "already sent" in at.info[0].value
    assert len(sending.sent()) == 1


def test_a_reply_is_scheduled_in_the_time_of_the_workspace(
    visit: Visit, app: App, me: Principal, draft: drafts.Draft, sending: Google, clock: MovableClock
) -> None:
    at = visit("drafts")
    at.date_input(key=f"day-{draft.id}-1").set_value(date(2025, 6, 19))
    at.time_input(key=f"time-{draft.id}-1").set_value(time(8, 30)).run()
    at.button(key=f"schedule-{draft.id}-1").click().run()
    assert not at.error
    assert "Leaves on Thursday 2025-06-19 at 08:30 (Europe/Madrid)." in texts(at)
    assert _now(app, me, draft).send_at == datetime(2025, 6, 19, 6, 30, tzinfo=UTC)
    clock.advance(hours=18, minutes=29)
    assert app.sender.send_due() == 0
    clock.advance(minutes=1)
    assert app.sender.send_due() == 1 and sending.sent() == [draft.raw]


def test_a_second_click_in_another_tab_sends_nothing(
    visit: Visit, draft: drafts.Draft, sending: Google, clock: MovableClock
) -> None:
    first, second = visit("drafts"), visit("drafts")
    first.button(key=f"send-{draft.id}-1").click().run()
    second.button(key=f"send-{draft.id}-1").click().run()
    assert "already handled" in second.info[0].value
    assert not second.error
    _later(first, clock), _later(second, clock)
    assert len(sending.sent()) == 1


def test_a_click_on_an_older_version_sends_nothing(
    visit: Visit, app: App, me: Principal, draft: drafts.Draft, sending: Google, clock: MovableClock
) -> None:
    at = visit("drafts")
    with app.database.write() as session:
        drafts.edit(session, app.clock, me, draft.id, sha256=draft.sha256, text="Something else.")
    at.button(key=f"send-{draft.id}-1").click().run()
    assert "changed since it was shown" in at.error[0].value
    assert "Something else." in at.code[0].value
    assert _later(at, clock) and sending.sent() == []
    at.button(key=f"send-{draft.id}-2").click().run()
    _later(at, clock)
    assert b"Something else." in sending.sent()[0]


def test_an_edit_is_a_new_version_that_needs_its_own_send(
    visit: Visit, app: App, me: Principal, draft: drafts.Draft, sending: Google
) -> None:
    at = visit("drafts")
    at.button(key=f"edit-{draft.id}-1").click().run()
    at.text_area(key=f"text-{draft.id}-1").set_value("Muchas gracias, María.")
    at.text_input(key=f"cc-{draft.id}-1").set_value("boss@elsewhere.test")
    at.button(key=f"save-{draft.id}-1").click().run()
    assert not at.exception and sending.sent() == []
    assert "version 2" in texts(at) and "Muchas gracias, María." in at.code[0].value
    assert any("elsewhere" in warning.value for warning in at.warning)
    assert _now(app, me, draft).status == "draft"


def test_a_wrong_address_keeps_the_form_open(visit: Visit, draft: drafts.Draft) -> None:
    at = visit("drafts")
    at.button(key=f"edit-{draft.id}-1").click().run()
    at.text_input(key=f"to-{draft.id}-1").set_value("not an address")
    at.button(key=f"save-{draft.id}-1").click().run()
    assert "is not an e" in at.error[0].value.replace("\\", "")
    assert at.text_input(key=f"to-{draft.id}-1").value == "not an address"


def test_without_the_send_scope_nothing_is_approved_and_the_way_is_shown(
    visit: Visit, app: App, me: Principal, draft: drafts.Draft
) -> None:
    at = visit("drafts")
    at.button(key=f"send-{draft.id}-1").click().run()
    assert "Sending is not enabled" in at.error[0].value
    assert at.get("link_button")[0].proto.url.endswith("/oauth/start?send=1")
    assert _now(app, me, draft).status == "draft"


def test_discard_needs_no_connection(visit: Visit, app: App, me: Principal, draft: drafts.Draft) -> None:
    at = visit("drafts")
    at.button(key=f"discard-{draft.id}-1").click().run()
    assert _now(app, me, draft).status == "discarded"
    assert "Discarded" in texts(at)


def test_a_lost_answer_is_shown_as_uncertain_and_can_be_looked_up(
    visit: Visit, app: App, me: Principal, draft: drafts.Draft, sending: Google, clock: MovableClock
) -> None:
    sending.fail(kind="fail_before_send", drop=True)
    at = visit("drafts")
    at.button(key=f"send-{draft.id}-1").click().run()
    at = _later(at, clock)
    assert _now(app, me, draft).status == "uncertain"
    assert "not known yet" in at.error[0].value
    at.button(key=f"reconcile-{draft.id}-1").click().run()
    assert "never sent twice" in at.error[0].value
    assert any("takes nothing back" in held.value for held in at.caption)
    at.button(key=f"discard-{draft.id}-1").click().run()
    assert _now(app, me, draft).status == "discarded"
    assert "put aside while nobody knew" in _now(app, me, draft).error


def test_what_another_process_sends_is_followed_to_its_end(visit: Visit, app: App, draft: drafts.Draft) -> None:
    def becomes(status: str) -> None:
        with app.database.write() as session:
            session.get_one(schema.Draft, draft.id).status = status

    becomes("sending")
    at = visit("drafts")
    assert "It is on its way" in texts(at)
    assert "It is on its way" in texts(at.run())
    becomes("sent")
    at.run()
    assert not at.exception
    assert at.get("link_button")[0].proto.label == "Sent · Open in Gmail"


def test_a_reply_whose_sender_died_is_uncertain_without_a_worker(
    visit: Visit, app: App, me: Principal, draft: drafts.Draft, clock: MovableClock
) -> None:
    with app.database.write() as session:
        session.get_one(schema.Draft, draft.id).status = "sending"
    at = visit("drafts")
    clock.advance(seconds=1000)
    at.run()
    assert _now(app, me, draft).status == "uncertain"
    assert at.run().button(key=f"discard-{draft.id}-1").label == "Discard"


def test_an_approval_left_by_a_crash_leaves_when_the_page_is_opened_again(
    visit: Visit, app: App, me: Principal, draft: drafts.Draft, sending: Google, clock: MovableClock
) -> None:
    with app.database.write() as session:
        approvals.approve(session, app.clock, me, draft.id, sha256=draft.sha256, warned=draft.warned, face="web")
    clock.advance(seconds=10)
    visit("drafts")
    assert sending.sent() == [draft.raw]


def test_a_draft_is_worded_anew_and_an_earlier_version_taken(
    visit: Visit, app: App, me: Principal, thread: None
) -> None:
    with app.database.write() as session:
        mail = session.scalars(select(schema.Mail).where(schema.Mail.direction == "inbound")).one()
        draft = drafts.create_reply(
            session, app.clock, me, mail_id=mail.id, text="Hi Maria,\n\nThank you for your offer, as asked.\n\nVera",
            asked="Write a reply thanking Maria for the offer", by_assistant=True,
        )  # fmt: skip
    at = visit("drafts")
    at.button(key=f"reword-es-{draft.id}-1").click().run()
    assert not at.error and at.code[0].value.startswith("Hola, Maria:")
    assert "version 2" in texts(at) and "2 · es · assistant" in texts(at)
    at.button(key=f"take-1-{draft.id}-2").click().run()
    assert at.code[0].value.startswith("Hi Maria,")
    assert f"3 · from 1 · {CSM}" in texts(at)
    at.button(key=f"reword-shorter-{draft.id}-3").click().run()
    assert "only a draft of its own making" in at.error[0].value


def test_a_blocked_draft_cannot_be_sent(visit: Visit, app: App, me: Principal, draft: drafts.Draft) -> None:
    at = visit("drafts")
    with app.database.write() as session:
        other = save_customer(
            session, me.workspace_id, name="Hooli", aliases=[], domains=["hooli.test"], arr=77_700.0, plan="",
            status="active", renewal_date=None, segment="", owner=CSM, language="en",
        )  # fmt: skip
        row = session.get_one(schema.Draft, draft.id)
        row.sources = [f"customer:{other.id}"]
        drafts.edit(session, app.clock, me, draft.id, sha256=draft.sha256, text="They pay 77,700.")
    at.run()
    assert "the record of Hooli" in at.error[0].value
    assert at.button(key=f"send-{draft.id}-2").disabled and at.button(key=f"schedule-{draft.id}-2").disabled


def test_a_signature_is_set_and_stands_below_the_next_reply(
    visit: Visit, app: App, me: Principal, thread: None
) -> None:
    at = visit("settings-replies")
    at.text_area(key="signature").set_value("Vera\nCustomer Success")
    at.button(key="save-signature").click().run()
    assert not at.exception and "Saved" in at.success[0].value
    assert _draft(app, me, "Hello.").text == "Hello.\n\n-- \nVera\nCustomer Success\n"


def test_text_and_warnings_of_a_draft_are_inert(visit: Visit, app: App, me: Principal, globex: int) -> None:
    _draft(app, me, HOSTILE)
    at = visit("drafts")
    assert at.code[0].value.strip() == HOSTILE
    assert "<img" not in "".join(element.value for element in at.html)


def _draft(app: App, me: Principal, text: str) -> drafts.Draft:
    with app.database.write() as session:
        mail = session.scalars(select(schema.Mail).where(schema.Mail.direction == "inbound")).one()
        return drafts.create_reply(session, app.clock, me, mail_id=mail.id, text=text)


def _later(at: AppTest, clock: MovableClock) -> AppTest:
    """The page after the time to undo; in a browser the card draws itself anew every second."""
    clock.advance(seconds=10)
    return at.run()


def _now(app: App, me: Principal, draft: drafts.Draft) -> drafts.Draft:
    with app.database.read() as session:
        return drafts.get(session, me, draft.id)
