"""The link that starts Google's consent."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from wiring.app import App

START = "/oauth/start"
CALLBACK = "/oauth/callback"


def show(app: App, text: str, *, send: bool, key: str, primary: bool = False, mailbox: str = "") -> None:
    """A link, absolute so that the cookie it sets belongs to the address Google sends the browser back to.

    `mailbox` is the account that must be chosen at Google; empty for a new one.
    """
    asked = ({"mailbox": mailbox} if mailbox else {}) | ({"send": "1"} if send else {})
    st.link_button(
        text,
        f"{app.settings.base_url}{START}{'?' + urlencode(asked) if asked else ''}",
        key=key,
        type="primary" if primary else "secondary",
        icon=":material/link:",
    )
