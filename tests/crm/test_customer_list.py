"""The list of customers: what is kept is read, what is shown is exact."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from crm import schema
from crm.customer_list import PAGE, lowest, matching, page_of
from crm.customers import Customer, get_customer, list_customers, save_customer
from crm.database import Database
from crm.health.assess import assess
from crm.health.owed import open_turns, owed
from crm.identity import Principal, create_workspace
from crm.last_contact import last_contacts, last_contacts_of_people
from tests.house import MovableClock


@pytest.fixture
def me(database: Database, clock: MovableClock) -> Principal:
    with database.write() as session:
        me = create_workspace(session, clock, name="LealUp", user_email="vera@lealup.example", timezone="UTC")
        session.add(
            schema.Mailbox(id=1, workspace_id=me.workspace_id, user_id=me.user_id, email=me.email, created_at=clock())
        )
    return me


def _customer(database: Database, me: Principal, name: str, **given: Any) -> Customer:
    fields: dict[str, Any] = {
        "aliases": [], "domains": [f"{name.lower()}.example"], "arr": None, "plan": "", "status": "active",
        "renewal_date": None, "segment": "", "owner": "", "language": "",
    }  # fmt: skip
    with database.write() as session:
        return save_customer(session, me.workspace_id, name=name, **(fields | given))


def _mail(
    database: Database, me: Principal, clock: MovableClock, held: Customer, days: float, *, ours: bool = False,
    text: str = "Could you send us the offer?", thread: str = "", status: str = "stored",
) -> str:  # fmt: skip
    mail_id = f"{held.name}-{days}-{thread}"
    person = f"maria@{held.domains[0]}"
    with database.write() as session:
        session.execute(
            insert(schema.Mail).values(
                id=mail_id, workspace_id=me.workspace_id, sent_at=clock() - timedelta(days=days), has_body=True,
                direction="outbound" if ours else "inbound", sender_email=me.email if ours else person, new_text=text,
            )
        )  # fmt: skip
        session.execute(insert(schema.Participant).values(mail_id=mail_id, kind="to" if ours else "from", email=person))
        session.execute(
            insert(schema.Message).values(
                mailbox_id=1, gmail_id=mail_id, gmail_thread_id=thread or mail_id, mail_id=mail_id, status=status
            )
        )
        session.execute(insert(schema.Link).values(mail_id=mail_id, customer_id=held.id, rule="domain", detail=""))
    return mail_id


def _snapshot(database: Database, clock: MovableClock, held: Customer, days: int, score: float | None) -> None:
    with database.write() as session:
        session.add(
            schema.HealthSnapshot(
                customer_id=held.id, day=clock().date() - timedelta(days=days), score=score, computed_at=clock()
            )
        )


def test_the_newest_snapshot_of_two_days_and_its_trend_are_shown(
    database: Database, clock: MovableClock, me: Principal
) -> None:
    kept, old = _customer(database, me, "Kept"), _customer(database, me, "Old")
    for days, score in ((9, 10.0), (8, 40.0), (1, 55.0)):
        _snapshot(database, clock, kept, days, score)
    _snapshot(database, clock, old, 3, 90.0)
    with database.read() as session:
        customers = list_customers(session, me.workspace_id)
        first, second = page_of(session, me.workspace_id, customers, "name", 1, clock())
    assert (first.standing.score, first.standing.previous, first.standing.band) == (55.0, 40.0, "neutral")
    assert (second.standing.score, second.standing.band) == (None, "unknown")  # three days old: assessed now, no mail


def test_of_more_than_a_page_the_lowest_are_told(database: Database, clock: MovableClock, me: Principal) -> None:
    for n in range(PAGE + 3):
        _snapshot(database, clock, _customer(database, me, f"C{n:02d}"), 0, None if n == 0 else 100.0 - n)
    with database.read() as session:
        customers = list_customers(session, me.workspace_id)
        found = lowest(session, me.workspace_id, customers, clock())
        assert lowest(session, me.workspace_id, customers[:PAGE], clock()) == customers[:PAGE]
    assert [held.name for held in found] == [f"C{n:02d}" for n in range(PAGE + 2, 2, -1)]


def test_orders(database: Database, clock: MovableClock, me: Principal) -> None:
    today = clock().date()
    a = _customer(database, me, "Ámbar", arr=5.0, renewal_date=today + timedelta(days=9))
    b = _customer(database, me, "Beta", arr=90.0, domains=["beta.example"])
    c = _customer(database, me, "Coral", renewal_date=today + timedelta(days=2))
    for held, score in ((a, 80.0), (b, None), (c, 20.0)):
        _snapshot(database, clock, held, 0, score)
    for held, days in ((a, 5), (c, 9)):
        _mail(database, me, clock, held, days)
    names = {}
    with database.read() as session:
        customers = list_customers(session, me.workspace_id)
        for order in ("name", "health", "arr", "renewal", "silence"):
            rows = page_of(session, me.workspace_id, customers, order, 1, clock())
            names[order] = "".join(row.customer.name[0] for row in rows)
    assert names == {"name": "ÁBC", "health": "CÁB", "arr": "BÁC", "renewal": "CÁB", "silence": "BCÁ"}


def test_open_turns_are_those_of_the_health(database: Database, clock: MovableClock, me: Principal) -> None:
    held = _customer(database, me, "Globex")
    _mail(database, me, clock, held, 4, thread="asked")
    _mail(database, me, clock, held, 3, thread="thanked", text="Thanks, that was it.")
    _mail(database, me, clock, held, 6, thread="answered")
    _mail(database, me, clock, held, 5, thread="answered", ours=True, text="Could you confirm?")
    _mail(database, me, clock, held, 40, thread="stale")
    _mail(database, me, clock, held, 39, thread="stale", text="Could you answer?")
    _mail(database, me, clock, held, 20, thread="stale", text="Could you please answer?")
    with database.read() as session:
        health = assess(session, me.workspace_id, held, clock())
        expected = [
            (side.side, turn.mail_id, turn.since)
            for side in owed(session, me.workspace_id, health.responses, clock())
            for turn in side.waiting
        ]
        found = open_turns(session, me.workspace_id, [held], clock())[held.id]
    assert sorted((turn.side, turn.mail_id, turn.since) for turn in found) == sorted(expected)
    assert [turn.mail_id for turn in found] == ["Globex-5-answered", "Globex-4-asked"]


def test_last_contact_counts_what_is_visible(database: Database, clock: MovableClock, me: Principal) -> None:
    held, other = _customer(database, me, "Globex"), _customer(database, me, "Initech")
    _mail(database, me, clock, held, 1, status="deleted")
    _mail(database, me, clock, held, 2, ours=True)
    _mail(database, me, clock, held, 7)
    with database.read() as session:
        assert last_contacts(session, me.workspace_id) == {held.id: clock() - timedelta(days=2)}
        assert last_contacts(session, me.workspace_id, [other.id]) == {}
        people = last_contacts_of_people(
            session, me.workspace_id, held.id, ["maria@globex.example", "x@globex.example"]
        )
    assert people == {"maria@globex.example": clock() - timedelta(days=2)}


def test_statements_do_not_grow_with_the_customers(database: Database, clock: MovableClock, me: Principal) -> None:
    def statements() -> int:
        seen: list[str] = []
        with database.read() as session:
            customers = list_customers(session, me.workspace_id)
            event.listen(database.engine, "before_cursor_execute", lambda *held: seen.append(held[2]))
            for order in ("name", "silence"):
                assert len(page_of(session, me.workspace_id, customers, order, 1, clock())) == PAGE
        return len(seen)

    def more(begin: int, end: int) -> None:
        for n in range(begin, end):
            _snapshot(database, clock, _customer(database, me, f"C{n:03}"), 0, 50.0)

    more(0, PAGE)
    few = statements()
    more(PAGE, 2 * PAGE + 5)
    assert 0 < statements() <= 2 * few  # the listener of the first time counts too


def test_a_search_ignores_accents_and_looks_everywhere(database: Database, clock: MovableClock, me: Principal) -> None:
    held = _customer(database, me, "Peña", aliases=["PN"], owner="rui@lealup.example", domains=["pena.example"])
    with database.read() as session:
        stored = get_customer(session, me.workspace_id, held.id)
    for wanted in ("pena", "PN", "rui@", "pena.example", ""):
        assert matching([stored], wanted) == (stored,)
    assert matching([stored], "globex") == ()
