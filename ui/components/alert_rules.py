"""When alerts are raised: switches, numbers, words, where they are told; tried on the past before they are saved."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import streamlit as st

from crm.alerts import wording
from crm.alerts.deliveries import unlinked
from crm.alerts.preview import Preview, preview
from crm.alerts.rules import KINDS, LIMITS, TERMS, Kind, Rules, Where, checked, own_terms, save_rules
from crm.health.wording import Language, term_name
from crm.identity import Principal
from ui import inert
from ui.components import moment
from ui.components.failure import failures
from wiring.app import App

_FOUND, _SAVED = "alert-preview", "alert-rules-saved"
_MOST = 200  # lines of a preview on the page
_SAYS: dict[Kind, str] = {
    "drop": "The health falls within 7 days by more than",
    "threshold": "The health falls below",
    "negative": "The last mails are all negative:",
    "silence": "No mail from the customer for more than",
    "keyword": "The customer writes one of these words",
    "unanswered": "The customer asks something and waits for us",
}
_SLACK = {"owner": "To the owner, in direct messages", "channel": "In a channel", "off": "Not in Slack"}
_LANGUAGES = {"en": "English", "es": "Español", "pt": "Português"}


def show(app: App, me: Principal, saved: Rules) -> None:
    with app.database.read() as session:
        terms = sorted(own_terms(session, me.workspace_id))
        untold = unlinked(session, me.workspace_id)
    if st.session_state.pop(_SAVED, False):
        st.success("Saved. Alerts follow within a minute.", icon=":material/check:")
    wanted = _form(saved, terms)
    if wanted.slack == "owner" and untold:
        st.caption(
            inert.label(
                f"Without a linked Slack account, told on this page only: {', '.join(untold)}. `/csm link` links one."
            )
        )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        look = st.button("Preview the last 90 days", key="alert-preview-now", icon=":material/history:")
        save = st.button("Save", key="alert-rules-save", type="primary", disabled=me.role != "admin" or wanted == saved)
        if me.role != "admin":
            st.caption("Only an admin of the workspace can save rules; everybody can try them.")
    with failures():
        if look:
            _look(app, me, checked(wanted, terms))
        if save:
            with app.database.write() as session:
                save_rules(session, app.clock, me, wanted)
            st.session_state[_SAVED] = True
            st.rerun()
    tried = st.session_state.get(_FOUND)
    if tried is not None:
        _preview(tried[1], me, wanted, stale=tried[0] != wanted)


def _form(saved: Rules, own: list[str]) -> Rules:
    """The inputs as rules, saved or not."""
    rules = saved
    for kind in KINDS:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"alert-rule-{kind}"):
            on = st.toggle(wording.title(kind, "en"), value=saved.alerts_on(kind), key=f"alert-on-{kind}", width=230)
            st.html(f'<span class="lu-cell">{_SAYS[kind]}</span>', width=330)
            rules = replace(rules, off=rules.off - {kind} if on else rules.off | {kind})
            rules = _terms(rules, own, on) if kind == "keyword" else _number(rules, kind, on)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        slack = st.selectbox(
            "Told in Slack", list(_SLACK), index=list(_SLACK).index(saved.slack), format_func=_SLACK.__getitem__,
            key="alert-slack", width=280,
        )  # fmt: skip
        channel = saved.channel
        if slack == "channel":
            channel = st.text_input(
                "Channel", saved.channel, key="alert-channel", placeholder="#customer-alerts", width=220
            )
        language = st.selectbox(
            "Language of alerts", list(_LANGUAGES), index=list(_LANGUAGES).index(saved.language),
            format_func=_LANGUAGES.__getitem__, key="alert-language", width=180,
        )  # fmt: skip
    return replace(rules, slack=cast(Where, slack), channel=channel.strip(), language=cast(Language, language))


def _number(rules: Rules, kind: Kind, on: bool) -> Rules:
    for name, limit in LIMITS.items():
        if not name.startswith(f"{kind}."):
            continue
        held = rules.number(name)
        kind_of = int if limit.whole else float
        value = st.number_input(
            name, kind_of(limit.least), kind_of(limit.most), kind_of(held), step=kind_of(1), key=f"alert-number-{name}",
            disabled=not on, label_visibility="collapsed", width=150, format=None if limit.whole else "%g",
        )  # fmt: skip
        st.html(f'<span class="lu-muted">{limit.unit}</span>', width="content")
        rules = rules.with_number(name, float(value))
    return rules


def _terms(rules: Rules, own: list[str], on: bool) -> Rules:
    choices = list(dict.fromkeys((*TERMS, *own, *rules.terms)))
    chosen = st.multiselect(
        "Words", choices, list(rules.terms), key="alert-terms", disabled=not on, placeholder="All critical words",
        label_visibility="collapsed", width=235, format_func=lambda term: inert.label(term_name(term, "en")),
    )  # fmt: skip
    return replace(rules, terms=tuple(chosen))


def _look(app: App, me: Principal, wanted: Rules) -> None:
    bar = st.progress(0.0, "Looking back…")
    with app.database.read() as session:
        found = preview(
            session, me.workspace_id, wanted, app.clock(),
            progress=lambda done, total: bar.progress(done / max(total, 1), "Looking back…"),
        )  # fmt: skip
    bar.empty()
    st.session_state[_FOUND] = (wanted, found)


def _preview(found: Preview, me: Principal, rules: Rules, *, stale: bool) -> None:
    count = "1 alert" if len(found.fired) == 1 else f"{len(found.fired)} alerts"
    st.subheader(f"{count} in the last 90 days", anchor=False)
    if stale:
        st.caption("The rules above have changed since: preview them again.")
    kinds = "".join(
        f'<span class="lu-chip {"lu-warn" if count else ""}">{inert.html(wording.title(kind, "en"))}: {count}</span>'
        for kind, count in found.by_kind().items()
    )
    customers = "".join(
        f'<span class="lu-chip">{inert.html(name)}: {count}</span>' for name, count in found.by_customer().items()
    )
    st.html(f'<div class="lu-chips">{kinds}</div><div class="lu-chips">{customers}</div>')
    if found.fired:
        st.html(table(found, me, rules))
    if len(found.fired) > _MOST:
        st.caption(f"The latest {_MOST} are shown; `lealup alerts preview` lists them all.")


def table(found: Preview, me: Principal, rules: Rules) -> str:
    """HTML: the alerts that would have been raised, the latest first."""
    rows = "".join(
        f"<tr><td>{moment.minute(held.at, me.zone)}</td><td>{inert.html(held.customer)}</td>"
        f"<td>{inert.html(wording.title(held.kind, rules.language))}</td><td>{inert.html(held.text(rules.language))}</td>"
        f"<td>{moment.minute(held.until, me.zone) if held.until else 'still holds'}</td></tr>"
        for held in reversed(found.fired[-_MOST:])
    )
    head = "".join(f"<th>{name}</th>" for name in ("Raised", "Customer", "Alert", "Why", "Ended"))
    return f'<table class="lu-table"><tr>{head}</tr>{rows}</table>'
