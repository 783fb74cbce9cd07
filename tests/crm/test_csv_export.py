"""What is exported comes back the same, and no cell runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from crm.csv_cells import neutral, taken_back
from crm.csv_export import contacts_csv, customers_csv
from crm.csv_import import import_contacts, import_customers
from crm.customer_edits import add_contact, add_customer
from crm.customers import Customer, list_customers
from crm.database import Database
from crm.errors import InputError
from crm.identity import Principal, create_workspace
from tests.house import MovableClock

_TEXT = st.one_of(
    st.text(st.sampled_from("aé ñ,;\"'=+-@|\t\r\n＝.1"), max_size=8),  # what a CSV stumbles over, densely
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
)
_DOMAIN = st.from_regex(r"[a-zé=-]{0,1}[a-z]{1,6}\.example", fullmatch=True)
_PERSON = st.fixed_dictionaries(
    {"name": _TEXT, "email": st.from_regex(r"[=+'a-zé-]{1,6}@[a-z]{1,5}\.example", fullmatch=True), "role": _TEXT}
)
_CUSTOMER = st.fixed_dictionaries(
    {
        "name": _TEXT, "aliases": st.lists(_TEXT, max_size=3), "domains": st.lists(_DOMAIN, max_size=2),
        "arr": st.none() | st.floats(0, 1e15), "plan": _TEXT, "segment": _TEXT, "owner": _TEXT, "language": _TEXT,
        "status": st.sampled_from(["active", "trial", "paused", "churned"]), "renewal_date": st.none() | st.dates(),
    }
)  # fmt: skip


@given(st.text())
def test_a_cell_that_went_out_comes_back(text: str) -> None:
    cell = neutral(text)
    assert taken_back(cell) == text
    assert cell[:1] not in tuple("=+-@\t\r\n＝＋－＠")


@pytest.fixture
def me(database: Database, clock: MovableClock) -> Principal:
    with database.write() as session:
        return create_workspace(session, clock, name="LealUp", user_email="vera@lealup.example", timezone="UTC")


@given(records=st.lists(st.tuples(_CUSTOMER, st.lists(_PERSON, max_size=3)), max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_round_trip_changes_nothing(
    database: Database, clock: MovableClock, me: Principal, records: list[tuple[dict[str, Any], list[dict[str, Any]]]]
) -> None:
    with database.read() as session:  # thrown away, so that every example begins empty
        for values, people in records:
            _add(session, clock, me, values, people)
        stored = list_customers(session, me.workspace_id)
        other = create_workspace(session, clock, name="Other", user_email="eve@other.example", timezone="UTC")
        for workspace in (other.workspace_id, me.workspace_id):  # an empty one, and the one it came from
            _import(session, workspace, customers_csv(stored), contacts_csv(stored))
            assert _plain(list_customers(session, workspace)) == _plain(stored)


def _add(
    session: Session, clock: MovableClock, me: Principal, values: dict[str, Any], people: list[dict[str, Any]]
) -> None:
    try:
        with session.begin_nested():
            customer = add_customer(session, clock, me, values).customer
    except InputError:
        return
    for person in people:
        try:
            with session.begin_nested():
                add_contact(session, clock, me, customer.id, person)
        except InputError:
            continue


def _import(session: Session, workspace_id: int, customers: bytes, contacts: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        for content, load in ((customers, import_customers), (contacts, import_contacts)):
            path.write_bytes(content)
            assert load(session, workspace_id, path).rejected == []
    session.flush()
    session.expire_all()


def _plain(customers: tuple[Customer, ...]) -> list[Customer]:
    """Without the numbers that every workspace gives anew."""
    return [
        replace(held, id=0, contacts=tuple(replace(one, id=0, customer_id=0) for one in held.contacts))
        for held in customers
    ]


def test_a_spreadsheet_sees_text_with_accents(database: Database, clock: MovableClock, me: Principal) -> None:
    values = {"name": "Peña & Söhne", "aliases": ["=1+1"], "plan": '=HYPERLINK("http://evil.example")', "arr": 48000}
    with database.write() as session:
        held = add_customer(session, clock, me, values).customer
        add_contact(session, clock, me, held.id, {"name": "@SUM(A1)", "email": "+eve@x.example"})
        stored = list_customers(session, me.workspace_id)
    raw = customers_csv(stored)
    assert raw.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    assert (row["name"], row["aliases"], row["arr"]) == ("Peña & Söhne", "'=1+1", "48000")
    assert row["plan"] == '\'=HYPERLINK("http://evil.example")'
    (person,) = csv.DictReader(io.StringIO(contacts_csv(stored).decode("utf-8-sig"), newline=""))
    assert (person["customer"], person["name"], person["email"]) == ("Peña & Söhne", "'@SUM(A1)", "'+eve@x.example")
