"""The entry file of the pages: it only routes."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.components import connection_notice
from ui.components.failure import failures
from ui.screens import (
    alerts,
    chat,
    customer,
    customers,
    drafts,
    prompts,
    settings_gmail,
    settings_health,
    settings_replies,
    unassigned,
)

_HERE = Path(__file__).parent

# Files of our own: an icon by name would be fetched from a font server.
st.set_page_config(page_title="LealUp Inbox", page_icon=_HERE / "brand" / "icon.svg", layout="wide")
st.logo(_HERE / "brand" / "logo.svg", size="large", icon_image=_HERE / "brand" / "icon.svg")
st.html(_HERE / "style.css")
settings = settings_gmail.as_page()
chosen = st.navigation(
    {
        "": [
            chat.as_page(),
            prompts.as_page(),
            alerts.as_page(),
            customers.as_page(),
            drafts.as_page(),
            unassigned.as_page(),
            customer.as_page(),
        ],
        "Settings": [settings, settings_replies.as_page(), settings_health.as_page()],
    }
)
with failures():
    if chosen != settings:  # which says so itself
        connection_notice.show(settings)
    chosen.run()
