"""Settings → Gmail: whether the content of attached files is read."""

from __future__ import annotations

import streamlit as st

from crm.identity import Principal
from ingestion.attachments.switch import AttachmentStatus, status_of, turn_off, turn_on
from ui.components.failure import failures
from wiring.app import App

_KEY = "index-attachments"
_WORDS = {
    "done": "read",
    "partial": "read up to the limit",
    "waiting": "waiting",
    "too_large": "too large",
    "encrypted": "protected by a password",
    "unreadable": "unreadable",
    "timeout": "took too long",
    "unsupported": "of other types",
    "no_text": "without text",
    "gone": "gone from Gmail",
}


def show(app: App, me: Principal) -> None:
    """The workspace's switch, and what became of the files."""
    held = status_of(app.database, me)
    st.subheader("Attachments", anchor=False)
    with failures():
        wanted = st.toggle(
            "Index attachments", value=held.on, key=_KEY,
            help="Reads the text of PDF, DOCX, TXT, CSV and HTML files of mails on a timeline, for the whole workspace. "
            "Turning it off deletes these texts. Names and sizes are always shown.",
        )  # fmt: skip
        if wanted and not held.on:
            turn_on(app.database, app.clock, me)
        elif held.on and not wanted:
            with st.spinner("Deleting the texts of the files…"):
                turn_off(app.database, app.clock, app.index, me)
    if wanted:
        st.caption(_summary(status_of(app.database, me)))


def _summary(held: AttachmentStatus) -> str:
    parts = [f"{count:,} {_WORDS.get(status, status)}" for status, count in held.counts.items()]
    return "Files: " + " · ".join(parts) if parts else "No mail on a timeline has an attachment."
