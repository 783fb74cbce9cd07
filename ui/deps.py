"""What every page needs: the application and the user. The server provides them; `streamlit run` builds them itself."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from crm.identity import Principal
from crm.settings import load_settings
from wiring.app import App, build_app


@dataclass(frozen=True, kw_only=True)
class Served:
    """An application and the address of the one user it is served to; empty means its only user."""

    app: App
    user: str = ""


_provided: list[Served] = []


def provide(app: App, user: str = "") -> None:
    """Make the pages of this process show `app`."""
    _provided[:] = [Served(app=app, user=user)]


def current_app() -> App:
    return _served().app


def current_principal() -> Principal:
    """Raises `NotFound` before a workspace exists."""
    served = _served()
    return served.app.principal(served.user or None)


def _served() -> Served:
    return _provided[0] if _provided else _from_settings()


@st.cache_resource
def _from_settings() -> Served:
    return Served(app=build_app(load_settings()))
