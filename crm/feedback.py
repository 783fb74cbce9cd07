"""Thumbs: one vote for each person and answer, changeable, with a comment; kept with the answer for the evals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.answers import get_answer
from crm.clock import Clock
from crm.errors import InputError
from crm.identity import Principal

Verdict = Literal["up", "down"]
Face = Literal["web", "slack", "terminal"]
LONGEST_COMMENT = 2000  # characters


@dataclass(frozen=True, kw_only=True)
class Vote:
    """A vote and the answer it is about (`said`, `agent.answer.Answer` as JSON). `voter` is an address; instants are aware UTC."""

    answer_id: str
    verdict: str
    comment: str
    face: str
    voter: str
    voted_at: datetime
    changed_at: datetime
    question: str
    asked_at: datetime
    said: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """One line of the export."""
        kept = (
            "answer",
            "language",
            "not_found",
            "scope",
            "citations",
            "tools",
            "model",
            "mode",
            "usage",
            "trace_id",
            "thread",
        )
        return {
            "answer_id": self.answer_id,
            "verdict": self.verdict,
            "comment": self.comment,
            "face": self.face,
            "user": self.voter,
            "voted_at": self.voted_at.isoformat(),
            "changed_at": self.changed_at.isoformat(),
            "asked_at": self.asked_at.isoformat(),
            "question": self.question,
            **{name: self.said.get(name) for name in kept},
        }


def vote(
    session: Session, clock: Clock, principal: Principal, answer_id: str, verdict: Verdict, *, face: Face,
    comment: str | None = None,
) -> None:  # fmt: skip
    """Vote on one's own answer, or change the vote; without a comment the one before stays. Raises `NotFound`, `InputError`."""
    if comment is not None and len(comment) > LONGEST_COMMENT:
        raise InputError(str(len(comment)), sentence=f"A comment has at most {LONGEST_COMMENT:,} characters.")
    get_answer(session, principal, answer_id)
    session.get_one(schema.StoredAnswer, answer_id, with_for_update=True)  # two clicks at once are one vote
    held = session.get(schema.Feedback, (answer_id, principal.user_id))
    if held is None:
        held = schema.Feedback(
            answer_id=answer_id,
            user_id=principal.user_id,
            verdict=verdict,
            face=face,
            voted_at=clock(),
            changed_at=clock(),
        )
        session.add(held)
    held.verdict, held.face, held.changed_at = verdict, face, clock()
    if comment is not None:
        held.comment = comment.strip()
    session.flush()
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
        action="feedback", subject=answer_id, verdict=verdict,
    )  # fmt: skip


def withdraw(session: Session, principal: Principal, answer_id: str) -> None:
    """Take one's own vote back; without one nothing happens."""
    held = session.get(schema.Feedback, (answer_id, principal.user_id))
    if held is not None:
        session.delete(held)


def my_votes(session: Session, principal: Principal, answer_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """(verdict, comment) by answer."""
    held = schema.Feedback
    rows = session.scalars(
        select(held).where(held.user_id == principal.user_id, held.answer_id.in_(sorted(set(answer_ids))))
    )
    return {row.answer_id: (row.verdict, row.comment) for row in rows}


def votes_of(session: Session, principal: Principal, *, verdict: Verdict | None = None) -> tuple[Vote, ...]:
    """One's own votes; for an admin, everybody's of the workspace. Oldest first."""
    query = _query(principal)
    if verdict:
        query = query.where(schema.Feedback.verdict == verdict)
    rows = session.execute(query.order_by(schema.Feedback.voted_at, schema.Feedback.answer_id))
    return tuple(_vote(*row) for row in rows)


def _query(principal: Principal) -> Select[schema.Feedback, schema.StoredAnswer, schema.User]:
    query = (
        select(schema.Feedback, schema.StoredAnswer, schema.User)
        .join(schema.StoredAnswer, schema.StoredAnswer.id == schema.Feedback.answer_id)
        .join(schema.User, schema.User.id == schema.Feedback.user_id)
        .where(schema.StoredAnswer.workspace_id == principal.workspace_id)
    )
    return query if principal.role == "admin" else query.where(schema.Feedback.user_id == principal.user_id)


def _vote(row: schema.Feedback, answer: schema.StoredAnswer, user: schema.User) -> Vote:
    return Vote(
        answer_id=row.answer_id,
        verdict=row.verdict,
        comment=row.comment,
        face=row.face,
        voter=user.email,
        voted_at=row.voted_at,
        changed_at=row.changed_at,
        question=answer.question,
        asked_at=answer.asked_at,
        said=answer.said,
    )
