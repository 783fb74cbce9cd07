"""Drafts: every reply of the user that waits for a decision, and the latest ones decided."""

from __future__ import annotations

import streamlit as st

from outbox.drafts import list_drafts
from ui.components import draft_card
from ui.deps import current_app, current_principal

_OPEN = ("draft", "approved", "sending", "uncertain")
_LATEST = 10


def as_page() -> st.Page:
    return st.Page(page, title="Drafts", icon=":material/outgoing_mail:", url_path="drafts")


def page() -> None:
    app, me = current_app(), current_principal()
    st.title("Drafts", anchor=False)
    with app.database.read() as session:
        found = list_drafts(session, me)
    waiting = [draft for draft in found if draft.status in _OPEN]
    decided = [draft for draft in found if draft.status not in _OPEN][:_LATEST]
    if not waiting:
        st.caption("No draft waits for you. Ask for one in the chat, or press Reply on a timeline.")
    for draft in waiting:
        draft_card.show(app, me, draft.id)
    if decided:
        st.subheader("Handled lately", anchor=False)
    for draft in decided:
        draft_card.show(app, me, draft.id)
