"""One customer: facts, health with its reasons and its course, contacts, notes, and the timeline."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from crm.customers import Customer, get_customer, list_customers
from crm.health.assess import assess
from crm.health.history import snapshots
from crm.health.policy import policy_of
from crm.health.report import Health
from crm.identity import Principal
from ui import inert
from ui.components import (
    contacts,
    edit_form,
    health_badge,
    health_reasons,
    health_trend,
    mail_card,
    moment,
    notes,
    timeline,
)
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
        policy = policy_of(session, me.workspace_id)
        health = assess(session, me.workspace_id, held, app.clock(), policy=policy)
        today = policy.calendar.day_of(app.clock())
        kept = snapshots(session, held.id, since=today - timedelta(days=health_trend.DAYS - 1))
    _header(app, me, held, health, today)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Health", anchor=False)
        health_reasons.show(app, me, health)
    with right:
        st.subheader("Last 90 days", anchor=False)
        st.html(health_trend.chart(kept, today))
    st.subheader("Contacts", anchor=False)
    contacts.show(app, me, held)
    st.subheader("Notes", anchor=False)
    notes.show(app, me, held)
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


def _header(app: App, me: Principal, held: Customer, health: Health, today: date) -> None:
    form = f"customer-{held.id}"
    editing, seen = edit_form.opened(form)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(inert.label(held.name), anchor=False)
        st.button(
            "Edit", key="edit-customer", icon=":material/edit:", disabled=editing,
            on_click=edit_form.open_form, args=(form, held),
        )  # fmt: skip
    edit_form.show_said()
    if editing:
        edit_form.customer_form(app, me, seen)
    facts = {
        "Status": held.status,
        "ARR": money(held.arr),
        "Renewal": _renewal(held.renewal_date, today),
        "Owner": held.owner,
        "Plan": held.plan,
        "Segment": held.segment,
        "Domains": ", ".join(held.domains),
    }
    cells = [_fact(name, inert.html(value)) for name, value in facts.items() if value]
    st.html(f'<div class="lu-facts">{_fact("Health", health_badge.badge(health))}{"".join(cells)}</div>')
    for flag in health.flags:
        st.warning(inert.label(f"{_FLAG.get(flag.kind, flag.kind)}: {flag.explanation}"), icon=":material/flag:")


def _renewal(day: date | None, today: date) -> str:
    """18 Jul 2025 (in 30 days)"""
    if day is None:
        return "–"
    away = (day - today).days
    days = f"{abs(away):,} day{'' if abs(away) == 1 else 's'}"
    return f"{moment.day(day)} ({'today' if not away else f'in {days}' if away > 0 else f'{days} ago'})"


def _fact(name: str, value: str) -> str:
    return f'<div><span class="lu-head">{name}</span>{value}</div>'
