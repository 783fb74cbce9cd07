"""Customers: all of them with their health, adding one, the CSV import and export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st
from sqlalchemy.orm import Session

from crm.csv_export import contacts_csv, customers_csv
from crm.csv_import import ImportReport, import_contacts, import_customers
from crm.customer_list import PAGE, Order, Row, matching, page_of
from crm.customers import Customer, list_customers
from crm.health.owed import OpenTurn
from crm.identity import Principal
from ui import inert
from ui.components import edit_form, health_badge, import_report, moment
from ui.components.failure import failures
from ui.deps import current_app, current_principal, current_syncs
from ui.screens import customer as customer_screen
from wiring.app import App

_WIDTHS = (2.6, 2.1, 1.1, 1.3, 1.3, 1.7)
_CUSTOMER_COLUMNS = "Columns: name, aliases, domains, arr, plan, status, renewal_date, segment, owner, language"
_CONTACT_COLUMNS = "Columns: customer, name, email, role"
_COLUMNS = ("Customer", "Health", "ARR", "Renewal", "Last contact", "Open turn")


_ORDERS: dict[str, Order] = {
    "Name": "name",
    "Health, worst first": "health",
    "ARR, highest first": "arr",
    "Renewal, next first": "renewal",
    "Longest silence first": "silence",
}


def as_page() -> st.Page:
    return st.Page(page, title="Customers", icon=":material/groups:", url_path="customers")


def page() -> None:
    app, me = current_app(), current_principal()
    st.title("Customers", anchor=False)
    _import(app, me, unfolded=not _all(app, me))
    customers = _all(app, me)  # again, with what was just imported
    _add(app, me)
    if not customers:
        st.caption("There are no customers yet. Import a CSV file to begin.")
        return
    left, right = st.columns([3, 1.2], vertical_alignment="bottom")
    wanted = left.text_input("Find a customer", key="find-customer", placeholder="Name, alias, domain or owner")
    order = right.selectbox("Sort by", list(_ORDERS), key="customer-order")
    _table(app, me, matching(customers, wanted), _ORDERS[order])
    _downloads(app, me)


def _all(app: App, me: Principal) -> tuple[Customer, ...]:
    with app.database.read() as session:
        return list_customers(session, me.workspace_id)


def _add(app: App, me: Principal) -> None:
    edit_form.show_said()
    adding, _ = edit_form.opened("customer-new")
    if adding:
        edit_form.customer_form(app, me, None)
        return
    st.button(
        "Add a customer", key="add-customer", icon=":material/add:",
        on_click=edit_form.open_form, args=("customer-new",),
    )  # fmt: skip


def _downloads(app: App, me: Principal) -> None:
    """Made when they are asked for, not at every look at the page."""
    with st.container(horizontal=True, gap="small"):
        for what, made in (("customers", customers_csv), ("contacts", contacts_csv)):
            st.download_button(
                f"Export {what}", partial(_export, app, me, made), f"{what}.csv", "text/csv",
                key=f"export-{what}", type="tertiary", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def _export(app: App, me: Principal, made: Callable[[Sequence[Customer]], bytes]) -> bytes:
    return made(_all(app, me))


def _table(app: App, me: Principal, customers: Sequence[Customer], order: Order) -> None:
    pages = max(1, -(-len(customers) // PAGE))
    number = int(st.number_input("Page", 1, pages, key="customer-page")) if pages > 1 else 1
    now = app.clock()
    with app.database.read() as session:
        rows = page_of(session, me.workspace_id, customers, order, number, now)
    with st.container(key="customers-head"):
        for column, name in zip(st.columns(_WIDTHS), _COLUMNS, strict=True):
            column.html(f'<div class="lu-head">{name}</div>')
    for row in rows:
        _line(row, now)
    if not rows:
        st.caption("No customer fits that.")


def _line(row: Row, now: datetime) -> None:
    held = row.customer
    name, *cells = st.columns(_WIDTHS, vertical_alignment="center")
    if name.button(inert.label(held.name), key=f"customer-{held.id}", type="tertiary"):
        st.switch_page(customer_screen.as_page(), query_params={"id": str(held.id)})
    cells[0].html(health_badge.badge(row.standing))
    cells[1].html(_cell(customer_screen.money(held.arr)))
    cells[2].html(_cell(moment.day(held.renewal_date) if held.renewal_date else "–"))
    cells[3].html(_cell(moment.ago(row.last, now) if row.last else "never"))
    cells[4].html(_open_turn(row.owed, now))


def _cell(text: str) -> str:
    return f'<span class="lu-cell">{inert.html(text)}</span>'


def _open_turn(turns: tuple[OpenTurn, ...], now: datetime) -> str:
    """Whose answer is due, by the newest open turn of each side; our own debt first."""
    for side, words in (("us", "waits for us"), ("customer", "we wait")):
        since = [held.since for held in turns if held.side == side]
        if since:
            text = f"{words} {moment.span((now - max(since)).total_seconds())}"
            return f'<span class="lu-chip {"lu-warn" if side == "us" else ""}">{text}</span>'
    return "–"


def _import(app: App, me: Principal, *, unfolded: bool) -> None:
    with st.expander("Import from CSV", expanded=unfolded, icon=":material/upload_file:"):
        left, right = st.columns(2)
        with left:
            st.caption(inert.label(_CUSTOMER_COLUMNS))
            _upload(app, me, "customers", import_customers)
        with right:
            st.caption(inert.label(_CONTACT_COLUMNS))
            _upload(app, me, "contacts", import_contacts)


def _upload(app: App, me: Principal, what: str, load: Callable[[Session, int, Path], ImportReport]) -> None:
    with st.form(f"import-{what}", border=False):
        file = st.file_uploader(f"CSV of {what}", type="csv", key=f"csv-{what}")
        wanted = st.form_submit_button(f"Import {what}", key=f"import-{what}-now")
    if not wanted or file is None:
        return
    with failures(), TemporaryDirectory() as folder:
        path = Path(folder) / Path(file.name).name
        path.write_bytes(file.getvalue())
        with app.database.write() as session:
            report = load(session, me.workspace_id, path)
        current_syncs().start_all(app, me)  # mail of the new customers may be waiting
        import_report.show(what, report)
