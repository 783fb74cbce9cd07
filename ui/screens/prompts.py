"""Prompts: questions that are kept, one's own, the workspace's, and a set to begin with."""

from __future__ import annotations

import streamlit as st

from crm.identity import Principal
from crm.prompts.starters import STARTERS
from crm.prompts.store import LONGEST_NAME, LONGEST_TEXT, Prompt, add_prompt, edit_prompt, prompts_of, remove_prompt
from crm.signals.language import Language
from ui import inert
from ui.components import prompt_run
from ui.components.failure import failures
from ui.deps import current_app, current_principal
from ui.screens import chat
from wiring.app import App

_EDITING = "prompt_editing"
_LANGUAGES: dict[Language, str] = {"en": "English", "es": "Español", "pt": "Português"}
_HINT = "Write {customer}, {person} or {period} where you want to be asked each time; any other {word} works too."


def as_page() -> st.Page:
    return st.Page(page, title="Prompts", icon=":material/bookmarks:", url_path="prompts")


def page() -> None:
    app, me = current_app(), current_principal()
    st.title("Prompts", anchor=False)
    st.caption("Questions you ask again and again. A click asks one in a new conversation.")
    with app.database.read() as session:
        saved = prompts_of(session, me)
    with st.expander("New prompt", icon=":material/bookmark_add:", expanded=not saved, key="prompt-new"):
        _new(app, me)
    for prompt in saved:
        _saved(app, me, prompt)
    st.subheader("To begin with", anchor=False)
    language = st.segmented_control(
        "Language", list(_LANGUAGES), default="en", key="prompt-language", format_func=lambda code: _LANGUAGES[code],
        label_visibility="collapsed",
    )  # fmt: skip
    for place, starter in enumerate(held for held in STARTERS if held.language == (language or "en")):
        _row(starter.name, starter.text, key=f"starter-{place}")
    if st.session_state.get(prompt_run.READY):
        _to_chat()
    prompt_run.show_asked_for(app, me, _to_chat)


def _to_chat() -> None:
    st.switch_page(chat.as_page())


def _row(name: str, text: str, *, key: str, about: str = "") -> None:
    small = f'<div class="lu-muted">{inert.html(about)}</div>' if about else ""
    with st.container(gap=None, key=f"row-{key}"):
        st.button(
            inert.label(name), key=key, type="tertiary", icon=":material/play_arrow:", help="Ask it now",
            on_click=prompt_run.run, args=(text,),
        )  # fmt: skip
        st.html(f'<div class="lu-body lu-prompt">{inert.html(text)}</div>{small}')


def _saved(app: App, me: Principal, prompt: Prompt) -> None:
    with st.container(border=True, key=f"saved-{prompt.id}", gap="small"):
        if st.session_state.get(_EDITING) == prompt.id:
            _edit(app, me, prompt)
            return
        owner = "you" if prompt.mine(me) else prompt.owner
        _row(prompt.name, prompt.text, key=f"run-{prompt.id}", about=f"shared by {owner}" if prompt.shared else "")
        if prompt.editable_by(me):
            with st.container(horizontal=True, gap="small"):
                st.button(
                    "Edit", key=f"prompt-edit-{prompt.id}", type="tertiary",
                    on_click=st.session_state.__setitem__, args=(_EDITING, prompt.id),
                )  # fmt: skip
                if st.button("Delete", key=f"prompt-delete-{prompt.id}", type="tertiary"):
                    with failures():
                        with app.database.write() as session:
                            remove_prompt(session, app.clock, me, prompt.id)
                        st.rerun()


def _new(app: App, me: Principal) -> None:
    with st.form("prompt-form", clear_on_submit=True, border=False, enter_to_submit=False):
        text, name, shared = _fields("new")
        wanted = st.form_submit_button("Save prompt", key="prompt-save", icon=":material/bookmark_add:")
    if wanted:
        with failures():
            with app.database.write() as session:
                add_prompt(session, app.clock, me, text=text, name=name, shared=shared)
            st.rerun()


def _edit(app: App, me: Principal, prompt: Prompt) -> None:
    with st.form(f"prompt-form-{prompt.id}", border=False, enter_to_submit=False):
        text, name, shared = _fields(str(prompt.id), prompt)
        with st.container(horizontal=True, gap="small"):
            saved = st.form_submit_button("Save", key=f"prompt-save-{prompt.id}", type="primary")
            st.form_submit_button(
                "Cancel", key=f"prompt-cancel-{prompt.id}", on_click=st.session_state.pop, args=(_EDITING, None)
            )
    if saved:
        with failures():
            with app.database.write() as session:
                edit_prompt(session, app.clock, me, prompt.id, text=text, name=name, shared=shared)
            st.session_state.pop(_EDITING, None)
            st.rerun()


def _fields(key: str, prompt: Prompt | None = None) -> tuple[str, str, bool]:
    text = st.text_area(
        "Question", prompt.text if prompt else "", key=f"prompt-text-{key}", max_chars=LONGEST_TEXT, height=90,
        placeholder="What is open with {customer}?",
    )  # fmt: skip
    st.caption(inert.label(_HINT))
    name = st.text_input(
        "Name", prompt.name if prompt else "", key=f"prompt-name-{key}", max_chars=LONGEST_NAME,
        placeholder="Its beginning, by default",
    )  # fmt: skip
    shared = st.checkbox("Share with the workspace", bool(prompt and prompt.shared), key=f"prompt-shared-{key}")
    return text, name, shared
