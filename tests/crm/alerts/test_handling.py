"""Snoozing, dismissing and assigning: claims, rights, and when a snooze ends."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm import schema
from crm.alerts import handling
from crm.alerts.alert import Alert, get_alert, list_alerts
from crm.alerts.handling import AlertHandled, NotYourAlert, snooze_end
from crm.errors import InputError, NotFound
from crm.health.calendar import Calendar
from crm.identity import Principal, create_workspace
from tests.crm.alerts.conftest import AT, World

CALENDAR = Calendar(zone=ZoneInfo("Europe/Madrid"), opens=time(9), country="ES")


@pytest.fixture
def alert(world: World) -> Alert:
    """A critical word in Luis's mailbox."""
    world.mail("m1", 3, words=[("cancel", False, False)], of=world.luis)
    world.raised()
    return world.alerts()[0]


def snooze(world: World, who: Principal, alert: Alert, **span: float) -> Alert:
    with world.database.write() as session:
        return handling.snooze(session, world.clock, who, alert.id, world.clock() + timedelta(**span))


def dismiss(world: World, who: Principal, alert: Alert) -> Alert:
    with world.database.write() as session:
        return handling.dismiss(session, world.clock, who, alert.id)


def test_a_snooze_is_quiet_and_then_open_again(world: World, alert: Alert) -> None:
    held = snooze(world, world.luis, alert, days=1)
    assert (held.state(AT), held.handled_by) == ("snoozed", "luis@leal.example")
    assert held.state(AT + timedelta(days=1)) == "open"
    assert world.raised() == [] and len(world.alerts()) == 1
    for span in ({"seconds": 0.0}, {"days": 366.0}):
        with pytest.raises(InputError):
            snooze(world, world.luis, alert, **span)


def test_an_alert_is_its_owners_and_the_admins(world: World, alert: Alert) -> None:
    with world.database.write() as session:
        handling.assign(session, world.clock, world.luis, alert.id, "ana@leal.example")
    with pytest.raises(NotYourAlert):
        dismiss(world, world.luis, alert)
    with world.database.write() as session:
        with pytest.raises(InputError):
            handling.assign(session, world.clock, world.ana, alert.id, "nobody@leal.example")
        stranger = create_workspace(session, world.clock, name="Other", user_email="x@y.example", timezone="UTC")
    with pytest.raises(NotFound):
        dismiss(world, stranger, alert)
    with world.database.read() as session:
        assert list_alerts(session, stranger.workspace_id, AT, everything=True) == ()
    assert dismiss(world, world.ana, alert).state(AT) == "dismissed"
    with world.database.read() as session:
        events = session.scalars(select(schema.AuditEvent).order_by(schema.AuditEvent.id)).all()
        assert [(event.action, event.user_id) for event in events] == [
            ("alerts.assign", world.luis.user_id), ("alerts.dismiss", world.ana.user_id)
        ]  # fmt: skip
        assert events[0].detail == {"to": world.ana.user_id}


def test_an_assigned_alert_no_longer_follows_the_customers_owner(world: World, alert: Alert) -> None:
    with world.database.write() as session:
        handling.assign(session, world.clock, world.ana, alert.id, "ana@leal.example")
        session.get_one(schema.Customer, world.acme.id).owner = "Luis"
    world.raised()
    assert world.alerts()[0].owner == "ana@leal.example"


def test_the_first_of_several_gets_it(world: World, alert: Alert) -> None:
    start, won, late = threading.Barrier(4), list[int](), list[int]()

    def act() -> None:
        start.wait()
        try:
            dismiss(world, world.ana, alert)
            won.append(1)
        except AlertHandled:
            late.append(1)

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(late)) == (1, 3)
    with world.database.read() as session:
        assert len(session.scalars(select(schema.AuditEvent)).all()) == 1


def test_what_is_over_cannot_be_handled(world: World, alert: Alert) -> None:
    world.forget("m1")
    world.raised()
    with world.database.read() as session:
        assert get_alert(session, world.workspace, alert.id).state(AT) == "resolved"
    with pytest.raises(AlertHandled):
        snooze(world, world.luis, alert, days=1)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("1d", "2026-04-03T10:00"),
        ("1w", "2026-04-09T10:00"),
        ("business-day", "2026-04-06T07:00"),  # Good Friday and the weekend in between; 9:00 in Madrid's summer
        ("2026-04-20", "2026-04-20T07:00"),
        ("2026-04-20T16:30", "2026-04-20T14:30"),
        ("2026-04-20T16:30+00:00", "2026-04-20T16:30"),
    ],
)
def test_when_a_snooze_ends(text: str, end: str) -> None:
    now = datetime(2026, 4, 2, 10, tzinfo=UTC)
    assert snooze_end(text, now, CALENDAR) == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_a_snooze_until_nothing() -> None:
    with pytest.raises(InputError, match="soon"):
        snooze_end("soon", AT, CALENDAR)
