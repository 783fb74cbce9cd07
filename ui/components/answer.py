"""An answer of the assistant: its text, what was searched, and its sources as buttons."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from agent.answer import Answer, Citation
from crm.identity import Principal
from ui import inert
from ui.components import moment
from ui.components.mail_card import open_mail

_VERIFIED = "The quote stands in this mail."
_UNVERIFIED = "No quote of this mail could be verified."
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
    st.html(f'<div class="lu-muted">{inert.html(" · ".join(_notes(answer, principal.zone)))}</div>')


def _source(citation: Citation, principal: Principal, key: str) -> None:
    local = citation.date.astimezone(principal.zone)
    who = " · ".join(filter(None, (citation.customer, citation.sender, f"{local.day} {local:%b}", citation.attachment)))
    st.button(
        inert.label(f"{citation.n} · {who}"),
        key=key,
        on_click=open_mail,
        args=(citation.message_id, citation.quote if citation.verified else ""),
        icon=None if citation.verified else ":material/help:",
        help=_VERIFIED if citation.verified else _UNVERIFIED,
    )


def _notes(answer: Answer, zone: ZoneInfo) -> list[str]:
    notes = [scope_line(answer.scope, zone)]
    if answer.mode == "extractive":
        notes.append("extractive, no language model")
    if answer.usage.calls:
        notes.append(f"{'about ' if answer.usage.estimated else ''}{answer.usage.total:,} tokens")
    if answer.removed:
        notes.append(f"{answer.removed} unverifiable quote{'s' if answer.removed > 1 else ''} removed")
    return notes


def scope_line(scope: dict[str, Any], zone: ZoneInfo) -> str:
    """What was searched, in one line: mails read, customers, people, and the days in the workspace's zone."""
    searched = scope["searched"]
    people = [held["name"] or held["email"] for held in scope["people"]]
    parts = [
        f"{searched} mail{'' if searched == 1 else 's'} searched",
        ", ".join(scope["customers"]) or "all customers",
    ]
    since = _day(scope["since"], zone)
    until = _day(scope["until"], zone, before=timedelta(microseconds=1))  # the end itself is not searched
    period = f"{since or 'the beginning'} – {until or 'now'}" if since or until else ""
    return " · ".join(filter(None, (*parts, ", ".join(people), period)))


def _day(instant: str | None, zone: ZoneInfo, *, before: timedelta = timedelta(0)) -> str:
    return moment.day((datetime.fromisoformat(instant) - before).astimezone(zone)) if instant else ""


def _inline(line: str) -> str:
    return _MARKER.sub(r'<span class="lu-cite">\1</span>', inert.html(line))
