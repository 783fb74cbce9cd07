"""Domains and addresses in one form, however they are written."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from crm import schema
from crm.association import associate
from crm.clock import system_clock
from crm.csv_import import import_customers
from crm.customers import (
    directory,
    find_customer,
    list_customers,
    remove_contact,
    remove_customer,
    save_contact,
    save_customer,
)
from crm.database import Database
from crm.domains import canonical_address, canonical_domain, within
from crm.errors import InputError, NotFound, UnknownCustomer
from crm.generic_domains import is_generic
from crm.identity import Principal, create_workspace


@pytest.fixture
def me(database: Database) -> Principal:
    with database.write() as session:
        return create_workspace(session, system_clock, name="W", user_email="vera@lealup.example", timezone="UTC")


def save(database: Database, me: Principal, name: str, *domains: str) -> None:
    with database.write() as session:
        save_customer(
            session, me.workspace_id, name=name, aliases=[], domains=domains, arr=None, plan="", status="active",
            renewal_date=None, segment="", owner="", language="",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("@Globex.Example.", "globex.example"), ("MÜLLER.example", "xn--mller-kva.example"),
        ("xn--MLLER-kva.example", "xn--mller-kva.example"), ("é" * 80 + ".example", "é" * 80 + ".example"), ("", ""),
    ],
)  # fmt: skip
def test_one_form(written: str, expected: str) -> None:
    assert canonical_domain(written) == expected
    assert canonical_domain(expected) == expected


def test_addresses_and_subdomains() -> None:
    assert canonical_address(" Eva@Müller.Example ") == "eva@xn--mller-kva.example"
    assert within("a.b.globex.example", {"globex.example"}) == "globex.example"
    assert within("notglobex.example", {"globex.example"}) == ""
    assert is_generic("@Gmail.com.") and not is_generic("mail.globex.example")


def test_a_customer_with_an_international_domain_matches_in_every_spelling(database: Database, me: Principal) -> None:
    save(database, me, "Müller", "@Müller.Example.")
    with database.read() as session:
        known = directory(session, me.workspace_id)
        for sender in ("eva@müller.example", "eva@MÜLLER.EXAMPLE", "eva@mail.xn--mller-kva.example"):
            assert [match.detail for match in associate([sender], known)] == ["xn--mller-kva.example"]
        assert associate(["eva@mu\u0308ller.example"], known)  # the same letter, decomposed
        assert associate(["eva@muller.example"], known) == ()
        assert find_customer(session, me.workspace_id, "müller.example").name == "Müller"
    with pytest.raises(InputError):
        save(database, me, "Another", "xn--mller-kva.example")


def test_a_generic_domain_warns_however_it_is_written(database: Database, me: Principal, tmp_path: object) -> None:
    from pathlib import Path

    file = Path(str(tmp_path)) / "c.csv"
    file.write_text("name,domains\nAna,@Gmail.com\nBo,bo.example;OUTLOOK.com\nCy,cy.example\n", "utf-8")
    with database.write() as session:
        report = import_customers(session, me.workspace_id, file)
    assert (report.imported, [(held.line, held.reason.split()[0]) for held in report.warnings]) == (
        3, [(2, "gmail.com"), (3, "outlook.com")]
    )  # fmt: skip


def test_customers_and_contacts_are_removed(database: Database, me: Principal) -> None:
    for name in ("Globex", "Initech"):
        save(database, me, name, f"{name.lower()}.example")
        with database.write() as session:
            held = find_customer(session, me.workspace_id, name)
            save_contact(session, held, me.workspace_id, name="Eve", email="Eve@Gmail.com", role="")
    with database.write() as session:
        assert remove_contact(session, me.workspace_id, "EVE@gmail.com", "globex") == ("Globex",)
        assert remove_contact(session, me.workspace_id, "eve@gmail.com") == ("Initech",)
        with pytest.raises(NotFound):
            remove_contact(session, me.workspace_id, "eve@gmail.com")
    with database.write() as session:
        assert remove_customer(session, me.workspace_id, "GLOBEX").name == "Globex"
        with pytest.raises(UnknownCustomer):
            remove_customer(session, me.workspace_id, "Globex")
    with database.read() as session:
        assert [held.name for held in list_customers(session, me.workspace_id)] == ["Initech"]
        assert session.scalars(select(schema.CustomerDomain.domain)).all() == ["initech.example"]
        assert session.scalars(select(schema.Contact)).all() == []
