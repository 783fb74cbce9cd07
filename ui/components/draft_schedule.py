"""Sending later: a day and a time in the workspace's time zone, chosen by the human who approves."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial

import streamlit as st

from crm.identity import Principal
from outbox.approvals import approve_shown
from outbox.drafts import Draft
from outbox.schedule import LATEST, local_moment
from ui.components.draft_actions import attempt
from wiring.app import App

_MORNING = time(9, 0)


def show(app: App, principal: Principal, draft: Draft) -> None:
    """The popover beside Send."""
    seen = f"{draft.id}-{draft.version}"
    today = app.clock().astimezone(principal.zone).date()
    with st.popover("Send later", icon=":material/schedule_send:"):
        st.date_input(
            "Day", _next_workday(app.clock().astimezone(principal.zone)), min_value=today,
            max_value=today + LATEST, key=f"day-{seen}", format="YYYY-MM-DD",
        )  # fmt: skip
        st.time_input(f"Time ({principal.timezone})", _MORNING, key=f"time-{seen}")
        st.button(
            "Approve and send then", key=f"schedule-{seen}", type="primary", disabled=draft.blocked,
            on_click=attempt, args=(draft.id, partial(_schedule, app, principal, draft)),
        )  # fmt: skip


def _schedule(app: App, principal: Principal, draft: Draft) -> None:
    """What the inputs show at the click: a page that has not drawn them again yet would hand on what they were."""
    seen = f"{draft.id}-{draft.version}"
    day, clock = st.session_state[f"day-{seen}"], st.session_state[f"time-{seen}"]
    approve_shown(
        app.database, app.clock, principal, draft.id, sha256=draft.sha256, warned=draft.warned, face="web",
        send_at=local_moment(day, clock, principal.zone),
    )  # fmt: skip


def _next_workday(now: datetime) -> datetime:
    """Tomorrow, or Monday after a Friday."""
    day = now + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day
