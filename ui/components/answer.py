"""An answer of the assistant: its text, what was searched, and its sources as buttons."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import streamlit as st

from agent.answer import Answer, Citation
from crm.identity import Principal
from ui import inert
from ui.components import moment
from ui.components.mail_card import open_mail

_MARKER = re.compile(r"\[(\d{1,3})\]")


def prose(text: str) -> str:
    """HTML: paragraphs, "- " bullets and [1] markers; everything else in the text stays text."""
    blocks: list[str] = []
    bullets: list[str] = []
    lines: list[str] = []

    def flush() -> None:
        if bullets:
            blocks.append(f"<ul>{''.join(bullets)}</ul>")
        if lines:
            blocks.append(f"<p>{'<br>'.join(lines)}</p>")
        bullets.clear()
        lines.clear()

    for line in text.splitlines():
        if line.startswith("- "):
            if lines:
                flush()
            bullets.append(f"<li>{_inline(line[2:])}</li>")
        elif line.strip():
            if bullets:
                flush()
            lines.append(_inline(line))
        else:
            flush()
    flush()
    return f'<div class="lu-answer">{"".join(blocks)}</div>'


def show(answer: Answer, principal: Principal, *, key: str) -> None:
    """The whole answer; `key` sets its buttons apart from those of other answers on the page."""
    st.html(prose(answer.answer))
    if answer.citations:
        with st.container(horizontal=True, gap="small", key=f"sources-{key}"):
            for citation in answer.citations:
                _source(citation, principal, f"cite-{key}-{citation.n}")
    st.html(f'<div class="lu-muted">{inert.html(" · ".join(_notes(answer)))}</div>')


def _source(citation: Citation, principal: Principal, key: str) -> None:
    local = citation.date.astimezone(principal.zone)
    who = " · ".join(filter(None, (citation.customer, citation.sender, f"{local.day} {local:%b}")))
    st.button(
        inert.label(f"{citation.n} · {who}"),
        key=key,
        on_click=open_mail,
        args=(citation.message_id, citation.quote if citation.verified else ""),
        icon=None if citation.verified else ":material/help:",
        help="The quote stands in this mail."
        if citation.verified
        else "No quote of this mail could be verified.",
    )


def _notes(answer: Answer) -> list[str]:
    notes = [scope_line(answer.scope)]
    if answer.mode == "extractive":
        notes.append("extractive, no language model")
    if answer.removed:
        notes.append(f"{answer.removed} unverifiable quote{'s' if answer.removed > 1 else ''} removed")
    return [note for note in notes if note]


def scope_line(scope: dict[str, Any]) -> str:
    """What was searched, in one line: mails read, customers, people, period."""
    searched = scope.get("searched")
    parts = [f"{searched} mail{'' if searched == 1 else 's'} searched"] if searched is not None else []
    parts.append(", ".join(scope["customers"]) if scope.get("customers") else "all customers")
    parts += (
        [", ".join(held["name"] or held["email"] for held in scope["people"])] if scope.get("people") else []
    )
    since, until = (_day(scope.get(name)) for name in ("since", "until"))
    if since or until:
        parts.append(f"{since or 'the beginning'} – {until or 'now'}")
    return " · ".join(parts)


def _day(value: object) -> str:
    if isinstance(value, str) and value:
        value = datetime.fromisoformat(value)
    return moment.day(value) if isinstance(value, date) else ""


def _inline(line: str) -> str:
    return _MARKER.sub(r'<span class="lu-cite">\1</span>', inert.html(line))
