"""A draft as the card a human decides on: exactly what would leave, its warnings, and Send, Edit, Discard.

The buttons carry the version and the hash of what was rendered, so a click can only approve the bytes it was
made on; whether it is the first click is decided by the database.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from crm.errors import DraftConflict, LealUpError, SendNotEnabled
from crm.identity import Principal
from crm.trace import operation
from outbox import approvals, drafts
from outbox.drafts import Draft
from ui import inert
from ui.components import connect_link
from ui.components.failure import describe
from ui.components.gmail_link import mail_url
from wiring.app import App

_STATE = {
    "draft": "Draft, not sent",
    "approved": "Approved, not sent yet",
    "sending": "Being sent",
    "sent": "Sent",
    "uncertain": "Not certain whether it was sent",
    "discarded": "Discarded",
}


def show(app: App, principal: Principal, draft_id: str) -> Draft:
    """Render the draft as it stands in the database, and return it."""
    with app.database.read() as session:
        draft = drafts.get(session, principal, draft_id)
    with st.container(border=True, key=f"draft-{draft.id}"):
        about = f"Reply to {', '.join(draft.customers)} · version {draft.version}"
        st.html(
            f'<div class="lu-row"><b>{_STATE[draft.status]}</b><span class="lu-when">{inert.html(about)}</span></div>'
        )
        if st.session_state.get(_editing(draft.id)) and draft.status in ("draft", "approved"):
            _form(app, principal, draft)
        else:
            _content(draft)
            _actions(app, principal, draft)
        _note(app, draft)
    return draft


def _content(draft: Draft) -> None:
    fields = {
        "From": draft.sender,
        "To": ", ".join(draft.to),
        "Cc": ", ".join(draft.cc),
        "Bcc": ", ".join(draft.bcc),
        "Subject": draft.subject,
    }
    rows = "".join(f"<span>{name}</span><div>{inert.html(value)}</div>" for name, value in fields.items() if value)
    st.html(f'<div class="lu-fields">{rows}</div>')
    st.code(draft.text, language=None, wrap_lines=True)
    if draft.status in ("draft", "approved"):
        for warning in draft.warnings:
            st.warning(inert.label(warning), icon=":material/warning:")


def _actions(app: App, principal: Principal, draft: Draft) -> None:
    seen = f"{draft.id}-{draft.version}"
    if draft.status in ("draft", "approved"):
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Send", key=f"send-{seen}", type="primary", icon=":material/send:",
                on_click=_attempt, args=(draft.id, _send, app, principal, draft),
            )  # fmt: skip
            st.button(
                "Edit",
                key=f"edit-{seen}",
                icon=":material/edit:",
                on_click=_set_editing,
                args=(draft.id, True),
            )
            st.button(
                "Discard", key=f"discard-{seen}", icon=":material/delete:",
                on_click=_attempt, args=(draft.id, _discard, app, principal, draft),
            )  # fmt: skip
    elif draft.status == "uncertain":
        st.button(
            "Look it up in Sent mail", key=f"reconcile-{seen}", on_click=_attempt,
            args=(draft.id, _reconcile, app, principal, draft),
        )  # fmt: skip
    elif draft.status == "sent":
        st.link_button(
            "Sent · Open in Gmail", mail_url(draft.mailbox, draft.gmail_id), key=f"sent-{draft.id}",
            icon=":material/check:",
        )  # fmt: skip


def _form(app: App, principal: Principal, draft: Draft) -> None:
    seen = f"{draft.id}-{draft.version}"
    with st.form(f"form-{seen}", border=False):
        st.text_input("To", ", ".join(draft.to), key=f"to-{seen}")
        st.text_input("Cc", ", ".join(draft.cc), key=f"cc-{seen}")
        st.text_input("Bcc", ", ".join(draft.bcc), key=f"bcc-{seen}")
        st.text_input("Subject", draft.subject, key=f"subject-{seen}")
        st.text_area("Text", draft.text, key=f"text-{seen}", height=260)
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button(
                "Save as new version", type="primary", key=f"save-{seen}",
                on_click=_attempt, args=(draft.id, _save, app, principal, draft),
            )  # fmt: skip
            st.form_submit_button("Cancel", key=f"cancel-{seen}", on_click=_set_editing, args=(draft.id, False))


def _send(app: App, principal: Principal, draft: Draft) -> None:
    """Approve the bytes on the card and send them. An approval left over from a crash is only sent."""
    if draft.status == "draft":
        with app.database.write() as session:
            approvals.approve(session, app.clock, principal, draft.id, sha256=draft.sha256, face="web")
    app.sender.send(principal, draft.id, sha256=draft.sha256)


def _discard(app: App, principal: Principal, draft: Draft) -> None:
    with app.database.write() as session:
        drafts.discard(session, app.clock, principal, draft.id)


def _reconcile(app: App, principal: Principal, draft: Draft) -> None:
    with app.database.read() as session:
        drafts.get(session, principal, draft.id)  # theirs, or it raises
    if not app.sender.reconcile(draft.id):
        raise LealUpError(
            "not found",
            sentence="It is not in Sent mail so far.",
            next_step="It will be looked up again by itself; it is never sent twice.",
        )


def _save(app: App, principal: Principal, draft: Draft) -> None:
    seen = f"{draft.id}-{draft.version}"
    typed = {name: str(st.session_state[f"{name}-{seen}"]) for name in ("to", "cc", "bcc", "subject", "text")}
    with app.database.write() as session:
        drafts.edit(
            session, app.clock, principal, draft.id, sha256=draft.sha256, text=typed["text"],
            subject=typed["subject"], to=[typed["to"]], cc=[typed["cc"]], bcc=[typed["bcc"]],
        )  # fmt: skip
    _set_editing(draft.id, False)


def _attempt(
    draft_id: str, act: Callable[[App, Principal, Draft], None], app: App, principal: Principal, draft: Draft
) -> None:
    """Run one click's action; what went wrong is kept for the card to show."""
    st.session_state.pop(_noted(draft_id), None)
    with operation() as trace_id:
        try:
            act(app, principal, draft)
        except LealUpError as error:
            st.session_state[_noted(draft_id)] = (type(error), describe(error, trace_id))


def _note(app: App, draft: Draft) -> None:
    kind, text = st.session_state.get(_noted(draft.id), (None, ""))
    if kind is DraftConflict and draft.status in ("sending", "sent", "discarded"):
        st.info("This draft was already handled; nothing was sent a second time.", icon=":material/info:")
    elif text:
        st.error(inert.label(text), icon=":material/error:")
    if kind is SendNotEnabled:
        connect_link.show(app, "Enable “Reply from LealUp”", send=True, key=f"enable-{draft.id}")


def _set_editing(draft_id: str, on: bool) -> None:
    st.session_state[_editing(draft_id)] = on
    st.session_state.pop(_noted(draft_id), None)


def _editing(draft_id: str) -> str:
    return f"editing-draft-{draft_id}"


def _noted(draft_id: str) -> str:
    return f"note-draft-{draft_id}"
