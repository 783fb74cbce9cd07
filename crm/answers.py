"""Answers as they were given, with the mails they were made of: for votes, for reading back, and to be deleted with the mail."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from crm import schema
from crm.errors import NotFound
from crm.identity import Principal
from crm.slices import slices


@dataclass(frozen=True, kw_only=True)
class Kept:
    """`said` is the answer as JSON (`agent.answer.Answer`); `asked_at` is aware UTC."""

    id: str
    thread: str
    question: str
    said: dict[str, Any]
    asked_at: datetime


def keep(session: Session, principal: Principal, kept: Kept, read: Collection[str]) -> None:
    """Store an answer; `read` are the ids of the mails it was made of. Raises an integrity error when one is gone."""
    usage = kept.said.get("usage") or {}
    session.add(
        schema.StoredAnswer(
            id=kept.id, workspace_id=principal.workspace_id, user_id=principal.user_id, thread=kept.thread,
            question=kept.question, said=kept.said, model=kept.said["model"], trace_id=kept.said["trace_id"],
            tokens_in=usage.get("input", 0), tokens_out=usage.get("output", 0), asked_at=kept.asked_at,
        )
    )  # fmt: skip
    session.flush()
    if read:
        rows = [{"answer_id": kept.id, "mail_id": mail_id} for mail_id in dict.fromkeys(read)]
        session.execute(insert(schema.AnswerMail), rows)


def get_answer(session: Session, principal: Principal, answer_id: str) -> Kept:
    """One's own answer. Raises `NotFound`."""
    row = session.scalar(_own(principal).where(schema.StoredAnswer.id == answer_id))
    if row is None:
        raise NotFound(
            answer_id,
            sentence="That answer is no longer there.",
            next_step="Ask again: answers go with the mail they quote.",
        )
    return _kept(row)


def answers_of(session: Session, principal: Principal, thread: str) -> tuple[Kept, ...]:
    """One's own answers of a conversation, oldest first."""
    rows = session.scalars(
        _own(principal).where(schema.StoredAnswer.thread == thread).order_by(schema.StoredAnswer.asked_at)
    )
    return tuple(map(_kept, rows))


def count_answers(session: Session, mails: Select[str], user_id: int) -> tuple[int, int]:
    """How many answers a user got or were made of any of those mails, and how many votes there are on them."""
    chosen = select(schema.StoredAnswer.id).where(_touched(mails, user_id))
    votes = select(func.count()).select_from(schema.Feedback).where(schema.Feedback.answer_id.in_(chosen))
    return session.scalar(select(func.count()).select_from(chosen.subquery())) or 0, session.scalar(votes) or 0


def erase_answers_of(session: Session, user_id: int) -> None:
    """All answers that a user got, with their votes."""
    session.execute(delete(schema.StoredAnswer).where(schema.StoredAnswer.user_id == user_id))


def erase_answers_made_of(session: Session, mail_ids: Collection[str]) -> None:
    """Everybody's answers that were made of any of these mails, with their votes."""
    for some in slices(sorted(mail_ids)):
        made = select(schema.AnswerMail.answer_id).where(schema.AnswerMail.mail_id.in_(some))
        session.execute(delete(schema.StoredAnswer).where(schema.StoredAnswer.id.in_(made)))


def conversations_made_of(session: Session, mails: Select[str]) -> frozenset[tuple[int, str]]:
    """(user id, thread) of the conversations in which any of those mails was read for an answer."""
    made = select(schema.AnswerMail.answer_id).where(schema.AnswerMail.mail_id.in_(mails))
    rows = session.execute(
        select(schema.StoredAnswer.user_id, schema.StoredAnswer.thread)
        .where(schema.StoredAnswer.id.in_(made))
        .distinct()
    )
    return frozenset((user_id, thread) for user_id, thread in rows)


def _touched(mails: Select[str], user_id: int) -> ColumnElement[bool]:
    made = select(schema.AnswerMail.answer_id).where(schema.AnswerMail.mail_id.in_(mails))
    return or_(schema.StoredAnswer.user_id == user_id, schema.StoredAnswer.id.in_(made))


def _own(principal: Principal) -> Select[schema.StoredAnswer]:
    return select(schema.StoredAnswer).where(
        schema.StoredAnswer.workspace_id == principal.workspace_id, schema.StoredAnswer.user_id == principal.user_id
    )


def _kept(row: schema.StoredAnswer) -> Kept:
    return Kept(id=row.id, thread=row.thread, question=row.question, said=row.said, asked_at=row.asked_at)
