"""Customers and contacts: saving them, and finding one by what somebody calls it."""

from __future__ import annotations

from typing import Any

import pytest

from crm.customers import (
    directory,
    find_customer,
    get_customer,
    list_customers,
    own_addresses,
    save_contact,
    save_customer,
)
from crm.database import Database
from crm.errors import AmbiguousCustomer, InputError, UnknownCustomer
from crm.identity import Principal, create_workspace, find_principal
from tests.house import MovableClock


@pytest.fixture
def me(database: Database, clock: MovableClock) -> Principal:
    with database.write() as session:
        principal = create_workspace(session, clock, name="LealUp", user_email="vera@lealup.example", timezone="UTC")
    _save(database, principal, "Acme Robotics", aliases=["ACR"], domains=["acme.example"])
    _save(database, principal, "Acme Foods", domains=["@AcmeFoods.example "])
    _save(database, principal, "Lusitânia Seguros", aliases=["Lusitânia"], domains=["lusitania.example"])
    _save(database, principal, "Globex")
    return principal


def _save(database: Database, me: Principal, name: str, **given: Any) -> int:
    fields: dict[str, Any] = {
        "aliases": [], "domains": [], "arr": None, "plan": "", "status": "active", "renewal_date": None, "segment": "",
        "owner": "", "language": "",
    }  # fmt: skip
    with database.write() as session:
        return save_customer(session, me.workspace_id, name=name, **(fields | given)).id


def _find(database: Database, me: Principal, name: str) -> str:
    with database.read() as session:
        return find_customer(session, me.workspace_id, name).name


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("Globex", "Globex"),
        ("  gLOBEX ", "Globex"),
        ("acr", "Acme Robotics"),
        ("acme.example", "Acme Robotics"),
        ("@acme.example", "Acme Robotics"),
        ("acmefoods.example", "Acme Foods"),
        ("lusitania seguros", "Lusitânia Seguros"),
        ("LUSITÂNIA", "Lusitânia Seguros"),
        ("acme f", None),
        ("Acme  Robotics", "Acme Robotics"),
    ],
)
def test_found_by_name_alias_domain_without_accents_or_case(
    database: Database, me: Principal, wanted: str, name: str | None
) -> None:
    if name is None:
        with pytest.raises(UnknownCustomer):
            _find(database, me, wanted)
    else:
        assert _find(database, me, wanted) == name


def test_a_beginning_finds_when_it_is_the_only_one(database: Database, me: Principal) -> None:
    _save(database, me, "Umbrella Corporation")
    assert _find(database, me, "umbrella") == "Umbrella Corporation"


def test_an_exact_name_wins_over_a_beginning(database: Database, me: Principal) -> None:
    _save(database, me, "Globex Labs")
    assert _find(database, me, "globex") == "Globex"


def test_an_ambiguous_name_lists_the_candidates(database: Database, me: Principal) -> None:
    with pytest.raises(AmbiguousCustomer) as caught:
        _find(database, me, "acme")
    assert caught.value.candidates == ("Acme Foods", "Acme Robotics")
    assert "Acme Foods, Acme Robotics" in caught.value.sentence


@pytest.mark.parametrize("wanted", ["", "   ", "Nobody", "glob", "%", "acme.example.evil"])
def test_an_unknown_name_is_one_sentence(database: Database, me: Principal, wanted: str) -> None:
    with pytest.raises(UnknownCustomer) as caught:
        _find(database, me, wanted)
    assert wanted in caught.value.sentence


def test_saving_again_replaces_the_fields_and_keeps_the_customer(database: Database, me: Principal) -> None:
    first = _save(database, me, "Globex", domains=["globex.example", "globex.test"], arr=1.0)
    second = _save(database, me, " GLÓBEX", domains=["globex.test", "globex.org"], plan="Pro")
    with database.read() as session:
        held = get_customer(session, me.workspace_id, first)
        assert len(list_customers(session, me.workspace_id)) == 4

    assert first == second
    assert (held.name, held.domains, held.arr, held.plan) == ("GLÓBEX", ("globex.org", "globex.test"), None, "Pro")


def test_a_domain_belongs_to_one_customer(database: Database, me: Principal) -> None:
    with pytest.raises(InputError, match=r"acme\.example"):
        _save(database, me, "Globex", domains=["ACME.example"])
    with database.read() as session:
        assert find_customer(session, me.workspace_id, "Globex").domains == ()


def test_contacts_are_updated_by_address(database: Database, me: Principal) -> None:
    for name, role in (("Maria", "Champion"), ("María Silva", "Billing")):
        with database.write() as session:
            customer = find_customer(session, me.workspace_id, "Globex")
            save_contact(session, customer, me.workspace_id, name=name, email=" Maria@Globex.example", role=role)
    with database.read() as session:
        held = find_customer(session, me.workspace_id, "Globex").contacts
        assert directory(session, me.workspace_id).contacts == {"maria@globex.example": (customer.id,)}
    assert [(contact.name, contact.email, contact.role) for contact in held] == [
        ("María Silva", "maria@globex.example", "Billing")
    ]


def test_another_workspace_sees_nothing(database: Database, me: Principal, clock: MovableClock) -> None:
    with database.write() as session:
        other = create_workspace(session, clock, name="Other", user_email="eve@other.example", timezone="UTC")
        globex = find_customer(session, me.workspace_id, "Globex")
        assert list_customers(session, other.workspace_id) == ()
        with pytest.raises(UnknownCustomer):
            get_customer(session, other.workspace_id, globex.id)
        assert own_addresses(session, other.workspace_id) == {"eve@other.example"}
    assert _save(database, other, "Globex", domains=["acme.example"]) != globex.id  # names and domains are its own
    with database.read() as session:
        assert find_principal(session, " EVE@other.example ").workspace_id == other.workspace_id
