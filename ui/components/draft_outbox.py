"""An approved draft on its way out: a countdown, or the moment it was scheduled for, and Undo.

The page sends it when its moment has come; whoever closes the page loses nothing, because the worker does the same.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from crm.errors import DraftConflict
from crm.identity import Principal
from outbox import approvals, drafts
from outbox.drafts import Draft
from ui import inert
from ui.components.draft_actions import attempt
from wiring.app import App

_NEAR = 60.0  # seconds: what leaves later is not counted down second by second
_LOOK = 30.0  # seconds between two looks at what leaves later


def show(app: App, principal: Principal, draft: Draft) -> None:
    """Redraws itself while the draft waits, and the page once it does not."""
    every = 1.0 if _seconds(app, draft) <= _NEAR else _LOOK
    st.fragment(_waiting, run_every=every)(app, principal, draft, every)


def _waiting(app: App, principal: Principal, drawn: Draft, every: float) -> None:
    if drawn.status == "sending":
        app.sender.give_up()  # whoever sends it may have died, and no worker may be there
    with app.database.read() as session:
        draft = drafts.get(session, principal, drawn.id)
    if draft.status == "approved" and _seconds(app, draft) <= 0:
        attempt(draft.id, partial(_leave, app, principal, draft))
        st.rerun()
    if draft.status != drawn.status or (every > 1.0 and _seconds(app, draft) <= _NEAR):
        st.rerun()
    if draft.status == "sending":  # another process has it; the page is drawn anew once it is settled
        st.html("<div>It is on its way…</div>")
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        # first the words: the second click of a double click on Send must not land on Undo
        st.html(f"<div>{inert.html(told(app, principal, draft))}</div>")
        st.button(
            "Undo", key=f"undo-{draft.id}-{draft.version}", icon=":material/undo:",
            on_click=attempt, args=(draft.id, partial(_undo, app, principal, draft)),
        )  # fmt: skip


def told(app: App, principal: Principal, draft: Draft) -> str:
    """When it leaves, for a person."""
    if draft.send_at is None:
        return "Leaves in a moment."
    seconds = _seconds(app, draft)
    if seconds <= _NEAR:
        return f"Leaves in {max(1, round(seconds))} s."
    return f"Leaves on {draft.send_at.astimezone(principal.zone):%A %Y-%m-%d at %H:%M} ({principal.timezone})."


def _leave(app: App, principal: Principal, draft: Draft) -> None:
    try:
        app.sender.send(principal, draft.id, sha256=draft.sha256)
    except DraftConflict:
        with app.database.read() as session:
            now = drafts.get(session, principal, draft.id)
        if now.status == "draft":  # back with its reason; anything else: the worker was faster
            raise


def _undo(app: App, principal: Principal, draft: Draft) -> None:
    with app.database.write() as session:
        approvals.undo(session, app.clock, principal, draft.id, sha256=draft.sha256)


def _seconds(app: App, draft: Draft) -> float:
    return (draft.send_at - app.clock()).total_seconds() if draft.send_at else 0.0
