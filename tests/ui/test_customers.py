"""The Customers table and its imports."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from crm.customers import list_customers
from crm.identity import Principal
from tests.ui.conftest import receive, texts
from wiring.app import App

Visit = Callable[..., AppTest]
CUSTOMERS = """name,domains,arr,renewal_date,language
Panadería Núñez,nunez.test,12000,2025-09-01,es
Sem Renda,semrenda.test,many,,pt
Loja Ção,loja.test,7500,,pt
"""


def test_the_table_shows_health_money_renewal_and_contact(visit: Visit, globex: int) -> None:
    at = visit("customers")
    shown = texts(at)
    assert not at.exception
    assert at.button(key=f"customer-{globex}").label == "Globex"
    assert "48,000" in shown and "18 Jul 2025" in shown and "2 d ago" in shown
    assert "lu-health" in shown


def test_a_closing_thank_you_waits_for_nobody(visit: Visit, app: App, me: Principal, globex: int) -> None:
    receive(app, me, subject="Re: Renewal", text="Thanks, that was it.", days_ago=1)
    assert "waits for us" not in texts(visit("customers"))

    receive(app, me, subject="Seats", text="Could you add two seats for us?", days_ago=1, thread="t2")
    assert "waits for us 1 d" in texts(visit("customers"))


def test_good_rows_are_imported_and_bad_ones_named_by_line(visit: Visit, app: App, me: Principal) -> None:
    at = visit("customers")
    at.file_uploader(key="csv-customers").upload("customers.csv", CUSTOMERS.encode(), "text/csv")
    at.button(key="import-customers-now").click().run()
    assert not at.exception
    assert "2 customers imported" in at.success[0].value
    assert "line 3: arr" in texts(at)
    with app.database.read() as session:
        names = [held.name for held in list_customers(session, me.workspace_id)]
    assert names == ["Loja Ção", "Panadería Núñez"]


def test_a_file_without_the_needed_column_is_one_sentence(visit: Visit) -> None:
    at = visit("customers")
    at.file_uploader(key="csv-contacts").upload("people.csv", b"who,what\nA,B\n", "text/csv")
    at.button(key="import-contacts-now").click().run()
    assert "has no column" in at.error[0].value
    assert "Trace id" in at.error[0].value


def test_search_ignores_case_and_accents(visit: Visit, app: App) -> None:
    at = visit("customers")
    at.file_uploader(key="csv-customers").upload("customers.csv", CUSTOMERS.encode(), "text/csv")
    at.button(key="import-customers-now").click().run()
    at = visit("customers")
    at.text_input(key="find-customer").set_value("PANADERIA").run()
    assert [button.label for button in at.button if str(button.key).startswith("customer-")] == ["Panadería Núñez"]


def test_a_name_opens_the_customer(visit: Visit, globex: int) -> None:
    at = visit("customers")
    at.button(key=f"customer-{globex}").click().run()
    assert not at.exception
    assert at.title[0].value == "Globex"
    assert at.query_params["id"] == str(globex)


def test_a_customer_is_added_by_hand(visit: Visit, app: App, me: Principal) -> None:
    at = visit("customers")
    at.button(key="add-customer").click().run()
    at.text_input(key="edit-name").set_value("Peña")
    at.number_input(key="edit-arr").set_value(900.0)
    at.button(key="save-customer").click().run()
    assert not at.exception
    with app.database.read() as session:
        (held,) = list_customers(session, me.workspace_id)
    assert (held.name, held.arr, held.status) == ("Peña", 900.0, "active")
    assert at.button(key=f"customer-{held.id}").label == "Peña"
    at.button(key="add-customer").click().run()
    at.text_input(key="edit-name").set_value("pena")
    at.button(key="save-customer").click().run()
    assert "already" in at.error[0].value
