"""Settings → Replies: the signature below every new reply."""

from __future__ import annotations

import streamlit as st

from outbox.signature import LONGEST, set_signature, signature_of
from ui.components.failure import failures
from ui.deps import current_app, current_principal


def as_page() -> st.Page:
    return st.Page(page, title="Replies", icon=":material/signature:", url_path="settings-replies")


def page() -> None:
    app, me = current_app(), current_principal()
    st.title("Replies", anchor=False)
    with app.database.read() as session:
        held = signature_of(session, me)
    with st.form("signature-form"):
        typed = st.text_area(
            "Your signature", held, key="signature", height=160, max_chars=LONGEST,
            help="Plain text. It stands below every new reply, behind a line with two dashes.",
        )  # fmt: skip
        saved = st.form_submit_button("Save", key="save-signature", type="primary")
    if saved:
        with failures():
            with app.database.write() as session:
                set_signature(session, app.clock, me, typed or "")
            st.success("Saved. It stands below the replies you make from now on.", icon=":material/check:")
