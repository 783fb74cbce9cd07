"""The contacts of a customer: role, last contact, and the health of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from crm.customers import Contact, Customer
from crm.health.assess import assess_contact
from crm.health.policy import policy_of
from crm.health.report import Health
from crm.identity import Principal
from crm.last_contact import last_contacts_of_people
from ui import inert
from ui.components import edit_form, health_badge, moment
from wiring.app import App

_SHOWN = 12  # contacts; each costs an assessment
_WIDTHS = (2.4, 1.2, 1.2, 1.8, 0.7)


def show(app: App, me: Principal, customer: Customer) -> None:
    everybody = f"all-contacts-{customer.id}"
    shown = customer.contacts if st.session_state.get(everybody) else customer.contacts[:_SHOWN]
    with app.database.read() as session:
        emails = [contact.email for contact in shown]
        last = last_contacts_of_people(session, me.workspace_id, customer.id, emails)
        policy = policy_of(session, me.workspace_id)
        healths = {
            contact.id: assess_contact(session, me.workspace_id, customer, contact, app.clock(), policy=policy)
            for contact in shown
        }
    if not customer.contacts:
        st.caption("No contacts yet.")
    for contact in shown:
        _contact(app, me, contact, healths[contact.id], last)
    if len(shown) < len(customer.contacts):
        st.button(
            f"Show all {len(customer.contacts)} contacts", key=everybody + "-now", type="tertiary",
            on_click=st.session_state.__setitem__, args=(everybody, True),
        )  # fmt: skip
    adding, _ = edit_form.opened(f"contact-new-{customer.id}")
    if adding:
        edit_form.contact_form(app, me, customer.id, None)
    else:
        st.button(
            "Add a contact", key="contact-add", type="tertiary", icon=":material/person_add:",
            on_click=edit_form.open_form, args=(f"contact-new-{customer.id}",),
        )  # fmt: skip


def _contact(app: App, me: Principal, contact: Contact, health: Health, last: Mapping[str, datetime]) -> None:
    with st.container(key=f"contact-row-{contact.id}"):
        who, role, seen, score, edit = st.columns(_WIDTHS, vertical_alignment="center")
    who.html(
        f'<span class="lu-cell">{inert.html(contact.name)}</span>'
        f'<div class="lu-muted lu-wrap">{inert.html(contact.email)}</div>'
    )
    role.html(f'<span class="lu-cell">{inert.html(contact.role or "–")}</span>')
    at = last.get(contact.email)
    when = moment.ago(at, app.clock()) if at else "never"
    seen.html(f'<span class="lu-cell lu-muted">{when}</span>')
    # The browser's own disclosure: the reason by a click, also on a telephone, and without a run of the page.
    score.html(
        f'<details class="lu-why"><summary title="{inert.html(health.summary)}">'
        f"{health_badge.badge(health, unknown='N/A')}</summary>{inert.html(health.summary)}</details>"
    )
    form = f"contact-{contact.id}"
    edit.button("Edit", key=f"edit-{form}", type="tertiary", on_click=edit_form.open_form, args=(form, contact))
    editing, before = edit_form.opened(form)
    if editing:
        edit_form.contact_form(app, me, contact.customer_id, before)
