"""On every page: that a mailbox is no longer connected, why, and the way back."""

from __future__ import annotations

import streamlit as st

from crm.errors import LealUpError
from ingestion.mailboxes import mailboxes_of
from ui import inert
from ui.deps import current_app, current_principal


def show(settings: st.Page) -> None:
    """One line for each mailbox whose access ended without its user's doing; nothing before a workspace exists."""
    try:
        app, me = current_app(), current_principal()
    except LealUpError:
        return
    with app.database.read() as session:
        lost = [box for box in mailboxes_of(session, me) if box.state == "disconnected" and box.sealed_token]
    for box in lost:
        st.warning(
            inert.label(f"{box.email} is disconnected, so no new mail is read. {box.cause}"), icon=":material/link_off:"
        )
        st.page_link(settings, label="Reconnect in Settings → Gmail", icon=":material/link:")
