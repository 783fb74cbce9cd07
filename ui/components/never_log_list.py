"""What stays off every timeline, in Settings → Gmail: the never-log list, and the private conversations."""

from __future__ import annotations

import streamlit as st

from crm.identity import Principal
from crm.never_log import Entry, add_entry, entries_of, remove_entry
from ingestion.private_threads import Private, make_public, private_of
from ui import inert
from ui.components.failure import failures
from ui.deps import current_syncs
from wiring.app import App

_KIND = {"address": "address", "domain": "domain and its subdomains", "label": "Gmail label and those below it"}


def show(app: App, me: Principal) -> None:
    with app.database.read() as session:
        entries, private = entries_of(session, me), private_of(session, me)
    st.subheader("Never log", anchor=False)
    st.caption(
        "Mail with these people or labels is never read, linked or indexed, and what is stored of it is erased. "
        "Taking an entry off the list reads it again where it belongs to a customer."
    )
    for entry in entries:
        _entry(app, me, entry)
    _form(app, me)
    if private:
        st.subheader("Private conversations", anchor=False)
        st.caption("They are off every timeline, also where a colleague's mailbox holds the same mail.")
        for held in private:
            _private(app, me, held)


def _entry(app: App, me: Principal, entry: Entry) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        whose = ", for everybody" if entry.everybody else ""
        st.html(
            f'<span class="lu-subject">{inert.html(entry.value)}</span> '
            f'<span class="lu-muted">{_KIND[entry.kind]}{whose}</span>'
        )
        if entry.everybody and me.role != "admin":
            return
        if st.button("Remove", key=f"never-log-remove-{entry.id}", type="tertiary", icon=":material/close:"):
            with failures():
                with app.database.write() as session:
                    remove_entry(
                        session, app.clock, me, entry.value, label=entry.kind == "label", everybody=entry.everybody
                    )
                current_syncs().rules_changed(app, me)
                st.rerun()


def _form(app: App, me: Principal) -> None:
    with (
        st.form("never-log", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        value = st.text_input("Address, domain or label", key="never-log-value", width=280)
        kind = st.selectbox("Kind", ["Address or domain", "Gmail label"], key="never-log-kind", width=190)
        everybody = me.role == "admin" and st.checkbox("For everybody", key="never-log-everybody")
        added = st.form_submit_button("Add", key="never-log-add", icon=":material/add:")
    if added:
        with failures():
            with app.database.write() as session:
                add_entry(session, app.clock, me, value, label=kind == "Gmail label", everybody=bool(everybody))
            current_syncs().rules_changed(app, me)
            st.rerun()


def _private(app: App, me: Principal, held: Private) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        count = "1 mail" if held.mails == 1 else f"{held.mails} mails"
        st.html(
            f'<span class="lu-subject">{inert.html(held.subject or "(no subject)")}</span> '
            f'<span class="lu-muted">{count} in {inert.html(held.mailbox)}</span>'
        )
        if st.button("Not private", key=f"public-{held.mailbox}-{held.thread_id}", type="tertiary"):
            with failures():
                with app.database.write() as session:
                    make_public(session, app.clock, me, held.thread_id)
                current_syncs().start_all(app, me)
                st.rerun()
