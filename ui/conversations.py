"""The conversations of a visit: each question and what came of it; those of an earlier visit are read back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import streamlit as st

from agent.answer import Answer
from crm.answers import Kept, answers_of
from crm.identity import Principal
from wiring.app import App


@dataclass(kw_only=True)
class Turn:
    """One question and what came of it. `text` is an answer that is no longer stored: only its words are kept."""

    question: str
    steps: list[str] = field(default_factory=list)
    answer: Answer | None = None
    text: str = ""
    failure: str = ""
    closing: str | None = None
    over: bool = False

    @property
    def stopped(self) -> bool:
        return not (self.answer or self.text or self.failure)


def turns_of(app: App, me: Principal, thread: str) -> list[Turn]:
    """The conversation on this page; that of an earlier visit is read back by its address."""
    if not thread:
        return []
    known = all_conversations()
    if thread not in known:
        with app.database.read() as session:
            stored = answers_of(session, me, thread)
        known[thread] = _read_back(app.assistant.conversation(me, thread), stored)
    return known[thread]


def all_conversations() -> dict[str, list[Turn]]:
    """By thread; of this visit only."""
    known: dict[str, list[Turn]] = st.session_state.setdefault("conversations", {})
    return known


def _read_back(said: Iterable[tuple[str, str]], stored: Iterable[Kept]) -> list[Turn]:
    turns: list[Turn] = []
    waiting = list(stored)
    for who, text in said:
        if who == "user":
            turns.append(Turn(question=text))
        elif turns:
            _answer(turns[-1], text, waiting)
    return turns


def _answer(turn: Turn, text: str, waiting: list[Kept]) -> None:
    """What the assistant said: the stored answer to this question, what closed it after a draft, or just words."""
    if turn.answer:
        turn.closing = f"{turn.closing or ''}\n\n{text}".strip()
        return
    for place, kept in enumerate(waiting):
        if kept.question == turn.question and kept.said["answer"] == text:
            turn.answer = Answer.from_json(kept.said)
            del waiting[: place + 1]
            return
    turn.text = f"{turn.text}\n\n{text}".strip()
