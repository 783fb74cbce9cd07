"""Alerts: what needs somebody's eyes now, what was done about it, and when alerts are raised."""

from __future__ import annotations

import streamlit as st

from crm.alerts.alert import Alert, list_alerts, list_handled
from crm.alerts.deliveries import told_of
from crm.alerts.rules import Rules, rules_of
from crm.customers import list_customers
from crm.identity import Principal
from ui import inert
from ui.components import alert_card, alert_rules, mail_card
from ui.deps import current_app, current_principal
from ui.screens import customer as customer_screen
from wiring.app import App

_EVERYBODY = "Everybody's"
_PAGE = 20
_LATEST = 20


def as_page() -> st.Page:
    return st.Page(page, title="Alerts", icon=":material/notifications:", url_path="alerts")


def page() -> None:
    app, me = current_app(), current_principal()
    st.title("Alerts", anchor=False)
    with app.database.read() as session:
        rules = rules_of(session, me.workspace_id)
    now, when = st.tabs(["Now", "Rules"], key="alert-tabs", on_change="rerun")
    with now:
        _now(app, me, rules)
    if when.open:
        with when:
            alert_rules.show(app, me, rules)
    mail_card.show_opened(app, me)


def _now(app: App, me: Principal, rules: Rules) -> None:
    with app.database.read() as session:
        names = {held.name: held.id for held in list_customers(session, me.workspace_id)}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        customer = st.selectbox(
            "Customer", list(names), index=None, key="alert-customer", placeholder="All customers", width=260
        )
        whose = st.segmented_control("Whose", [_EVERYBODY, "Mine"], default=_EVERYBODY, key="alert-whose")
    chosen = names.get(customer or "")
    with app.database.read() as session:
        found = list_alerts(session, me.workspace_id, app.clock(), customer_id=chosen)
        handled = list_handled(session, me.workspace_id, customer_id=chosen, limit=_LATEST)
    if whose == "Mine":
        found = tuple(held for held in found if held.owner_id == me.user_id)
        handled = tuple(held for held in handled if held.owner_id == me.user_id)
    asked = st.query_params.get("alert", "")
    found = tuple(sorted(found, key=lambda held: str(held.id) != asked))  # the one a message linked to comes first
    loud = [held for held in found if held.state(app.clock()) == "open"]
    quiet = [held for held in found if held not in loud]
    if not loud:
        st.caption("Nothing needs your eyes right now.")
    pages = -(-len(loud) // _PAGE)
    number = int(st.number_input("Page", 1, pages, key="alert-page")) if pages > 1 else 1
    _cards(app, me, rules, loud[(number - 1) * _PAGE : number * _PAGE])
    if quiet:
        with st.expander(f"Snoozed ({len(quiet)})", icon=":material/snooze:", expanded=len(quiet) <= 3):
            _cards(app, me, rules, quiet[:_PAGE])
    if handled:
        with st.expander(inert.label(f"Dismissed or resolved lately ({len(handled)})"), icon=":material/history:"):
            _cards(app, me, rules, handled)


def _cards(app: App, me: Principal, rules: Rules, alerts: list[Alert] | tuple[Alert, ...]) -> None:
    with app.database.read() as session:
        told = told_of(session, [held.id for held in alerts])
    for held in alerts:
        alert_card.show(app, me, held, rules, told.get(held.id), open_customer=_open_customer)


def _open_customer(customer_id: int) -> None:
    st.switch_page(customer_screen.as_page(), query_params={"id": str(customer_id)})
