"""Telling an alert in Slack at most once for each occasion: claims, outcomes and what is still to be told.

A claim is committed before anything is posted. Whoever dies in between leaves it `posting`: nobody knows whether Slack has
the message, so it is not posted again, and the alert's page says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm import schema
from crm.alerts.rules import Rules, rules_of

TELLABLE = timedelta(hours=24)  # an alert that could not be told for so long is old news
BACKOFF = tuple(timedelta(minutes=n) for n in (1, 5, 15, 60, 240))
ABANDONED = timedelta(minutes=10)  # a claim this old belongs to a process that died
UNKNOWN = "outcome not known"
_SHOWN_FOR = timedelta(days=30)  # how long a message follows its alert


@dataclass(frozen=True, kw_only=True)
class Due:
    """An alert to be told, and on what occasion."""

    alert_id: int
    workspace_id: int
    user_id: int | None
    occasion: str
    rules: Rules


@dataclass(frozen=True, kw_only=True)
class Told:
    """How an alert's latest occasion fared in Slack. `state`: posting | posted | failed | lost."""

    state: str
    error: str
    attempts: int
    at: datetime
    retry_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Message:
    """A posted message whose alert has changed since."""

    delivery_id: int
    alert_id: int
    workspace_id: int
    channel: str
    ts: str
    state: str


def due(session: Session, now: datetime) -> tuple[Due, ...]:
    """Open alerts whose occasion has come and was not told, or failed and is to be tried again; the oldest first."""
    alert, told = schema.Alert, schema.AlertDelivery
    of_occasion = and_(told.alert_id == alert.id, told.occasion == alert.occasion)
    untold = ~exists().where(of_occasion)
    failed = exists().where(of_occasion, told.state == "failed", told.retry_at <= now)
    query = (
        select(alert)
        .where(alert.ended_at.is_(None), alert.dismissed_at.is_(None))
        .where(alert.tell_at <= now, alert.tell_at > now - TELLABLE)
        .where(or_(untold, failed))
        .order_by(alert.tell_at, alert.id)
    )
    rows = session.scalars(query).all()
    rules = {workspace: rules_of(session, workspace) for workspace in {row.workspace_id for row in rows}}
    return tuple(
        Due(
            alert_id=row.id,
            workspace_id=row.workspace_id,
            user_id=row.user_id,
            occasion=row.occasion,
            rules=rules[row.workspace_id],
        )
        for row in rows
    )


def claim(session: Session, held: Due, now: datetime) -> int | None:
    """The delivery's id when it is the caller's to post, in the caller's transaction.

    None when somebody else has it, or when the alert has been handled since.
    """
    told, alert = schema.AlertDelivery, schema.Alert
    still = (alert.ended_at.is_(None), alert.dismissed_at.is_(None), alert.occasion == held.occasion)
    if session.scalar(select(alert.id).where(alert.id == held.alert_id, *still)) is None:
        return None
    row = told(
        alert_id=held.alert_id, occasion=held.occasion, state="posting", attempts=1, claimed_at=now
    )  # fmt: skip
    same = (told.alert_id == held.alert_id, told.occasion == held.occasion)
    if session.scalar(select(told.id).where(*same)) is None:
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            return None
        return row.id
    again = (
        update(told)
        .where(*same, told.state == "failed", told.retry_at <= now)
        .values(state="posting", attempts=told.attempts + 1, claimed_at=now, retry_at=None)
    )
    if not _changed(session, again):
        return None
    return session.scalar(select(told.id).where(*same))


def posted(session: Session, delivery_id: int, *, channel: str, ts: str, shown: str) -> None:
    """Slack has it."""
    told = schema.AlertDelivery
    values = {"state": "posted", "channel": channel, "ts": ts, "shown": shown, "error": ""}
    _changed(session, update(told).where(told.id == delivery_id).values(**values))


def failed(session: Session, delivery_id: int, error: str, now: datetime, *, wait: timedelta | None = None) -> bool:
    """Slack does not have it: to be tried again after a while, `wait` at least; False when that was the last time."""
    row = session.get_one(schema.AlertDelivery, delivery_id)
    row.error = error
    if row.attempts > len(BACKOFF):
        row.state = "lost"
        return False
    row.state, row.retry_at = "failed", now + max(BACKOFF[row.attempts - 1], wait or timedelta())
    return True


def unknown(session: Session, delivery_id: int) -> None:
    """Nobody knows whether Slack has it, so it is not posted again."""
    told = schema.AlertDelivery
    _changed(session, update(told).where(told.id == delivery_id).values(state="lost", error=UNKNOWN))


def give_up_abandoned(session: Session, now: datetime) -> int:
    """Claims of processes that died while posting; how many."""
    told = schema.AlertDelivery
    old = (told.state == "posting", told.claimed_at < now - ABANDONED)
    return _changed(session, update(told).where(*old).values(state="lost", error=UNKNOWN))


def outdated(session: Session, now: datetime, *, limit: int) -> tuple[Message, ...]:
    """Posted messages that still show an alert as open which was dismissed or is over."""
    alert, told = schema.Alert, schema.AlertDelivery
    over = or_(alert.ended_at.is_not(None), alert.dismissed_at.is_not(None))
    query = (
        select(told, alert)
        .join(alert, alert.id == told.alert_id)
        .where(told.state == "posted", told.shown.in_(("open", "snoozed")), over)
        .where(told.claimed_at > now - _SHOWN_FOR)
        .order_by(told.id)
        .limit(limit)
    )
    return tuple(
        Message(
            delivery_id=row.id, alert_id=held.id, workspace_id=held.workspace_id, channel=row.channel, ts=row.ts,
            state="resolved" if held.ended_at else "dismissed",
        )
        for row, held in session.execute(query)
    )  # fmt: skip


def shows(session: Session, channel: str, ts: str, state: str) -> None:
    """The message there shows this state of its alert now."""
    told = schema.AlertDelivery
    _changed(session, update(told).where(told.channel == channel, told.ts == ts).values(shown=state))


def told_of(session: Session, alert_ids: Sequence[int]) -> dict[int, Told]:
    """How the latest occasion of each alert was told; those never told are absent."""
    alert, told = schema.Alert, schema.AlertDelivery
    query = (
        select(told)
        .join(alert, and_(alert.id == told.alert_id, alert.occasion == told.occasion))
        .where(told.alert_id.in_(alert_ids))
    )
    return {
        row.alert_id: Told(
            state=row.state, error=row.error, attempts=row.attempts, at=row.claimed_at, retry_at=row.retry_at
        )
        for row in session.scalars(query)
    }


def unlinked(session: Session, workspace_id: int) -> tuple[str, ...]:
    """The e-mail addresses of those whom no direct message reaches: they have not linked Slack."""
    user = schema.User
    linked = exists().where(schema.SlackLink.user_id == user.id)
    query = select(user.email).where(user.workspace_id == workspace_id, ~linked).order_by(user.email)
    return tuple(session.scalars(query))


def _changed(session: Session, statement: Any) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return int(getattr(result, "rowcount", 0))
