"""Where a mail belongs, in its dialog: why it is here, taking it off a timeline, keeping its conversation private."""

from __future__ import annotations

import streamlit as st

from crm.identity import Principal
from crm.index.reindex import drop_hidden
from crm.mails import StoredMail
from ingestion.mailboxes import mailboxes_of
from ingestion.manual_links import unlink
from ingestion.private_threads import make_private
from ingestion.why import explain
from ui import inert
from ui.components.failure import failures
from wiring.app import App

_DONE = "belonging-done"


def show(app: App, me: Principal, mail: StoredMail) -> None:
    with app.database.read() as session:
        because = str(explain(session, me, mail.id)["explanation"])
        mine = {held.email for held in mailboxes_of(session, me)}
    with st.popover("Why is it here?", icon=":material/help:", key=f"belonging-{mail.id}"):
        st.caption(inert.label(because))
        for name in mail.customers:
            st.button(
                inert.label(f"Not {name}'s: this mail"), key=f"unlink-{mail.id}-{name}",
                on_click=_unlink, args=(app, me, mail, name, False),
            )  # fmt: skip
            st.button(
                inert.label(f"Not {name}'s: the whole conversation"), key=f"unlink-thread-{mail.id}-{name}",
                on_click=_unlink, args=(app, me, mail, name, True),
            )  # fmt: skip
        if mail.mailbox in mine:
            st.button(
                "Keep the conversation private", key=f"private-{mail.id}", icon=":material/lock:",
                on_click=_keep_private, args=(app, me, mail),
            )  # fmt: skip


def close_if_done() -> None:
    """At the beginning of a dialog: what it shows may just have left the timelines."""
    if st.session_state.pop(_DONE, False):
        st.rerun()


def _unlink(app: App, me: Principal, mail: StoredMail, customer: str, thread: bool) -> None:
    with failures():
        with app.database.write() as session:
            unlink(session, app.clock, me, mail.id, customer, thread=thread)
        _finish(app, me)


def _keep_private(app: App, me: Principal, mail: StoredMail) -> None:
    with failures():
        with app.database.write() as session:
            make_private(session, app.clock, me, mail.gmail_id)
        _finish(app, me)


def _finish(app: App, me: Principal) -> None:
    drop_hidden(app.database, app.index, me.workspace_id)
    st.session_state[_DONE] = True
