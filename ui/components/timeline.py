"""A customer's timeline: its filters and its rows, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, cast

import streamlit as st
from sqlalchemy.orm import Session

from crm.customers import Customer
from crm.folding import fold
from crm.identity import Principal
from crm.mails import Direction, MailFilter, StoredMail, list_mails
from crm.signals.terms import BUILT_IN, workspace_terms
from ui.components import timeline_row
from wiring.app import App

_PAGE = 20
_READ = 100  # mails read at a time while a text is looked for
_DIRECTIONS: dict[str, Direction] = {"Received": "inbound", "Sent": "outbound"}
_TONES = ("positive", "neutral", "negative")


def show(app: App, principal: Principal, customer: Customer) -> None:
    with app.database.read() as session:
        terms = sorted({*BUILT_IN, *workspace_terms(session, principal.workspace_id).values()})
    chosen, text = _filters(principal, customer, terms)
    key = f"shown-{customer.id}"
    wanted = st.session_state.get(key, _PAGE)
    with app.database.read() as session:
        found = list(islice(_matching(session, principal, chosen, text), wanted + 1))
    if not found:
        st.caption("No mail fits these filters." if text or chosen != _everything(customer) else "No mail yet.")
    for mail in found[:wanted]:
        timeline_row.show(app, principal, mail)
    if len(found) > wanted:
        st.button("Show older mail", key="older", on_click=_more, args=(key, wanted + _PAGE))


def _filters(principal: Principal, customer: Customer, terms: list[str]) -> tuple[MailFilter, str]:
    people = {contact.email: contact.name or contact.email for contact in customer.contacts}
    with st.container(horizontal=True, vertical_alignment="bottom", key="timeline-filters"):
        text = st.text_input("Text", key="filter-text", placeholder="Subject, text or person", width=240)
        person = st.selectbox(
            "Person",
            people,
            index=None,
            placeholder="Any",
            format_func=lambda email: people[email],
            key="filter-person",
            width=190,
        )
        direction = st.selectbox(
            "Direction", _DIRECTIONS, index=None, placeholder="Any", key="filter-direction", width=140
        )
        tone = st.selectbox("Tone", _TONES, index=None, placeholder="Any", key="filter-tone", width=140)
        keyword = st.selectbox(
            "Critical word", terms, index=None, placeholder="Any", key="filter-keyword", width=170,
            format_func=lambda term: term.replace("_", " "),
        )  # fmt: skip
        dates = st.date_input("Dates", [], key="filter-dates", width=230)
        attachment = st.checkbox("With attachment", key="filter-attachment")
    since, until = _instants(dates, principal)
    return MailFilter(
        customer_ids=(customer.id,),
        people=(person,) if person else (),
        since=since,
        until=until,
        direction=_DIRECTIONS[direction] if direction else None,
        tone=tone,
        keyword=keyword,
        with_attachment=attachment,
    ), fold(text or "")


def _instants(dates: Any, principal: Principal) -> tuple[datetime | None, datetime | None]:
    """From the first day's midnight to the end of the last day, in the workspace's zone."""
    days = cast(tuple[date, ...], tuple(dates) if isinstance(dates, (tuple, list)) else (dates,))
    if not days:
        return None, None
    first = datetime.combine(days[0], time.min, principal.zone)
    return first, datetime.combine(days[-1] + timedelta(days=1), time.min, principal.zone) if len(days) > 1 else None


def _matching(session: Session, principal: Principal, chosen: MailFilter, text: str) -> Iterator[StoredMail]:
    offset = 0
    while mails := list_mails(session, principal.workspace_id, chosen, newest_first=True, limit=_READ, offset=offset):
        yield from (mail for mail in mails if not text or text in _haystack(mail))
        offset += _READ


def _haystack(mail: StoredMail) -> str:
    people = (mail.sender, *mail.to, *mail.cc)
    files = (file.name for file in mail.attachments)
    return fold(" ".join((mail.subject, mail.new_text, *(f"{held.name} {held.email}" for held in people), *files)))


def _everything(customer: Customer) -> MailFilter:
    return MailFilter(customer_ids=(customer.id,))


def _more(key: str, count: int) -> None:
    st.session_state[key] = count
