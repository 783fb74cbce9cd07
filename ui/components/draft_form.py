"""Editing a draft: every field, its files, and the address it leaves from. Saving makes a new version."""

from __future__ import annotations

from functools import partial

import streamlit as st

from crm.identity import Principal
from gmail.compose import File
from outbox import drafts
from outbox.drafts import Draft
from outbox.files import MOST_BYTES, readable
from ui import inert
from ui.components.draft_actions import attempt, forget
from wiring.app import App

_FIELDS = ("to", "cc", "bcc", "subject", "text")


def is_open(draft_id: str) -> bool:
    return bool(st.session_state.get(_editing(draft_id)))


def set_open(draft_id: str, on: bool) -> None:
    """To be used as `on_click`."""
    st.session_state[_editing(draft_id)] = on
    forget(draft_id)


def show(app: App, principal: Principal, draft: Draft) -> None:
    seen = f"{draft.id}-{draft.version}"
    with st.form(f"form-{seen}", border=False, enter_to_submit=False):
        if len(draft.senders) > 1:
            st.selectbox("From", draft.senders, draft.senders.index(_sender(draft)), key=f"from-{seen}")
        st.text_input("To", ", ".join(draft.to), key=f"to-{seen}")
        st.text_input("Cc", ", ".join(draft.cc), key=f"cc-{seen}")
        st.text_input("Bcc", ", ".join(draft.bcc), key=f"bcc-{seen}")
        st.text_input("Subject", draft.subject, key=f"subject-{seen}")
        st.text_area("Text", draft.text, key=f"text-{seen}", height=260)
        for place, file in enumerate(draft.files):
            st.checkbox(inert.label(f"Keep {file}"), value=True, key=f"keep-{seen}-{place}")
        st.file_uploader(
            f"Attach files (at most {readable(MOST_BYTES)} in all)", accept_multiple_files=True, key=f"files-{seen}"
        )
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button(
                "Save as new version", type="primary", key=f"save-{seen}",
                on_click=attempt, args=(draft.id, partial(_save, app, principal, draft)),
            )  # fmt: skip
            st.form_submit_button("Cancel", key=f"cancel-{seen}", on_click=set_open, args=(draft.id, False))


def _save(app: App, principal: Principal, draft: Draft) -> None:
    seen = f"{draft.id}-{draft.version}"
    typed = {name: str(st.session_state[f"{name}-{seen}"]) for name in _FIELDS}
    with app.database.write() as session:
        drafts.edit(
            session, app.clock, principal, draft.id, sha256=draft.sha256, text=typed["text"],
            subject=typed["subject"], to=[typed["to"]], cc=[typed["cc"]], bcc=[typed["bcc"]],
            sender=st.session_state.get(f"from-{seen}"), files=_files(draft, seen),
        )  # fmt: skip
    set_open(draft.id, False)


def _files(draft: Draft, seen: str) -> list[File]:
    """Those that stay and those that were added."""
    held = drafts.files_of(draft)
    kept = [file for place, file in enumerate(held) if st.session_state.get(f"keep-{seen}-{place}", True)]
    added = [
        File(name=upload.name, type=upload.type, data=upload.getvalue())
        for upload in st.session_state.get(f"files-{seen}") or []
    ]
    return [*kept, *added]


def _sender(draft: Draft) -> str:
    """The address it leaves from now."""
    return next((address for address in draft.senders if address in draft.sender.lower()), draft.senders[0])


def _editing(draft_id: str) -> str:
    return f"editing-draft-{draft_id}"
