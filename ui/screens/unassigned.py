"""Unassigned: people outside whose mail matched no customer; link it, make a contact of the person, or never log it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import streamlit as st

from crm.customers import Customer, list_customers
from crm.domains import domain_of
from crm.generic_domains import is_generic
from crm.identity import Principal
from ingestion.assigning import link_person, make_contact, never_log
from ingestion.unassigned import unassigned_of
from ui import inert
from ui.components import moment
from ui.components.failure import failures
from ui.deps import current_app, current_principal, current_syncs
from wiring.app import App

_PAGE = 20
_BECAUSE = {"domain": "by the domain", "name": "by the name", "subject": "by a subject"}
_DONE = "unassigned-done"


def as_page() -> st.Page:
    return st.Page(page, title="Unassigned", icon=":material/help_center:", url_path="unassigned")


def page() -> None:
    app, me = current_app(), current_principal()
    st.title("Unassigned", anchor=False)
    with app.database.read() as session:
        found = unassigned_of(session, me)
        customers = list_customers(session, me.workspace_id)
    if said := st.session_state.pop(_DONE, ""):
        st.success(inert.label(said), icon=":material/check:")
    if not found:
        st.caption("Every mail with people outside has its place. There is nothing to do here.")
        return
    st.caption(
        "People outside whose mail matched no customer, suggestions first. Only their headers were read. "
        "Nobody but you sees this list."
    )
    pages = -(-len(found) // _PAGE)
    number = int(st.number_input("Page", 1, pages, key="unassigned-page")) if pages > 1 else 1
    for entry in found[(number - 1) * _PAGE : number * _PAGE]:
        with st.container(border=True, key=f"person-{entry['address']}", gap="xsmall"):
            _person(app, me, entry, customers)


def _person(app: App, me: Principal, entry: dict[str, Any], customers: tuple[Customer, ...]) -> None:
    address = entry["address"]
    st.html(summary(entry))
    names = [held.name for held in customers]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            "Customer", names, index=names.index(entry["suggestion"]) if entry["suggestion"] in names else None,
            key=f"customer-of-{address}", placeholder="Choose a customer", label_visibility="collapsed", width=240,
        )  # fmt: skip
        if st.button("Link these mails", key=f"link-{address}", icon=":material/link:", disabled=not chosen):
            _act(app, me, "link", entry, chosen or "")
        if st.button("Make a contact", key=f"contact-{address}", icon=":material/person_add:", disabled=not chosen):
            _act(app, me, "contact", entry, chosen or "")
        with st.popover("Never log", icon=":material/visibility_off:", key=f"bar-{address}"):
            st.caption("Such mail is never read, linked or indexed. Settings → Gmail takes it back.")
            if st.button(inert.label(f"Never log {address}"), key=f"bar-address-{address}"):
                _act(app, me, "never", entry, "")
            domain = domain_of(address)
            if not is_generic(domain) and st.button(
                inert.label(f"Never log anybody at {domain}"), key=f"bar-domain-{address}"
            ):
                _act(app, me, "never-domain", entry, "")


def _act(app: App, me: Principal, action: str, entry: dict[str, Any], customer: str) -> None:
    address = entry["address"]
    with failures():
        with app.database.write() as session:
            if action == "link":
                done = link_person(session, app.clock, me, address, customer)
                said = f"{done.mails} mails of {address} are linked to {done.customer}."
            elif action == "contact":
                name = make_contact(session, app.clock, me, address, customer, name=entry["name"])
                said = f"{address} is a contact of {name}."
            else:
                held = never_log(session, app.clock, me, address, whole_domain=action == "never-domain")
                said = f"Mail with {held.value} is never logged."
        current_syncs().start_all(app, me)  # it reads the texts that are needed now
        st.session_state[_DONE] = said
        st.rerun()


def summary(entry: dict[str, Any]) -> str:
    """HTML of a row: who, how many mails, the last one, the newest subjects, the suggestion and what makes it."""
    who = f"{entry['name']} <{entry['address']}>" if entry["name"] else entry["address"]
    count = "1 mail" if entry["mails"] == 1 else f"{entry['mails']:,} mails"
    subjects = " · ".join(subject or "(no subject)" for subject in entry["subjects"])
    chip = ""
    if entry["suggestion"]:
        text = f"maybe {entry['suggestion']}, {_BECAUSE[entry['because']]}"
        chip = f'<div class="lu-chips"><span class="lu-chip lu-good">{inert.html(text)}</span></div>'
    return (
        f'<div class="lu-row"><span class="lu-subject">{inert.html(who)}</span>'
        f'<span class="lu-when">{count}, the last on {inert.html(_day(entry["last"]))}</span></div>'
        f'<div class="lu-snippet">{inert.html(subjects)}</div>{chip}'
    )


def _day(text: str) -> str:
    return moment.day(datetime.fromisoformat(text))
