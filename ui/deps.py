"""What every page needs: the application and the user.

The server provides them; under `streamlit run ui/app.py` they are built from the settings.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from crm.identity import Principal
from crm.settings import load_settings
from ui.syncs import Syncs
from wiring.app import App, build_app


@dataclass(frozen=True, kw_only=True)
class Served:
    """An application and the address of the one user it is served to; empty means its only user."""

    app: App
    user: str = ""
    syncs: Syncs = field(default_factory=Syncs)

    def principal(self) -> Principal:
        """Raises `NotFound` before a workspace exists."""
        return self.app.principal(self.user or None)


_provided: list[Served] = []


def provide(app: App, user: str = "") -> Served:
    """Make the pages of this process show `app`."""
    _provided[:] = [Served(app=app, user=user)]
    return _provided[0]


def current_app() -> App:
    return _served().app


def current_principal() -> Principal:
    return _served().principal()


def current_syncs() -> Syncs:
    return _served().syncs


def _served() -> Served:
    return _provided[0] if _provided else _from_settings()


@st.cache_resource
def _from_settings() -> Served:
    return Served(app=build_app(load_settings()))
