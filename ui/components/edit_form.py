"""Adding and changing customers and contacts.

A form holds on to the record as it was when it was opened: what is saved is compared with that, not with what a rerun
of the page has read since.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from sqlalchemy.orm import Session

from crm.customer_edits import Edited, add_contact, add_customer, edit_contact, edit_customer, remove_contact
from crm.customers import Contact, Customer
from crm.errors import EditConflict
from crm.identity import Principal
from crm.record_rows import ROLES, STATUSES
from ui import inert
from ui.components.failure import failures
from ui.deps import current_syncs
from wiring.app import App

_OPEN = "edit-open"  # session state: (what, the record as it was shown)
_SAID = "edit-said"


def open_form(what: str, seen: Customer | Contact | None = None) -> None:
    """To be used as `on_click`."""
    st.session_state[_OPEN] = (what, seen)


def close_form() -> None:
    st.session_state.pop(_OPEN, None)


def opened(what: str) -> tuple[bool, Any]:
    """Whether that form is open, and the record that it showed."""
    held = st.session_state.get(_OPEN)
    return (True, held[1]) if held and held[0] == what else (False, None)


def show_said() -> None:
    """What the last save has to say, once."""
    for text in st.session_state.pop(_SAID, ()):
        st.warning(inert.label(text), icon=":material/info:")


def customer_form(app: App, me: Principal, seen: Customer | None) -> None:
    """The form of a customer; None for a new one."""
    shown: dict[str, Any] = {
        "name": seen.name if seen else "",
        "status": seen.status if seen else "active",
        "aliases": "; ".join(seen.aliases) if seen else "",
        "domains": "; ".join(seen.domains) if seen else "",
        "arr": seen.arr if seen else None,
        "renewal_date": seen.renewal_date if seen else None,
        **{name: getattr(seen, name) if seen else "" for name in ("plan", "segment", "owner", "language")},
    }
    with st.form("customer-form", enter_to_submit=False):
        values = _customer_fields(shown)
        saved = _buttons("customer")
    if saved:
        changed = {name: value for name, value in values.items() if value != shown[name]}
        if seen is None:
            _save(app, me, lambda session: add_customer(session, app.clock, me, values))
        else:
            _save(app, me, lambda session: edit_customer(session, app.clock, me, seen.id, changed, seen=seen))


def _customer_fields(shown: dict[str, Any]) -> dict[str, Any]:
    statuses = list(dict.fromkeys((*STATUSES, shown["status"])))
    left, right = st.columns(2)
    values: dict[str, Any] = {
        "name": left.text_input("Name", shown["name"], key="edit-name"),
        "status": right.selectbox("Status", statuses, statuses.index(shown["status"]), key="edit-status"),
        "domains": left.text_input(
            "Mail domains", shown["domains"], key="edit-domains", help="Several are separated by ;"
        ),
        "aliases": right.text_input(
            "Other names", shown["aliases"], key="edit-aliases", help="Several are separated by ;"
        ),
        "arr": left.number_input("ARR", 0.0, None, shown["arr"], step=1000.0, format="%.2f", key="edit-arr"),
        "renewal_date": right.date_input("Renewal", shown["renewal_date"], key="edit-renewal", format="YYYY-MM-DD"),
    }
    for column, (name, title) in zip(
        (left, right, left, right),
        (("plan", "Plan"), ("segment", "Segment"), ("owner", "Owner"), ("language", "Language")),
        strict=True,
    ):
        values[name] = column.text_input(title, shown[name], key=f"edit-{name}")
    return values


def contact_form(app: App, me: Principal, customer_id: int, seen: Contact | None) -> None:
    """The form of a contact; None for a new one."""
    shown = {name: getattr(seen, name) if seen else "" for name in ("name", "email", "role")}
    roles = list(dict.fromkeys(("", *ROLES, shown["role"])))
    with st.form("contact-form", enter_to_submit=False):
        name, email, role = st.columns([1.2, 1.4, 1])
        values = {
            "name": name.text_input("Name", shown["name"], key="contact-name"),
            "email": email.text_input("Address", shown["email"], key="contact-email"),
            "role": role.selectbox(
                "Role", roles, roles.index(shown["role"]), key="contact-role",
                format_func=lambda held: held or "None",
            ),
        }  # fmt: skip
        saved = _buttons("contact")
    if saved and seen is None:
        _save(app, me, lambda session: add_contact(session, app.clock, me, customer_id, values))
    elif saved and seen:
        changed = {name: value for name, value in values.items() if value != shown[name]}
        _save(app, me, lambda s: edit_contact(s, app.clock, me, customer_id, seen.id, changed, seen=seen))
    if seen and st.button("Remove this contact", key="remove-contact", type="tertiary", icon=":material/delete:"):
        _save(app, me, lambda session: remove_contact(session, app.clock, me, customer_id, seen.id, seen=seen))


def _buttons(what: str) -> bool:
    with st.container(horizontal=True, gap="small"):
        saved = st.form_submit_button("Save", key=f"save-{what}", type="primary")
        st.form_submit_button("Cancel", key=f"cancel-{what}", on_click=close_form)
    return saved


def _save(app: App, me: Principal, change: Callable[[Session], Edited]) -> None:
    with failures():
        try:
            with app.database.write() as session:
                done = change(session)
        except EditConflict:
            st.button("Show it as it is now", key="edit-again", on_click=close_form)
            raise
        if done.rejudge:
            current_syncs().start_all(app, me)  # mail of the new domain or address may be waiting
        st.session_state[_SAID] = done.warnings
        close_form()
        st.rerun()
