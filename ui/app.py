"""The entry file of the pages: it only routes."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.components.failure import failures
from ui.screens import chat, customer, customers, drafts, settings_gmail

st.set_page_config(page_title="LealUp Inbox", page_icon=":material/mark_email_read:", layout="wide")
st.html(Path(__file__).with_name("style.css"))
chosen = st.navigation(
    {
        "": [chat.as_page(), customers.as_page(), drafts.as_page(), customer.as_page()],
        "Settings": [settings_gmail.as_page()],
    }
)
with failures():
    chosen.run()
