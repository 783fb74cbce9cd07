"""One click on a draft's card: run it, and keep what went wrong for the card to show."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from crm.errors import DraftConflict, LealUpError, SendNotEnabled, SendUncertain, TooLate
from crm.trace import operation
from outbox.drafts import Draft
from ui import inert
from ui.components import connect_link
from ui.components.failure import describe
from wiring.app import App


def attempt(draft_id: str, act: Callable[[], None]) -> None:
    """To be used as `on_click`."""
    forget(draft_id)
    with operation() as trace_id:
        try:
            act()
        except LealUpError as error:
            st.session_state[_noted(draft_id)] = (type(error), describe(error, trace_id))


def forget(draft_id: str) -> None:
    st.session_state.pop(_noted(draft_id), None)


def note(app: App, draft: Draft) -> None:
    """What the last click came to, or why the draft is back."""
    kind, text = st.session_state.get(_noted(draft.id), (None, ""))
    if kind is SendUncertain and draft.status != "uncertain":
        kind, text = None, ""  # it is known by now
    if kind is DraftConflict and draft.status in ("approved", "sending", "sent", "discarded"):
        st.info("This draft was already handled; nothing was sent a second time.", icon=":material/info:")
    elif kind is TooLate:
        st.info(inert.label(text), icon=":material/info:")
    elif text:
        st.error(inert.label(text), icon=":material/error:")
    elif draft.error:
        st.error(inert.label(draft.error), icon=":material/error:")
    if kind is SendNotEnabled:
        connect_link.show(app, "Enable “Reply from LealUp”", send=True, key=f"enable-{draft.id}")


def _noted(draft_id: str) -> str:
    return f"note-draft-{draft_id}"
