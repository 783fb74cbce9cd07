"""The Alerts page: why, which mails, what one can do; and rules that are tried before they are saved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from crm import schema
from crm.alerts.alert import Alert, list_alerts
from crm.alerts.rules import Rules, rules_of
from crm.identity import Principal, create_workspace
from crm.refresh import Refresher
from tests.ui.conftest import CSM, HOSTILE, NOW, receive, texts
from ui import deps, inert
from wiring.app import App

Visit = Callable[..., AppTest]
SUE = "sue@lealup.test"


@pytest.fixture
def alert(app: App, me: Principal, globex: int) -> Alert:
    """A threat in a hostile mail, raised by the refresh of health."""
    with app.database.write() as session:
        session.scalars(select(schema.Mailbox)).one().backfill_done_at = NOW
        create_workspace(session, app.clock, name="LealUp", user_email=SUE, timezone="Europe/Madrid")
    deps.provide(app, CSM)
    receive(
        app,
        me,
        subject=HOSTILE,
        text="We will cancel the contract <script>alert(1)</script> ![x](y)",
        days_ago=1,
        thread="t2",
    )
    Refresher(app.database, app.clock).run()
    return stored(app, me)[0]


def stored(app: App, me: Principal) -> tuple[Alert, ...]:
    with app.database.read() as session:
        return list_alerts(session, me.workspace_id, NOW, everything=True)


def open_rules(visit: Visit) -> AppTest:
    at = visit("alerts")
    at.session_state["alert-tabs"] = "Rules"
    return at.run()


def test_nothing_to_see(visit: Visit, globex: int) -> None:
    at = visit("alerts")
    assert not at.exception
    assert "Nothing needs your eyes right now." in [held.value for held in at.caption]


def test_an_alert_explains_itself_and_nothing_in_it_runs(visit: Visit, alert: Alert) -> None:
    at = visit("alerts")
    assert not at.exception
    shown = texts(at)
    assert "Critical word" in shown and "A critical word in a mail from Globex: cancel." in shown
    assert "Owner: vera@lealup.test" in shown
    assert "“We will cancel the contract &lt;script&gt;" in shown and "<script>" not in shown
    (mail,) = [held for held in at.button if str(held.key).startswith(f"alert-mail-{alert.id}")]
    assert mail.label == inert.label(f"17 Jun 2025 · {HOSTILE}")
    mail.click().run()
    assert not at.exception
    assert "<mark>We will cancel the contract &lt;script&gt;" in texts(at), "the dialog marks the sentence"


def test_dismiss_from_the_page_and_a_second_tab_is_told(visit: Visit, app: App, me: Principal, alert: Alert) -> None:
    first, second = visit("alerts"), visit("alerts")
    first.button(key=f"alert-dismiss-{alert.id}").click().run()
    assert stored(app, me)[0].state(NOW) == "dismissed"
    assert "Dismissed by vera@lealup.test" in texts(first)
    second.button(key=f"alert-dismiss-{alert.id}").click().run()
    assert not second.exception
    assert any("already handled" in held.value for held in second.error)


def test_snooze_and_assign_from_the_page(visit: Visit, app: App, me: Principal, alert: Alert) -> None:
    at = visit("alerts")
    at.button(key=f"alert-snooze-{alert.id}-1w").click().run()
    assert stored(app, me)[0].snoozed_until == NOW + timedelta(weeks=1)
    assert "Snoozed until 25 Jun 2025, 14:00 by vera@lealup.test" in texts(at)
    at.selectbox(key=f"alert-to-{alert.id}").select(SUE).run()
    at.button(key=f"alert-assign-{alert.id}-now").click().run()
    assert stored(app, me)[0].owner == SUE
    at.segmented_control(key="alert-whose").set_value("Mine").run()
    assert "Nothing needs your eyes right now." in [held.value for held in at.caption]


def test_who_may_not_handle_it_is_told_so(visit: Visit, app: App, me: Principal, alert: Alert) -> None:
    with app.database.write() as session:
        session.get_one(schema.User, me.user_id).role = "csm"
        sue = session.scalars(select(schema.User).where(schema.User.email == SUE)).one()
        row = session.get_one(schema.Alert, alert.id)
        row.user_id, row.assigned = sue.id, True
    at = visit("alerts")
    assert not [held for held in at.button if held.key == f"alert-dismiss-{alert.id}"]
    assert any("Its owner or an admin" in held.value for held in at.caption)
    at = open_rules(visit)
    assert at.button(key="alert-rules-save").disabled


def test_what_slack_did_not_take_is_said(visit: Visit, app: App, alert: Alert) -> None:
    with app.database.write() as session:
        session.add(
            schema.AlertDelivery(
                alert_id=alert.id, occasion="opened", state="failed", attempts=2, claimed_at=NOW,
                retry_at=NOW + timedelta(minutes=5), error="channel_not_found",
            )
        )  # fmt: skip
    shown = texts(visit("alerts"))
    assert "channel_not_found, attempt 2" in shown and "18 Jun 2025, 14:05" in shown


def test_rules_are_tried_and_then_saved(visit: Visit, app: App, me: Principal, alert: Alert) -> None:
    at = open_rules(visit)
    assert not at.exception
    assert at.button(key="alert-rules-save").disabled, "nothing is changed"
    assert any(held.value.startswith("Without a linked Slack account") for held in at.caption)
    at.button(key="alert-preview-now").click().run()
    assert at.subheader[-1].value == "1 alert in the last 90 days"
    assert "Critical word: 1" in texts(at) and "Globex: 1" in texts(at)
    at.toggle(key="alert-on-keyword").set_value(False).run()
    at.number_input(key="alert-number-silence.days").set_value(60).run()
    assert any("preview them again" in held.value for held in at.caption)
    at.button(key="alert-preview-now").click().run()
    assert at.subheader[-1].value == "0 alerts in the last 90 days"
    with app.database.read() as session:
        assert rules_of(session, me.workspace_id) == Rules(), "nothing is saved by looking"
    at.button(key="alert-rules-save").click().run()
    assert not at.exception
    with app.database.read() as session:
        assert rules_of(session, me.workspace_id) == Rules(silence_days=60, off=frozenset({"keyword"}))
    assert at.success[0].value.startswith("Saved.")


def test_a_channel_needs_a_name(visit: Visit, app: App, me: Principal, globex: int) -> None:
    at = open_rules(visit)
    at.selectbox(key="alert-slack").select("channel").run()
    at.button(key="alert-rules-save").click().run()
    assert any("need its name or id" in held.value.replace("\\", "") for held in at.error)
