"""The notes on a customer: writing one, and those that are there, newest first."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from crm.customers import Customer
from crm.identity import Principal
from crm.mails import MailFilter, StoredMail, get_mails, list_mails
from crm.notes import LONGEST, Note, add_note, edit_note, notes_of, remove_note
from ui import inert
from ui.components import mail_card, moment
from ui.components.failure import failures
from wiring.app import App

_SHOWN = 5
_OFFERED = 15  # mails that a note may be about, the newest
_EDITING = "note-editing"


def show(app: App, me: Principal, customer: Customer) -> None:
    everything = f"all-notes-{customer.id}"
    with app.database.read() as session:
        notes = notes_of(session, me.workspace_id, customer.id)
        shown = notes if st.session_state.get(everything) else notes[:_SHOWN]
        about = get_mails(session, me.workspace_id, {note.mail_id for note in shown if note.mail_id})
        newest = list_mails(
            session, me.workspace_id, MailFilter(customer_ids=[customer.id]), newest_first=True, limit=_OFFERED
        )
    _form(app, me, customer, newest)
    for note in shown:
        _note(app, me, note, about.get(note.mail_id or ""))
    if len(shown) < len(notes):
        st.button(
            f"Show all {len(notes)} notes", key="all-notes", type="tertiary",
            on_click=st.session_state.__setitem__, args=(everything, True),
        )  # fmt: skip


def _form(app: App, me: Principal, customer: Customer, newest: Collection[StoredMail]) -> None:
    names = {mail.id: _name(mail, me) for mail in newest}
    with st.form(f"note-new-{customer.id}", clear_on_submit=True, enter_to_submit=False, border=False):
        text = st.text_area(
            "New note", key="note-text", max_chars=LONGEST, height=80, label_visibility="collapsed",
            placeholder="Write a note for the team",
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            mail_id = st.selectbox(
                "About a mail", list(names), index=None, key="note-mail", placeholder="About a mail (optional)",
                format_func=lambda held: names[held], label_visibility="collapsed", width=340,
            )  # fmt: skip
            wanted = st.form_submit_button("Add note", key="note-add", icon=":material/note_add:")
    if wanted:
        with failures():
            with app.database.write() as session:
                add_note(session, app.clock, me, customer.id, text, mail_id=mail_id or "")
            st.rerun()


def _note(app: App, me: Principal, note: Note, mail: StoredMail | None) -> None:
    edited = " · edited" if note.edited_at else ""
    with st.container(key=f"note-{note.id}", border=True, gap="small"):
        head = f"{note.author} · {moment.minute(note.created_at, me.zone)}{edited}"
        st.html(f'<div class="lu-muted">{inert.html(head)}</div>')
        if st.session_state.get(_EDITING) == note.id:
            _edit(app, me, note)
            return
        st.html(f'<div class="lu-body">{inert.html(note.text)}</div>')
        with st.container(horizontal=True, gap="small"):
            if mail:
                st.button(
                    inert.label(_name(mail, me)), key=f"note-mail-{note.id}", type="tertiary", icon=":material/mail:",
                    on_click=mail_card.open_mail, args=(mail.id,),
                )  # fmt: skip
            if note.editable_by(me):
                st.button(
                    "Edit", key=f"note-edit-{note.id}", type="tertiary",
                    on_click=st.session_state.__setitem__, args=(_EDITING, note.id),
                )  # fmt: skip
                if st.button("Remove", key=f"note-remove-{note.id}", type="tertiary"):
                    with failures():
                        with app.database.write() as session:
                            remove_note(session, app.clock, me, note.id)
                        st.rerun()


def _edit(app: App, me: Principal, note: Note) -> None:
    with st.form(f"note-form-{note.id}", border=False, enter_to_submit=False):
        text = st.text_area(
            "Note", note.text, key=f"note-text-{note.id}", max_chars=LONGEST, label_visibility="collapsed"
        )
        with st.container(horizontal=True, gap="small"):
            saved = st.form_submit_button("Save", key=f"note-save-{note.id}", type="primary")
            st.form_submit_button(
                "Cancel", key=f"note-cancel-{note.id}", on_click=st.session_state.pop, args=(_EDITING, None)
            )
    if saved:
        with failures():
            with app.database.write() as session:
                edit_note(session, app.clock, me, note.id, text)
            st.session_state.pop(_EDITING, None)
            st.rerun()


def _name(mail: StoredMail, me: Principal) -> str:
    return f"{moment.day(mail.sent_at.astimezone(me.zone).date())} · {mail.subject or '(no subject)'}"
