"""One customer: facts, health with its reasons, contacts, and the timeline."""

from __future__ import annotations

import streamlit as st
from sqlalchemy.orm import Session

from crm.customers import Contact, Customer, get_customer, list_customers
from crm.health.assess import assess
from crm.health.report import Health
from crm.identity import Principal
from crm.mails import MailFilter, list_mails
from ui import inert
from ui.components import health_badge, health_reasons, mail_card, moment, timeline
from ui.deps import current_app, current_principal
from wiring.app import App

_FLAG = {"drop": "Sharp drop", "last_five_negative": "Last five negative", "silence": "Silence"}


def as_page() -> st.Page:
    return st.Page(page, title="Customer", icon=":material/apartment:", url_path="customer", visibility="hidden")


def page() -> None:
    app, me = current_app(), current_principal()
    wanted = st.query_params.get("id", "")
    if not wanted.isdecimal():
        _choose(app, me)
        return
    with app.database.read() as session:
        held = get_customer(session, me.workspace_id, int(wanted))
        health = assess(session, me.workspace_id, held, app.clock())
        contacts = _contacts(session, app, me, held)
    _header(held, health)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Health", anchor=False)
        health_reasons.show(app, me, health)
    with right:
        st.subheader("Contacts", anchor=False)
        st.html(contacts)
    st.subheader("Timeline", anchor=False)
    timeline.show(app, me, held)
    mail_card.show_opened(app, me)


def money(arr: float | None) -> str:
    """A yearly amount in the workspace's currency."""
    return "–" if arr is None else f"{arr:,.0f}"


def _choose(app: App, me: Principal) -> None:
    st.title("Customer", anchor=False)
    with app.database.read() as session:
        customers = list_customers(session, me.workspace_id)
    chosen = st.selectbox(
        "Which customer?", customers, index=None, format_func=lambda held: held.name, key="choose-customer"
    )
    if chosen:
        st.query_params["id"] = str(chosen.id)
        st.rerun()


def _header(held: Customer, health: Health) -> None:
    st.title(inert.label(held.name), anchor=False)
    facts = {
        "Status": held.status,
        "Plan": held.plan,
        "ARR": money(held.arr),
        "Renewal": moment.day(held.renewal_date) if held.renewal_date else "–",
        "Segment": held.segment,
        "Owner": held.owner,
        "Domains": ", ".join(held.domains),
    }
    cells = [_fact(name, inert.html(value)) for name, value in facts.items() if value]
    st.html(f'<div class="lu-facts">{_fact("Health", health_badge.badge(health))}{"".join(cells)}</div>')
    for flag in health.flags:
        st.warning(inert.label(f"{_FLAG.get(flag.kind, flag.kind)}: {flag.explanation}"), icon=":material/flag:")


def _fact(name: str, value: str) -> str:
    return f'<div><span class="lu-head">{name}</span>{value}</div>'


def _contacts(session: Session, app: App, me: Principal, held: Customer) -> str:
    """HTML of the table; a contact's last contact is the newest mail from or to them on this timeline."""
    if not held.contacts:
        return '<div class="lu-muted">No contacts yet.</div>'
    rows = "".join(_contact(session, app, me, contact) for contact in held.contacts)
    head = "".join(f"<th>{name}</th>" for name in ("Contact", "Role", "Last contact"))
    return f'<table class="lu-table"><tr>{head}</tr>{rows}</table>'


def _contact(session: Session, app: App, me: Principal, contact: Contact) -> str:
    theirs = MailFilter(customer_ids=[contact.customer_id], people=[contact.email])
    newest = list_mails(session, me.workspace_id, theirs, newest_first=True, limit=1)
    last = moment.ago(newest[0].sent_at, app.clock()) if newest else "never"
    who = f'{inert.html(contact.name)}<div class="lu-muted">{inert.html(contact.email)}</div>'
    return f"<tr><td>{who}</td><td>{inert.html(contact.role or '–')}</td><td>{last}</td></tr>"
