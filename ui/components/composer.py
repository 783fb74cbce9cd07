"""The composer: a human's own reply to one mail, stored as a draft and decided on like any other."""

from __future__ import annotations

import streamlit as st

from crm.identity import Principal
from crm.mails import StoredMail
from outbox.drafts import create_reply
from ui.components import draft_card
from ui.components.failure import failures
from wiring.app import App


def toggle(mail_id: str) -> None:
    """Open or close the composer of a mail."""
    key = _open(mail_id)
    st.session_state[key] = not st.session_state.get(key)
    st.session_state.pop(_made(mail_id), None)


def show(app: App, principal: Principal, mail: StoredMail) -> None:
    """The text area while there is no draft yet, then the draft's card."""
    if not st.session_state.get(_open(mail.id)):
        return
    made = st.session_state.get(_made(mail.id))
    if made:
        draft_card.show(app, principal, made)
        return
    with st.form(f"compose-{mail.id}"):
        text = st.text_area("Your reply", key=f"reply-text-{mail.id}", height=180)
        wanted = st.form_submit_button("Create draft", key=f"create-draft-{mail.id}", type="primary")
    if wanted:
        with failures():
            with app.database.write() as session:
                draft = create_reply(session, app.clock, principal, mail_id=mail.id, text=text)
            st.session_state[_made(mail.id)] = draft.id
            st.rerun()


def _open(mail_id: str) -> str:
    return f"composer-{mail_id}"


def _made(mail_id: str) -> str:
    return f"composed-{mail_id}"
