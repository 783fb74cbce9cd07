"""Other wordings of a draft: regenerate it, look at its versions, take an earlier one."""

from __future__ import annotations

from functools import partial

import streamlit as st

from crm.identity import Principal
from gmail.compose import read_reply
from outbox import drafts
from outbox.drafts import Draft
from ui import inert
from ui.components import moment
from ui.components.draft_actions import attempt
from wiring.app import App

_WAYS = {
    "shorter": "Shorter", "warmer": "Warmer", "en": "In English", "es": "In Spanish", "pt": "In Portuguese",
}  # fmt: skip


def regenerate(app: App, principal: Principal, draft: Draft) -> None:
    """The popover with the ways to word it anew."""
    seen = f"{draft.id}-{draft.version}"
    with st.popover("Regenerate", icon=":material/refresh:"):
        for how, label in _WAYS.items():
            st.button(
                label, key=f"reword-{how}-{seen}", type="tertiary",
                on_click=attempt, args=(draft.id, partial(_reword, app, principal, draft, how)),
            )  # fmt: skip


def history(app: App, principal: Principal, draft: Draft) -> None:
    """Every version with who, when and its hash; nothing while there is only one."""
    if draft.version < 2:
        return
    with app.database.read() as session:
        found = drafts.list_versions(session, principal, draft.id)
    with st.expander(f"{len(found)} versions", icon=":material/history:"):
        for held in found:
            made = moment.minute(held.created_at, principal.zone)
            about = f"{held.number} · {held.how} · {held.author or 'unknown'} · {made} · sha256 {held.sha256[:12]}"
            st.html(f'<div class="lu-when">{inert.html(about)}</div>')
            if held.number == draft.version:
                continue
            st.code(read_reply(held.raw).text, language=None, wrap_lines=True)
            if draft.status == "draft":
                st.button(
                    f"Take version {held.number}", key=f"take-{held.number}-{draft.id}-{draft.version}",
                    on_click=attempt, args=(draft.id, partial(_take, app, principal, draft, held.number)),
                )  # fmt: skip


def _reword(app: App, principal: Principal, draft: Draft, how: str) -> None:
    app.assistant.reword(principal, draft.id, sha256=draft.sha256, how=how)


def _take(app: App, principal: Principal, draft: Draft, number: int) -> None:
    with app.database.write() as session:
        drafts.restore(session, app.clock, principal, draft.id, sha256=draft.sha256, version=number)
