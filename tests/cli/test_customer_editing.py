"""`lealup customers add|edit|export`, `lealup contacts add|edit|export`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_a_customer_is_added_and_edited_by_column(office: Run) -> None:
    added = office("customers", "add", "Peña", "--domains", "pena.example;gmail.com", "--arr", "900", "--json").json
    assert added["customer"]["domains"] == ["gmail.com", "pena.example"]
    assert "gmail.com is a generic domain" in added["warnings"][0]

    edited = office("customers", "edit", "pena", "--renewal-date", "2027-05-01", "--aliases", "P;Q", "--json").json
    assert edited["changed"] == ["aliases", "renewal_date"]
    assert edited["customer"]["aliases"] == ["P", "Q"] and edited["customer"]["arr"] == 900
    assert office("customers", "edit", "P", "--arr", "", "--json").json["customer"]["arr"] is None
    assert "The next sync" in office("customers", "edit", "P", "--domains", "pena.example").out

    office("customers", "add", "PENA").failed("There is a customer called Peña already.")
    office("customers", "edit", "Peña", "--domains", "globex.example").failed("already belongs to another customer")
    office("customers", "edit", "Peña", "--status", "gone").failed("status: ")
    office("customers", "edit", "Peña").failed("Nothing to change.")


def test_a_contact_is_added_and_edited(office: Run) -> None:
    assert office("contacts", "add", "Globex", "João", "joao@globex.example", "--role", "Billing").code == 0
    changed = office("contacts", "edit", "joao@globex.example", "--email", "JP@globex.example", "--json").json
    assert changed["changed"] == ["email"]
    assert changed["customer"]["contacts"][1] == {"name": "João", "email": "jp@globex.example", "role": "Billing"}
    office("contacts", "add", "Globex", "J", "jp@globex.example").failed("is a contact of Globex already")
    office("contacts", "edit", "joao@globex.example", "--role", "x").failed("No contact has the address")
    assert office("contacts", "add", "Initech", "J", "jp@globex.example").code == 0
    office("contacts", "edit", "jp@globex.example", "--role", "x").failed("is a contact of Globex, Initech")
    assert office("contacts", "edit", "jp@globex.example", "--role", "x", "--customer", "Initech").code == 0


def test_what_is_exported_is_imported_again(office: Run, tmp_path: Path) -> None:
    before = office("customers", "list", "--json").json
    for kind in ("customers", "contacts"):
        assert office(kind, "export", "--out", f"{kind}-out.csv").code == 0
        assert (tmp_path / f"{kind}-out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
        assert office(kind, "import", f"{kind}-out.csv", "--json").json["rejected"] == []
    assert office("customers", "list", "--json").json == before
    printed = office("contacts", "export").out
    assert printed.splitlines() == ["customer,name,email,role", "Globex,Maria Silva,maria@globex.example,Champion"]
    office("customers", "export", "--out", "nowhere/x.csv").failed("can't be written")
