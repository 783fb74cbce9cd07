"""One alert: why it was raised, its mails, whose it is, and what its owner can do about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import streamlit as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import schema
from crm.alerts import handling
from crm.alerts.alert import Alert
from crm.alerts.deliveries import Told
from crm.alerts.rules import Rules
from crm.errors import LealUpError
from crm.health.policy import policy_of
from crm.identity import Principal
from crm.mails import StoredMail, get_mails
from crm.trace import operation
from ui import inert
from ui.components import mail_card, moment
from ui.components.failure import describe
from wiring.app import App

_MOST_MAILS = 5
_COLOUR = {"drop": "lu-bad", "threshold": "lu-bad", "negative": "lu-bad", "keyword": "lu-bad"}
_SNOOZES = {"1d": "1 day", "business-day": "Until the next business day", "1w": "1 week"}


def show(
    app: App, me: Principal, alert: Alert, rules: Rules, told: Told | None, *, open_customer: Callable[[int], None]
) -> None:
    now = app.clock()
    with app.database.read() as session:
        mails = get_mails(session, me.workspace_id, alert.mail_ids)
    with st.container(border=True, key=f"alert-{alert.id}", gap="xsmall"):
        st.html(summary(alert, rules, now, me))
        for mail in sorted(mails.values(), key=lambda held: held.sent_at)[-_MOST_MAILS:]:
            _mail(alert, mail, me)
        gone = len(alert.mail_ids) - len(mails)
        if gone and alert.state(now) != "resolved":
            st.html(f'<div class="lu-muted">{gone} of its mails can no longer be shown here.</div>')
        if note := telling(told, rules, me):
            st.html(f'<div class="lu-muted">{inert.html(note)}</div>')
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if st.button(inert.label(alert.customer), key=f"alert-customer-{alert.id}", icon=":material/person:"):
                open_customer(alert.customer_id)
            if alert.state(now) in ("open", "snoozed"):
                _actions(app, me, alert)
        if text := st.session_state.pop(_noted(alert), ""):
            st.error(inert.label(text), icon=":material/error:")


def summary(alert: Alert, rules: Rules, now: datetime, me: Principal) -> str:
    """HTML: the kind, the customer, since when, why, whose, and what became of it."""
    colour = _COLOUR.get(alert.kind, "lu-warn") if alert.state(now) == "open" else ""
    owner = f"Owner: {alert.owner or 'nobody yet'}"
    return (
        f'<div class="lu-row"><span class="lu-health {colour}">{inert.html(alert.title(rules.language))}</span>'
        f'<span class="lu-subject">{inert.html(alert.customer)}</span>'
        f'<span class="lu-when">{moment.minute(alert.opened_at, me.zone)}</span></div>'
        f'<div class="lu-body">{inert.html(alert.text(rules.language))}</div>'
        f'<div class="lu-muted">{inert.html(" · ".join(filter(None, (owner, _fate(alert, now, me)))))}</div>'
    )


def telling(told: Told | None, rules: Rules, me: Principal) -> str:
    """What went wrong with telling it in Slack; "" when nothing did."""
    if told is None or rules.slack == "off":
        return ""
    if told.state == "failed" and told.retry_at is not None:
        again = moment.minute(told.retry_at, me.zone)
        return f"Slack has not taken it yet ({told.error}, attempt {told.attempts}); it is tried again at {again}."
    if told.state == "lost":
        return f"It may not have reached Slack ({told.error}); it is not posted twice."
    return ""


def _fate(alert: Alert, now: datetime, me: Principal) -> str:
    by = f" by {alert.handled_by}" if alert.handled_by else ""
    match alert.state(now):
        case "resolved" if alert.ended_at is not None:
            return f"Resolved {moment.minute(alert.ended_at, me.zone)}"
        case "dismissed":
            return f"Dismissed{by}"
        case "snoozed" if alert.snoozed_until is not None:
            return f"Snoozed until {moment.minute(alert.snoozed_until, me.zone)}{by}"
        case _:
            return ""


def _mail(alert: Alert, mail: StoredMail, me: Principal) -> None:
    said = [mark.sentence for mark in mail.keywords if mark.term == alert.term and not mark.negated]
    quote = said[0] if alert.term and said else ""
    line = f"{moment.day(mail.sent_at.astimezone(me.zone))} · {mail.subject or '(no subject)'}"
    st.button(
        inert.label(line), key=f"alert-mail-{alert.id}-{mail.id}", type="tertiary", icon=":material/mail:",
        on_click=mail_card.open_mail, args=(mail.id, quote),
    )  # fmt: skip
    if quote:
        st.html(f'<div class="lu-body lu-muted">“{inert.html(quote)}”</div>')


def _actions(app: App, me: Principal, alert: Alert) -> None:
    if not handling.may_handle(me, alert):
        st.caption("Its owner or an admin can snooze, dismiss or assign it.")
        return
    # A new key once it has done its work: an open popover would stay open wherever its card goes.
    seen = f"{alert.id}-{alert.owner_id}-{int(alert.snoozed_until.timestamp()) if alert.snoozed_until else 0}"
    with st.popover("Snooze", icon=":material/snooze:", key=f"alert-quiet-{seen}"):
        for until, label in _SNOOZES.items():
            st.button(label, key=f"alert-snooze-{alert.id}-{until}", on_click=_snooze, args=(app, me, alert, until))
        day = st.date_input("Until a day", None, key=f"alert-until-{alert.id}", format="YYYY-MM-DD")
        st.button(
            "Snooze until then", key=f"alert-snooze-{alert.id}-day", disabled=day is None,
            on_click=_snooze, args=(app, me, alert, day.isoformat() if day else ""),
        )  # fmt: skip
    st.button(
        "Dismiss", key=f"alert-dismiss-{alert.id}", icon=":material/close:",
        on_click=_attempt,
        args=(app, alert, lambda session: handling.dismiss(session, app.clock, me, alert.id)),
    )  # fmt: skip
    with st.popover("Assign", icon=":material/person_add:", key=f"alert-give-{seen}"):
        people = _people(app, me)
        to = st.selectbox(
            "To", people, index=people.index(alert.owner) if alert.owner in people else None,
            key=f"alert-to-{alert.id}",
        )  # fmt: skip
        st.button(
            "Assign", key=f"alert-assign-{alert.id}-now", disabled=not to or to == alert.owner,
            on_click=_attempt,
            args=(app, alert, lambda session: handling.assign(session, app.clock, me, alert.id, to or "")),
        )  # fmt: skip


def _people(app: App, me: Principal) -> list[str]:
    user = schema.User
    with app.database.read() as session:
        return list(
            session.scalars(select(user.email).where(user.workspace_id == me.workspace_id).order_by(user.email))
        )


def _snooze(app: App, me: Principal, alert: Alert, until: str) -> None:
    def act(session: Session) -> Alert:
        calendar = policy_of(session, me.workspace_id).calendar
        end = handling.snooze_end(until, app.clock(), calendar)
        return handling.snooze(session, app.clock, me, alert.id, end)

    _attempt(app, alert, act)


def _attempt(app: App, alert: Alert, act: Callable[[Session], Alert]) -> None:
    """One click's action; whether it is the first is decided by the database."""
    with operation() as trace_id:
        try:
            with app.database.write() as session:
                act(session)
        except LealUpError as error:
            st.session_state[_noted(alert)] = describe(error, trace_id)


def _noted(alert: Alert) -> str:
    return f"note-alert-{alert.id}"
