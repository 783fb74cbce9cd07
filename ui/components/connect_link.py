"""The link that starts Google's consent."""

from __future__ import annotations

import streamlit as st

from wiring.app import App

START = "/oauth/start"
CALLBACK = "/oauth/callback"


def show(app: App, text: str, *, send: bool, key: str, primary: bool = False) -> None:
    """A link, absolute so that the cookie it sets belongs to the address Google sends the browser back to."""
    st.link_button(
        text,
        f"{app.settings.base_url}{START}{'?send=1' if send else ''}",
        key=key,
        type="primary" if primary else "secondary",
        icon=":material/link:",
    )
