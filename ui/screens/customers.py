"""Customers: all of them with their health, and the CSV import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st
from sqlalchemy.orm import Session

from crm.csv_import import ImportReport, import_contacts, import_customers
from crm.customers import Customer, list_customers
from crm.folding import fold
from crm.health.assess import assess
from crm.health.owed import owed
from crm.health.report import Health, Responses
from crm.identity import Principal
from crm.mails import MailFilter, list_mails
from ui import inert
from ui.components import health_badge, import_report, moment
from ui.components.failure import failures
from ui.deps import current_app, current_principal, current_syncs
from ui.screens import customer as customer_screen
from wiring.app import App

_PAGE = 25
_WIDTHS = (2.6, 2.1, 1.1, 1.3, 1.3, 1.7)
_CUSTOMER_COLUMNS = "Columns: name, aliases, domains, arr, plan, status, renewal_date, segment, owner, language"
_CONTACT_COLUMNS = "Columns: customer, name, email, role"
_COLUMNS = ("Customer", "Health", "ARR", "Renewal", "Last contact", "Open turn")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table; `last` is the instant of the newest mail, aware; `owed` holds the turns that want an answer."""

    customer: Customer
    health: Health
    owed: tuple[Responses, ...]
    last: datetime | None


_ORDERS: dict[str, Callable[[Row], Any]] = {
    "Name": lambda row: fold(row.customer.name),
    "Health, worst first": lambda row: (row.health.score is None, row.health.score or 0.0),
    "ARR, highest first": lambda row: -(row.customer.arr or 0.0),
    "Renewal, next first": lambda row: row.customer.renewal_date or date.max,
    "Longest silence first": lambda row: (row.last is not None, row.last),
}


def as_page() -> st.Page:
    return st.Page(page, title="Customers", icon=":material/groups:", url_path="customers")


def page() -> None:
    app, me = current_app(), current_principal()
    st.title("Customers", anchor=False)
    _import(app, me, unfolded=not _all(app, me))
    customers = _all(app, me)  # again, with what was just imported
    if not customers:
        st.caption("There are no customers yet. Import a CSV file to begin.")
        return
    left, right = st.columns([3, 1.2], vertical_alignment="bottom")
    wanted = left.text_input("Find a customer", key="find-customer", placeholder="Name, alias, domain or owner")
    order = right.selectbox("Sort by", list(_ORDERS), key="customer-order")
    found = [held for held in customers if fold(wanted) in _haystack(held)]
    with app.database.read() as session:
        rows = [_row(session, app, me, held) for held in found]
    _table(sorted(rows, key=_ORDERS[order]), app.clock())


def _all(app: App, me: Principal) -> tuple[Customer, ...]:
    with app.database.read() as session:
        return list_customers(session, me.workspace_id)


def _table(rows: list[Row], now: datetime) -> None:
    pages = max(1, -(-len(rows) // _PAGE))
    number = int(st.number_input("Page", 1, pages, key="customer-page")) if pages > 1 else 1
    with st.container(key="customers-head"):
        for column, name in zip(st.columns(_WIDTHS), _COLUMNS, strict=True):
            column.html(f'<div class="lu-head">{name}</div>')
    for row in rows[(number - 1) * _PAGE : number * _PAGE]:
        _line(row, now)
    if not rows:
        st.caption("No customer fits that.")


def _line(row: Row, now: datetime) -> None:
    held = row.customer
    name, *cells = st.columns(_WIDTHS, vertical_alignment="center")
    if name.button(inert.label(held.name), key=f"customer-{held.id}", type="tertiary"):
        st.switch_page(customer_screen.as_page(), query_params={"id": str(held.id)})
    cells[0].html(health_badge.badge(row.health))
    cells[1].html(_cell(customer_screen.money(held.arr)))
    cells[2].html(_cell(moment.day(held.renewal_date) if held.renewal_date else "–"))
    cells[3].html(_cell(moment.ago(row.last, now) if row.last else "never"))
    cells[4].html(_open_turn(row.owed, now))


def _cell(text: str) -> str:
    return f'<span class="lu-cell">{inert.html(text)}</span>'


def _open_turn(responses: tuple[Responses, ...], now: datetime) -> str:
    """Whose answer is due, by the newest open turn of each side; our own debt first."""
    for side, words in (("us", "waits for us"), ("customer", "we wait")):
        since = [held.since for answers in responses if answers.side == side for held in answers.waiting]
        if since:
            text = f"{words} {moment.span((now - max(since)).total_seconds())}"
            return f'<span class="lu-chip {"lu-warn" if side == "us" else ""}">{text}</span>'
    return "–"


def _row(session: Session, app: App, me: Principal, held: Customer) -> Row:
    theirs = MailFilter(customer_ids=[held.id])
    newest = list_mails(session, me.workspace_id, theirs, newest_first=True, limit=1)
    health = assess(session, me.workspace_id, held, app.clock())
    turns = owed(session, me.workspace_id, health.responses, app.clock())
    return Row(customer=held, health=health, owed=turns, last=newest[0].sent_at if newest else None)


def _haystack(held: Customer) -> str:
    return fold(" ".join((held.name, held.owner, *held.aliases, *held.domains)))


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
