"""Running a saved prompt: one click, or a dialog that asks for what it leaves open."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from agent.scope import flatten
from agent.wording import language_of
from crm.customers import Customer, list_customers
from crm.identity import Principal
from crm.prompts.placeholders import PERIODS, filled, kind, places
from crm.signals.language import Language
from ui.components.failure import failures
from wiring.app import App

_FILLING, READY = "prompt_filling", "prompt_ready"


def run(text: str) -> None:
    """To be used as `on_click`: the question is ready at once, or the dialog opens for it at the next run."""
    st.session_state[_FILLING if places(text) else READY] = text


def ready() -> str:
    """The question that is to be asked now, once, or ""."""
    return str(st.session_state.pop(READY, ""))


def show_asked_for(app: App, me: Principal, then: Callable[[], None]) -> None:
    """Open the dialog that `run` asked for; `then` is called when the question is ready. Once, at the end of a page."""
    text = st.session_state.get(_FILLING, "")
    if text:
        _dialog(app, me, text, then)


def _leave() -> None:
    st.session_state.pop(_FILLING, None)


@st.dialog("Fill in the prompt", icon=":material/bookmark:", on_dismiss=_leave)
def _dialog(app: App, me: Principal, text: str, then: Callable[[], None]) -> None:
    with app.database.read() as session:
        customers = list_customers(session, me.workspace_id)
    st.text(text)
    values: dict[str, str] = {}
    for name in places(text):
        values[name] = _field(name, customers, text)
    if st.button("Ask", key="prompt-ask", type="primary", icon=":material/send:"):
        with failures():
            st.session_state[READY] = filled(text, values)
            _leave()
            then()


def _field(name: str, customers: tuple[Customer, ...], text: str) -> str:
    label, key = name.capitalize(), f"prompt-value-{name}"
    options = _options(kind(name), customers, text)
    if not options:
        return st.text_input(label, key=key)
    chosen = st.selectbox(
        label, options, index=None, key=key, accept_new_options=True, placeholder="Choose, or write your own"
    )
    return str(chosen or "")


def _options(which: str, customers: tuple[Customer, ...], text: str) -> list[str]:
    match which:
        case "customer":
            return [held.name for held in customers]
        case "person":
            return [f"{contact.name} ({held.name})" for held in customers for contact in held.contacts if contact.name]
        case "period":
            return list(PERIODS[_language(text)])
        case _:
            return []


def _language(text: str) -> Language:
    return language_of(text, flatten(text), None)
