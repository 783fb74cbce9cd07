"""The draft card: what is shown is what is approved, and one click sends."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from crm import schema
from crm.errors import GoogleUnavailable
from crm.identity import Principal
from gmail.oauth import READONLY, SEND
from outbox import approvals, drafts
from outbox.sender import Sender
from tests.ui.conftest import HOSTILE, texts
from ui import deps
from wiring.app import App

Visit = Callable[..., AppTest]


@pytest.fixture
def draft(app: App, me: Principal, globex: int) -> drafts.Draft:
    return _draft(app, me, "Thank you Maria, the offer is attached.")


@pytest.fixture
def gmail(app: App, globex: int) -> Gmail:
    """A mailbox that may send, and the Gmail behind it."""
    held = Gmail()
    deps.provide(
        replace(app, sender=Sender(app.database, app.clock, service=held.service, gateway=held.gateway))
    )
    with app.database.write() as session:
        session.scalars(select(schema.Mailbox)).one().scopes = [READONLY, SEND]
    return held


def test_the_card_shows_everything_that_would_leave(visit: Visit, draft: drafts.Draft) -> None:
    at = visit("drafts")
    shown = texts(at)
    assert not at.exception
    assert "vera@lealup.test" in shown and "maria@globex.test" in shown and "Re: Renewal" in shown
    assert at.code[0].value.strip() == draft.text.strip()
    assert "version 1" in shown
    assert "attachment" in at.warning[0].value


def test_send_approves_the_bytes_shown_and_sends_them_once(
    visit: Visit, app: App, draft: drafts.Draft, gmail: Gmail
) -> None:
    at = visit("drafts")
    at.button(key=f"send-{draft.id}-1").click().run()
    assert gmail.sent == [draft.raw]
    assert at.get("link_button")[0].proto.label == "Sent · Open in Gmail"
    with app.database.read() as session:
        approval = session.scalars(select(schema.Approval)).one()
    assert (approval.sha256, approval.face) == (draft.sha256, "web")


def test_a_second_click_in_another_tab_sends_nothing(visit: Visit, draft: drafts.Draft, gmail: Gmail) -> None:
    first, second = visit("drafts"), visit("drafts")
    first.button(key=f"send-{draft.id}-1").click().run()
    second.button(key=f"send-{draft.id}-1").click().run()
    assert len(gmail.sent) == 1
    assert "already handled" in second.info[0].value
    assert not second.error


def test_a_click_on_an_older_version_sends_nothing(
    visit: Visit, app: App, me: Principal, draft: drafts.Draft, gmail: Gmail
) -> None:
    at = visit("drafts")
    with app.database.write() as session:
        drafts.edit(session, app.clock, me, draft.id, sha256=draft.sha256, text="Something else.")
    at.button(key=f"send-{draft.id}-1").click().run()
    assert gmail.sent == []
    assert "changed since it was shown" in at.error[0].value
    assert "Something else." in at.code[0].value
    at.button(key=f"send-{draft.id}-2").click().run()
    assert b"Something else." in gmail.sent[0]


def test_an_edit_is_a_new_version_that_needs_its_own_send(
    visit: Visit, app: App, me: Principal, draft: drafts.Draft, gmail: Gmail
) -> None:
    at = visit("drafts")
    at.button(key=f"edit-{draft.id}-1").click().run()
    at.text_area(key=f"text-{draft.id}-1").set_value("Muchas gracias, María.")
    at.text_input(key=f"cc-{draft.id}-1").set_value("boss@elsewhere.test")
    at.button(key=f"save-{draft.id}-1").click().run()
    assert not at.exception and gmail.sent == []
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
    visit: Visit, app: App, me: Principal, draft: drafts.Draft, gmail: Gmail
) -> None:
    gmail.cut = True
    at = visit("drafts")
    at.button(key=f"send-{draft.id}-1").click().run()
    assert _now(app, me, draft).status == "uncertain"
    assert "not known yet" in at.error[0].value
    at.button(key=f"reconcile-{draft.id}-1").click().run()
    assert "never sent twice" in at.error[0].value


def test_an_approval_left_by_a_crash_can_still_be_sent(
    visit: Visit, app: App, me: Principal, draft: drafts.Draft, gmail: Gmail
) -> None:
    with app.database.write() as session:
        approvals.approve(session, app.clock, me, draft.id, sha256=draft.sha256, face="web")
    at = visit("drafts")
    assert "Approved, not sent yet" in texts(at)
    at.button(key=f"send-{draft.id}-1").click().run()
    assert gmail.sent == [draft.raw]


def test_text_and_warnings_of_a_draft_are_inert(visit: Visit, app: App, me: Principal, globex: int) -> None:
    _draft(app, me, HOSTILE)
    at = visit("drafts")
    assert at.code[0].value.strip() == HOSTILE
    assert "<img" not in "".join(element.value for element in at.html)


def _draft(app: App, me: Principal, text: str) -> drafts.Draft:
    with app.database.write() as session:
        mail = session.scalars(select(schema.Mail).where(schema.Mail.direction == "inbound")).one()
        return drafts.create_reply(session, app.clock, me, mail_id=mail.id, text=text)


def _now(app: App, me: Principal, draft: drafts.Draft) -> drafts.Draft:
    with app.database.read() as session:
        return drafts.get(session, me, draft.id)


class Gmail:
    """As much of the Gmail client as sending needs; `cut` loses Google's answer."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.cut = False

    def service(self, _mailbox: schema.Mailbox) -> Any:
        return self

    def gateway(self, _mailbox: schema.Mailbox) -> Any:
        raise GoogleUnavailable("cut")

    def users(self) -> Gmail:
        return self

    def messages(self) -> Gmail:
        return self

    def send(self, *, body: dict[str, str], **_: Any) -> Gmail:
        self.sent.append(urlsafe_b64decode(body["raw"]))
        return self

    def execute(self, **_: Any) -> dict[str, str]:
        if self.cut:
            raise ConnectionResetError
        return {"id": "gmail-1"}
