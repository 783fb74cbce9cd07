"""Editing customers and contacts by hand: the rules of the import, and two people at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from crm import schema
from crm.customer_edits import Edited, add_contact, add_customer, edit_contact, edit_customer, remove_contact
from crm.customers import Customer, get_customer
from crm.database import Database
from crm.errors import EditConflict, InputError, LealUpError, NotFound
from crm.identity import Principal, create_workspace
from tests.house import MovableClock


@pytest.fixture
def me(database: Database, clock: MovableClock) -> Principal:
    with database.write() as session:
        return create_workspace(session, clock, name="LealUp", user_email="vera@lealup.example", timezone="UTC")


@pytest.fixture
def globex(database: Database, clock: MovableClock, me: Principal) -> Customer:
    values = {"name": "Globex", "domains": "globex.example", "arr": "48000", "plan": "Pro"}
    with database.write() as session:
        return add_customer(session, clock, me, values).customer


def _edit(database: Database, clock: MovableClock, me: Principal, held: Customer, **values: Any) -> Edited:
    """A save from a form that showed `held`."""
    with database.write() as session:
        return edit_customer(session, clock, me, held.id, values, seen=held)


def _person(database: Database, clock: MovableClock, me: Principal, held: Customer, email: str) -> Customer:
    with database.write() as session:
        return add_contact(session, clock, me, held.id, {"name": "Maria", "email": email, "role": "Champion"}).customer


def test_what_is_named_changes_and_the_rest_stays(
    database: Database, clock: MovableClock, me: Principal, globex: Customer
) -> None:
    done = _edit(
        database, clock, me, globex, name="Globex España", renewal_date="2027-01-31", aliases="GX; Globe", arr="",
        domains="globex.example;Gmail.com", status="Paused",
    )  # fmt: skip
    held = done.customer
    assert (held.id, held.name, held.aliases, held.plan) == (globex.id, "Globex España", ("GX", "Globe"), "Pro")
    assert (held.arr, held.renewal_date, held.status) == (None, date(2027, 1, 31), "paused")
    assert done.changed == ("name", "aliases", "domains", "arr", "status", "renewal_date")
    assert done.rejudge and "gmail.com is a generic domain" in done.warnings[0]

    again = _edit(database, clock, me, held, plan="Scale")
    assert (again.changed, again.rejudge, again.warnings) == (("plan",), False, ())
    with database.read() as session:
        events = session.execute(select(schema.AuditEvent.action, schema.AuditEvent.detail)).all()
    assert [tuple(held) for held in events] == [
        ("customer.add", {}),
        ("customer.edit", {"columns": "name aliases domains arr status renewal_date"}),
        ("customer.edit", {"columns": "plan"}),
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"name": " "}, {"arr": "-1"}, {"arr": "nan"}, {"arr": "much"}, {"status": "gone"}, {"renewal_date": "soon"},
        {"domains": "no domain"}, {"name": "initech"}, {"domains": "initech.example"},
    ],
)  # fmt: skip
def test_what_the_import_refuses_is_refused_here(
    database: Database, clock: MovableClock, me: Principal, globex: Customer, values: dict[str, str]
) -> None:
    with database.write() as session:
        add_customer(session, clock, me, {"name": "Initech", "domains": "initech.example"})
    with pytest.raises(InputError):
        _edit(database, clock, me, globex, **values)
    with pytest.raises(InputError), database.write() as session:
        add_customer(session, clock, me, {"name": "New", **values})
    with database.read() as session:
        assert get_customer(session, me.workspace_id, globex.id) == globex


def test_the_later_of_two_saves_is_told_what_changed(
    database: Database, clock: MovableClock, me: Principal, globex: Customer
) -> None:
    first = _edit(database, clock, me, globex, plan="Scale", domains="").customer
    with pytest.raises(EditConflict) as refused:
        _edit(database, clock, me, globex, owner="rui@lealup.example")
    assert refused.value.sentence == (
        "Globex was changed meanwhile: domains was globex.example and is nothing; plan was Pro and is Scale."
    )
    assert _edit(database, clock, me, first, owner="rui@lealup.example").customer.plan == "Scale"


def test_a_contact_is_added_changed_and_removed(
    database: Database, clock: MovableClock, me: Principal, globex: Customer
) -> None:
    (maria,) = _person(database, clock, me, globex, "Maria@Globex.example").contacts
    assert maria.email == "maria@globex.example"
    with database.write() as session:
        done = edit_contact(session, clock, me, globex.id, maria.id, {"role": "Billing"}, seen=maria)
    assert (done.changed, done.rejudge, done.customer.contacts[0].role) == (("role",), False, "Billing")
    with pytest.raises(EditConflict), database.write() as session:
        remove_contact(session, clock, me, globex.id, maria.id, seen=maria)
    with database.write() as session:
        done = edit_contact(session, clock, me, globex.id, maria.id, {"email": "m@globex.example"})
        assert done.rejudge
        assert remove_contact(session, clock, me, globex.id, maria.id).customer.contacts == ()
    with pytest.raises(NotFound), database.write() as session:
        edit_contact(session, clock, me, globex.id, maria.id, {"role": ""})


@pytest.mark.parametrize("values", [{"email": "no address"}, {"name": ""}, {"email": "MARIA@globex.example"}])
def test_a_wrong_or_known_contact_is_refused(
    database: Database, clock: MovableClock, me: Principal, globex: Customer, values: dict[str, str]
) -> None:
    _person(database, clock, me, globex, "maria@globex.example")
    other = _person(database, clock, me, globex, "other@globex.example").contacts[1]
    with pytest.raises(InputError), database.write() as session:
        edit_contact(session, clock, me, globex.id, other.id, values)
    with pytest.raises(InputError), database.write() as session:
        add_contact(session, clock, me, globex.id, {"name": "X", "email": "x@globex.example", **values})


def test_another_workspace_changes_nothing(
    database: Database, clock: MovableClock, me: Principal, globex: Customer
) -> None:
    with database.write() as session:
        stranger = create_workspace(session, clock, name="Other", user_email="eve@other.example", timezone="UTC")
    for change in (edit_customer, add_contact):
        with pytest.raises(LealUpError), database.write() as session:
            change(session, clock, stranger, globex.id, {"name": "Mine", "email": "e@x.example"})
    with database.read() as session:
        assert get_customer(session, me.workspace_id, globex.id) == globex
