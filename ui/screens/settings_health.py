"""Settings → Health: how the score is weighed, when the workspace works, figures from outside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from crm.api_tokens import create_token, list_tokens, revoke_token
from crm.health.calendar import country_of
from crm.health.feeding import fed_names, import_figures
from crm.health.policy import NO_HOLIDAYS, PRESETS, Policy, policy_of, save_policy
from crm.health.wording import dimension_name
from crm.identity import Principal
from ui import inert
from ui.components import moment
from ui.components.failure import failures
from ui.components.import_report import show as show_report
from ui.deps import current_app, current_principal
from wiring.app import App

_PRESETS = {
    "balanced": "Balanced",
    "relationship": "Relationship first",
    "product_led": "Product led",
    "support_led": "Support led",
    "custom": "Our own weights",
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def as_page() -> st.Page:
    return st.Page(page, title="Health", icon=":material/monitor_heart:", url_path="settings-health")


def page() -> None:
    app, me = current_app(), current_principal()
    st.title("Health", anchor=False)
    with app.database.read() as session:
        policy = policy_of(session, me.workspace_id)
    if me.role != "admin":
        st.info("Only an admin can change this page.", icon=":material/lock:")
    _scoring(app, me, policy)
    _figures(app, me)
    if me.role == "admin":
        _tokens(app, me)


def _scoring(app: App, me: Principal, policy: Policy) -> None:
    st.subheader("Score", anchor=False)
    st.caption(
        "The score is the sum of each dimension's value times its share. A dimension without data is left out and its "
        "weight is shared out among the others."
    )
    names = list(_PRESETS)
    preset = st.selectbox(
        "Weights", names, index=names.index(policy.preset), key="preset", format_func=lambda name: _PRESETS[name]
    )
    with app.database.read() as session:
        fed = fed_names(session, me.workspace_id)
    # A preset says nothing of the workspace's own dimensions: they stay, and one that was just fed can be given a weight.
    base: dict[str, float] = {**dict.fromkeys(fed, 0.0), **policy.weights, **PRESETS.get(preset, {})}
    with st.form("scoring", border=True):
        weights = _weights(base, preset)
        opens, closes, days, country = _hours(policy)
        wanted = st.form_submit_button("Save", key="scoring-save", type="primary", disabled=me.role != "admin")
    if not wanted:
        return
    with failures(), st.spinner("Saving…"):
        with app.database.write() as session:
            save_policy(
                session, app.clock, me, weights=weights, opens=opens, closes=closes, weekdays=days, country=country
            )
        st.toast("Saved. Scores are being computed again.", icon=":material/check:")


def _weights(base: Mapping[str, float], preset: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for column, (name, points) in zip(st.columns(len(base)), base.items(), strict=True):
        # The preset is part of the key: another one shows its own numbers.
        found[name] = float(
            column.number_input(
                inert.label(dimension_name(name, "en")), 0.0, 1000.0, float(points), 5.0, format="%g",
                key=f"weight-{preset}-{name}",
            )
        )  # fmt: skip
    return found


def _hours(policy: Policy) -> tuple[time, time, list[int], str]:
    calendar = policy.calendar
    left, middle, right = st.columns([1, 1, 2])
    opens = left.time_input("Business opens", calendar.opens, key="opens")
    closes = middle.time_input("Business closes", calendar.closes, key="closes")
    own = country_of(calendar.zone.key)
    country = right.text_input(
        "Public holidays of",
        calendar.country or NO_HOLIDAYS.lower(),
        key="country",
        help=f"A country (ES, BR, US) or a part of it (ES-MD); “{NO_HOLIDAYS.lower()}” counts none. "
        f"The time zone {calendar.zone.key} is {f'in {own}' if own else 'in no country'}.",
    )
    days = st.multiselect(
        "Business days", range(7), sorted(calendar.weekdays), format_func=lambda day: _DAYS[day], key="weekdays"
    )
    return opens, closes, list(days), "" if country.strip().upper() == own else country


def _figures(app: App, me: Principal) -> None:
    st.subheader("Figures from outside", anchor=False)
    st.caption(
        "Usage, support or any dimension of your own, 0 to 100. Columns: customer, dimension, value, day. "
        "A figure counts for 90 days, or until the next one."
    )
    with st.form("figures", border=False):
        file = st.file_uploader("CSV of figures", type="csv", key="csv-figures")
        wanted = st.form_submit_button("Import figures", key="figures-import")
    if not wanted or file is None:
        return
    with failures(), st.spinner("Importing…"), TemporaryDirectory() as folder:
        path = Path(folder) / Path(file.name).name
        path.write_bytes(file.getvalue())
        with app.database.write() as session:
            now = app.clock()
            today = policy_of(session, me.workspace_id).calendar.day_of(now)
            report = import_figures(session, me.workspace_id, path, now=now, today=today)
        show_report("figures", report)


def _tokens(app: App, me: Principal) -> None:
    st.subheader("API tokens", anchor=False)
    st.caption(
        f"Another system may send figures to {app.settings.base_url}/api/dimensions with a token. "
        "A token can do nothing else."
    )
    with app.database.read() as session:
        held = list_tokens(session, me.workspace_id)
    for token in held:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            used = f"used {moment.ago(token.used_at, app.clock())}" if token.used_at else "never used"
            st.html(f'<span class="lu-subject">{inert.html(token.name)}</span> <span class="lu-muted">{used}</span>')
            if st.button("Revoke", key=f"token-revoke-{token.id}", type="tertiary", icon=":material/close:"):
                with failures():
                    with app.database.write() as session:
                        revoke_token(session, app.clock, me, token.id)
                    st.rerun()
    with (
        st.form("token", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.text_input("System", key="token-name", placeholder="Such as Mixpanel", width=280)
        wanted = st.form_submit_button("Make a token", key="token-make", icon=":material/add:")
    if wanted:
        with failures():
            with app.database.write() as session:
                secret = create_token(session, app.clock, me, name)
            st.success("Copy it now, it is not shown again.", icon=":material/key:")
            st.code(secret, language=None)
