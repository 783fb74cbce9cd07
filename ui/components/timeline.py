"""A customer's timeline: its filters, its entries newest first, and the files it is exported to."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import partial
from io import BytesIO, TextIOWrapper
from typing import Any, cast

import streamlit as st

from crm.customers import Customer
from crm.identity import Principal
from crm.mails import Direction
from crm.signals.terms import BUILT_IN, workspace_terms
from crm.timeline.export import ENCODING, Format, write
from crm.timeline.filter import Automatic, Filter
from crm.timeline.item import KINDS, Kind
from crm.timeline.page import addresses, read_all, read_page
from ui.components import timeline_row
from wiring.app import App

_PAGE = 20
_DIRECTIONS: dict[str, Direction] = {"Received": "inbound", "Sent": "outbound"}
_TONES = ("positive", "neutral", "negative")
_AUTOMATIC: dict[str, Automatic] = {"Hide": "hidden", "Only": "only"}
_KINDS: dict[Kind, str] = {"mail": "Mail", "note": "Notes", "health": "Health", "alert": "Alerts"}
_MIME = {"csv": "text/csv", "json": "application/json"}


def show(app: App, principal: Principal, customer: Customer) -> None:
    with app.database.read() as session:
        terms = sorted({*BUILT_IN, *workspace_terms(session, principal.workspace_id).values()})
        others = addresses(session, principal.workspace_id, customer.id)
    contacts = {held.email: f"{held.name} · {held.email}" if held.name else held.email for held in customer.contacts}
    people = contacts | {address: address for address in others if address not in contacts}
    chosen = _filters(app, principal, customer, people, terms)
    key = f"shown-{customer.id}"
    shown = st.session_state.get(key)
    # Another filter begins at its first page. A count of entries, so that one that comes in above moves none out of sight.
    count = shown[1] if shown and shown[0] == chosen else _PAGE
    with app.database.read() as session:
        page = read_page(session, principal.workspace_id, customer.id, chosen, limit=count)
    if not page.items:
        st.caption("Nothing here yet." if chosen == Filter() else "Nothing fits these filters.")
    for item in page.items:
        timeline_row.show(app, principal, item)
    if page.older is not None:
        st.button("Show older", key="older", on_click=_more, args=(key, chosen, count + _PAGE))


def _filters(
    app: App, principal: Principal, customer: Customer, people: dict[str, str], terms: list[str]
) -> Filter:  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="timeline-filters"):
        text = st.text_input("Text", key="filter-text", placeholder="Subject, text, person or file", width=210)
        person = st.selectbox(
            "Person", people, index=None, placeholder="Anybody", key="filter-person", width=180,
            format_func=lambda email: people.get(email, email),
        )  # fmt: skip
        direction = st.selectbox(
            "Direction", _DIRECTIONS, index=None, placeholder="Any", key="filter-direction", width=115
        )
        tone = st.selectbox("Tone", _TONES, index=None, placeholder="Any", key="filter-tone", width=115)
        dates = st.date_input("Dates", [], key="filter-dates", width=215)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="timeline-filters-more"):
        keyword = st.selectbox(
            "Critical word", terms, index=None, placeholder="Any", key="filter-keyword", width=130,
            format_func=lambda term: term.replace("_", " "),
        )  # fmt: skip
        kinds = st.multiselect(
            "Show",
            KINDS,
            key="filter-kinds",
            placeholder="Everything",
            width=145,
            format_func=lambda kind: _KINDS[kind],
        )
        automatic = st.selectbox(
            "Automatic", _AUTOMATIC, index=None, placeholder="Show", key="filter-automatic", width=115
        )
        name = st.text_input("Attachment", key="filter-file", placeholder="Words of its name", width=135)
        with st.container(horizontal=True, gap="small", width="content", key="timeline-checks"):
            attachment = st.checkbox("With attachment", key="filter-attachment")
            shared = st.checkbox("Shared only", key="filter-shared")
        since, until = _instants(dates, principal)
        chosen = Filter(
            since=since, until=until, person=person or "", direction=_DIRECTIONS[direction] if direction else None,
            tone=tone or "", keyword=keyword or "", attachment=attachment, attachment_name=name or "", text=text or "",
            shared=shared, automatic=_AUTOMATIC[automatic] if automatic else "shown", kinds=tuple(kinds),
        )  # fmt: skip
        with st.popover("Export", icon=":material/download:", key="timeline-export"):
            st.caption("What these filters show, from newest to oldest.")
            for form in ("csv", "json"):
                _download(app, principal, customer, chosen, form)
    return chosen


def _download(app: App, principal: Principal, customer: Customer, chosen: Filter, form: Format) -> None:
    st.download_button(
        form.upper(),
        partial(_exported, app, principal, customer.id, chosen, form),
        file_name=f"timeline-{customer.id}.{form}",
        mime=_MIME[form],
        key=f"export-{form}",
        on_click="ignore",
    )


def _exported(app: App, principal: Principal, customer_id: int, chosen: Filter, form: Format) -> bytes:
    """The file, made only when it is asked for."""
    file = BytesIO()
    stream = TextIOWrapper(file, encoding=ENCODING[form], newline="")
    with app.database.read() as session:
        write(read_all(session, principal.workspace_id, customer_id, chosen), stream, form, principal.zone)
    stream.flush()
    return file.getvalue()


def _instants(dates: Any, principal: Principal) -> tuple[datetime | None, datetime | None]:
    """From the first day's midnight to the end of the last day, in the workspace's zone."""
    days = cast(tuple[date, ...], tuple(dates) if isinstance(dates, (tuple, list)) else (dates,))
    if not days:
        return None, None
    first = datetime.combine(days[0], time.min, principal.zone)
    return first, datetime.combine(days[-1] + timedelta(days=1), time.min, principal.zone) if len(days) > 1 else None


def _more(key: str, chosen: Filter, count: int) -> None:
    st.session_state[key] = (chosen, count)
