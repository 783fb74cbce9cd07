"""A draft as the card a human decides on: exactly what would leave, its warnings, and Send, Edit, Discard.

The buttons carry the hash and the warnings of what was rendered, so a click can only approve the bytes it was
made on; whether it is the first click is decided by the database.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from crm.identity import Principal
from outbox import drafts
from outbox.approvals import approve_shown
from outbox.drafts import MAY_HAVE_LEFT, Draft
from ui import inert
from ui.components import draft_form, draft_outbox, draft_schedule, draft_versions
from ui.components.draft_actions import attempt, note
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
        if draft_form.is_open(draft.id) and draft.status == "draft":
            draft_form.show(app, principal, draft)
        else:
            content(draft)
            _actions(app, principal, draft)
        note(app, draft)
        draft_versions.history(app, principal, draft)
    return draft


def content(draft: Draft) -> None:
    """What would leave, decoded from its bytes."""
    fields = {
        "From": draft.sender,
        "To": ", ".join(draft.to),
        "Cc": ", ".join(draft.cc),
        "Bcc": ", ".join(draft.bcc),
        "Subject": draft.subject,
        "Files": "\n".join(map(str, draft.files)),
    }
    rows = "".join(f"<span>{name}</span><div>{inert.html(value)}</div>" for name, value in fields.items() if value)
    st.html(f'<div class="lu-fields">{rows}</div>')
    st.code(draft.text, language=None, wrap_lines=True)
    if draft.status in ("draft", "approved"):
        for warning in draft.warnings:
            if warning.blocking:
                st.error(inert.label(warning.sentence), icon=":material/block:")
            else:
                st.warning(inert.label(warning.sentence), icon=":material/warning:")


def _actions(app: App, principal: Principal, draft: Draft) -> None:
    seen = f"{draft.id}-{draft.version}"
    match draft.status:
        case "draft":
            _decide(app, principal, draft, seen)
        case "approved" | "sending":
            draft_outbox.show(app, principal, draft)
        case "uncertain":
            _uncertain(app, principal, draft, seen)
        case "sent":
            st.link_button(
                "Sent · Open in Gmail", mail_url(draft.mailbox, draft.gmail_id), key=f"sent-{draft.id}",
                icon=":material/check:",
            )  # fmt: skip


def _decide(app: App, principal: Principal, draft: Draft, seen: str) -> None:
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Send", key=f"send-{seen}", type="primary", icon=":material/send:", disabled=draft.blocked,
            on_click=attempt, args=(draft.id, partial(_send, app, principal, draft)),
        )  # fmt: skip
        draft_schedule.show(app, principal, draft)
        draft_versions.regenerate(app, principal, draft)
        st.button(
            "Edit", key=f"edit-{seen}", icon=":material/edit:", on_click=draft_form.set_open, args=(draft.id, True)
        )
        st.button(
            "Discard", key=f"discard-{seen}", icon=":material/delete:",
            on_click=attempt, args=(draft.id, partial(_discard, app, principal, draft)),
        )  # fmt: skip
    if draft.blocked:
        st.caption("It can't be sent before what is marked is taken out.")


def _uncertain(app: App, principal: Principal, draft: Draft, seen: str) -> None:
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Look again", key=f"reconcile-{seen}", icon=":material/search:",
            on_click=attempt, args=(draft.id, partial(_look_again, app, principal, draft)),
        )  # fmt: skip
        st.button(
            "Discard", key=f"discard-{seen}", icon=":material/delete:",
            on_click=attempt, args=(draft.id, partial(_discard, app, principal, draft)),
        )  # fmt: skip
    st.caption(MAY_HAVE_LEFT)


def _send(app: App, principal: Principal, draft: Draft) -> None:
    """Approve the bytes on the card. They leave when the time to undo is over."""
    approve_shown(app.database, app.clock, principal, draft.id, sha256=draft.sha256, warned=draft.warned, face="web")


def _discard(app: App, principal: Principal, draft: Draft) -> None:
    with app.database.write() as session:
        drafts.discard(session, app.clock, principal, draft.id)


def _look_again(app: App, principal: Principal, draft: Draft) -> None:
    app.sender.look_again(principal, draft.id)
