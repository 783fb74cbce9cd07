"""Settings → Gmail: connect, allow replies, see where every mailbox stands, disconnect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st

from crm import schema
from crm.identity import Principal
from gmail.oauth import can_send
from ingestion.coverage import coverage
from ingestion.mailboxes import mailboxes_of
from ingestion.reasons import LABELS
from ingestion.status import alarm_of
from ui import inert
from ui.components import attachments_switch, connect_link, deletion_request, moment, never_log_list
from ui.components.failure import failures
from ui.components.failure import show as show_failure
from ui.deps import current_app, current_principal, current_syncs
from wiring.app import App

_STATE = {
    "connected": ("Connected", "lu-good"),
    "backfilling": ("Reading the past mail", "lu-warn"),
    "syncing": ("Syncing", "lu-good"),
    "slowed": ("Slowed by Gmail's quota", "lu-warn"),
    "disconnected": ("Disconnected", "lu-bad"),
}
_PHASE = {
    "associating": "Applying changed customers and filters",
    "listing": "Listing",
    "fetching": "Reading mail",
    "changes": "Reading changes",
    "attachments": "Reading attachments",
    "indexing": "Indexing",
}


@dataclass(kw_only=True)
class Pace:
    """Where a phase stood when it was first seen, to tell how long the rest takes."""

    phase: str
    done: int
    since: datetime


def as_page() -> st.Page:
    return st.Page(page, title="Gmail", icon=":material/mail:", url_path="settings")


def page() -> None:
    app, me = current_app(), current_principal()
    st.title("Gmail", anchor=False)
    if st.query_params.get("connected"):
        st.success("Gmail is connected.", icon=":material/check:")
    with app.database.read() as session:
        count = len(mailboxes_of(session, me))
    if not count:
        st.html(
            "<p>Connect your own Gmail. LealUp reads the mail you exchange with your customers "
            "and never changes anything in your mailbox.</p>"
        )
    _mailboxes()
    words = "Connect another account" if count else "Connect Gmail (read only)"
    connect_link.show(app, words, send=False, key="connect", primary=not count)
    if count:
        never_log_list.show(app, me)
        attachments_switch.show(app, me)


@st.fragment(run_every=2)
def _mailboxes() -> None:
    """Every mailbox of the user, fresh every two seconds."""
    with failures():
        app, me = current_app(), current_principal()
        with app.database.read() as session:
            found = [(mailbox, coverage(session, mailbox)) for mailbox in mailboxes_of(session, me)]
        for mailbox, counted in found:
            with st.container(border=True, key=f"mailbox-{mailbox.id}"):
                _mailbox(app, me, mailbox, counted)
        deletion_request.receipts(app, me)


def _mailbox(app: App, me: Principal, mailbox: schema.Mailbox, counted: dict[str, Any]) -> None:
    word, colour = _STATE.get(mailbox.state, (mailbox.state, ""))
    success = moment.ago(mailbox.last_success_at, app.clock()) if mailbox.last_success_at else "never"
    st.html(
        f'<div class="lu-row"><b>{inert.html(mailbox.email)}</b>'
        f'<span class="lu-health {colour}"><span class="lu-dot"></span>{inert.html(word)}</span>'
        f'<span class="lu-when">Last success: {success}</span></div>'
    )
    if mailbox.cause:
        st.warning(inert.label(mailbox.cause), icon=":material/info:")
    if mailbox.sealed_revocation:
        st.info("Google can't be reached: the revocation is repeated until Google has heard it.")
    if alarm := alarm_of(mailbox, app.clock()):
        st.warning(inert.label(alarm), icon=":material/running_with_errors:")
    failed = current_syncs().failure(mailbox.id)
    if failed and not mailbox.cause:
        show_failure(failed)
    _progress(app, mailbox, counted)
    _coverage(counted)
    _buttons(app, me, mailbox)


def _progress(app: App, mailbox: schema.Mailbox, counted: dict[str, Any]) -> None:
    progress = app.worker.progress(mailbox.id)
    if progress is not None:
        phase, done, total = progress.phase, progress.done, progress.total
    elif counted["pending"] and mailbox.sealed_token:  # another process syncs it: the rows tell
        phase, done, total = "fetching", counted["listed"] - counted["pending"], counted["listed"]
    else:
        return
    words = _PHASE.get(phase, phase)
    if not total:
        st.progress(0.0, text=f"{words}…")
        return
    rest = _eta(app, mailbox.id, phase, done, total)
    st.progress(min(1.0, done / total), text=f"{words}: {done:,} of {total:,}{rest}")


def _eta(app: App, mailbox_id: int, phase: str, done: int, total: int) -> str:
    """How long the rest takes at the pace seen so far; nothing while there is no pace."""
    key, now = f"pace-{mailbox_id}", app.clock()
    pace = st.session_state.get(key)
    if not isinstance(pace, Pace) or pace.phase != phase or pace.done > done:
        pace = st.session_state[key] = Pace(phase=phase, done=done, since=now)
    spent = (now - pace.since).total_seconds()
    if done <= pace.done or spent <= 0:
        return ""
    return f" · about {moment.span((total - done) * spent / (done - pace.done))} left"


def _coverage(counted: dict[str, Any]) -> None:
    rows = [("Listed in Gmail", counted["listed"]), ("Stored, on a timeline", counted["stored"])]
    rows += [(f"Left out: {LABELS.get(reason, reason)}", n) for reason, n in counted["filtered"].items()]
    rows += [("Set aside, unreadable", counted["quarantined"]), ("Still to be read", counted["pending"])]
    body = "".join(f"<tr><td>{inert.html(name)}</td><td>{number:,}</td></tr>" for name, number in rows)
    with st.expander(f"Coverage: {counted['stored']:,} of {counted['listed']:,} mails are on a timeline"):
        st.html(f'<table class="lu-table">{body}</table>')


def _buttons(app: App, me: Principal, mailbox: schema.Mailbox) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if not mailbox.sealed_token or mailbox.state == "disconnected":
            # with the permissions it had: who could reply before should not lose it by reconnecting
            send = can_send(mailbox.scopes)
            connect_link.show(
                app, "Reconnect", send=send, key=f"reconnect-{mailbox.id}", primary=True, mailbox=mailbox.email
            )
        else:
            _connected_buttons(app, me, mailbox)
        deletion_request.button(app, me, mailbox)


def _connected_buttons(app: App, me: Principal, mailbox: schema.Mailbox) -> None:
    if st.button("Sync now", key=f"sync-{mailbox.id}", icon=":material/sync:"):
        current_syncs().start(app, mailbox.id)
    if can_send(mailbox.scopes):
        st.html('<span class="lu-chip lu-good">Reply from LealUp is on</span>', width="content")
    else:
        connect_link.show(
            app, "Enable “Reply from LealUp”", send=True, key=f"enable-{mailbox.id}", mailbox=mailbox.email
        )
    with st.popover("Disconnect", icon=":material/link_off:", key=f"disconnect-{mailbox.id}"):
        st.caption("Google revokes the access. Mail that is already on a timeline stays.")
        if st.button("Yes, disconnect", key=f"disconnect-now-{mailbox.id}"):
            app.access.disconnect(me, mailbox.id)
            st.rerun()
