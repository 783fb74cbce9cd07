"""Alerts as they are shown: the list, one of them, and a customer's for the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from crm import schema
from crm.alerts import wording
from crm.alerts.rules import Kind
from crm.errors import NotFound
from crm.health.wording import Language

State = Literal["open", "snoozed", "dismissed", "resolved"]


@dataclass(frozen=True, kw_only=True)
class Alert:
    """Instants are aware UTC. `owner` and `handled_by` are addresses of users, "" for nobody; `mail_ids` may be of mails that are gone."""

    id: int
    customer_id: int
    customer: str
    kind: Kind
    term: str
    facts: dict[str, Any]
    mail_ids: tuple[str, ...]
    opened_at: datetime
    ended_at: datetime | None
    snoozed_until: datetime | None
    dismissed_at: datetime | None
    owner_id: int | None
    owner: str
    handled_by: str
    occasion: str

    def state(self, now: datetime) -> State:
        if self.ended_at is not None:
            return "resolved"
        if self.dismissed_at is not None:
            return "dismissed"
        return "snoozed" if self.snoozed_until is not None and self.snoozed_until > now else "open"

    def title(self, language: Language = "en") -> str:
        return wording.title(self.kind, language)

    def text(self, language: Language = "en") -> str:
        """Why it was raised, in a sentence or two."""
        return wording.explain(self.kind, self.customer, self.term, self.facts, language)

    def as_json(self, now: datetime, language: Language = "en") -> dict[str, Any]:
        return {
            "id": self.id,
            "customer": self.customer,
            "kind": self.kind,
            "state": self.state(now),
            "text": self.text(language),
            "term": self.term or None,
            "facts": self.facts,
            "mail_ids": list(self.mail_ids),
            "owner": self.owner or None,
            "opened_at": self.opened_at.isoformat(),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "snoozed_until": self.snoozed_until.isoformat() if self.snoozed_until else None,
            "dismissed_at": self.dismissed_at.isoformat() if self.dismissed_at else None,
            "handled_by": self.handled_by or None,
        }


@dataclass(frozen=True, kw_only=True)
class AlertItem:
    """An alert as an event of a customer's timeline: it opened `at`."""

    alert_id: int
    customer_id: int
    at: datetime
    kind: Kind
    text: str
    mail_ids: tuple[str, ...]


def list_alerts(
    session: Session,
    workspace_id: int,
    now: datetime,
    *,
    customer_id: int | None = None,
    everything: bool = False,
    limit: int | None = None,
) -> tuple[Alert, ...]:
    """What is open or snoozed, newest first; `everything` adds what was dismissed or is resolved."""
    row = schema.Alert
    query = _query(workspace_id).order_by(row.opened_at.desc(), row.id.desc()).limit(limit)
    if customer_id is not None:
        query = query.where(row.customer_id == customer_id)
    if not everything:
        query = query.where(row.ended_at.is_(None), row.dismissed_at.is_(None))
    return _views(session, query)


def list_handled(session: Session, workspace_id: int, *, customer_id: int | None, limit: int) -> tuple[Alert, ...]:
    """What was dismissed or is resolved, newest first."""
    row = schema.Alert
    query = _query(workspace_id).where(or_(row.ended_at.is_not(None), row.dismissed_at.is_not(None)))
    if customer_id is not None:
        query = query.where(row.customer_id == customer_id)
    return _views(session, query.order_by(row.opened_at.desc(), row.id.desc()).limit(limit))


def get_alert(session: Session, workspace_id: int, alert_id: int) -> Alert:
    """Raises `NotFound`, also for one of another workspace."""
    found = _views(session, _query(workspace_id).where(schema.Alert.id == alert_id))
    if not found:
        raise NotFound(str(alert_id), sentence="There is no such alert.", next_step="See `lealup alerts --all`.")
    return found[0]


def alerts_of(
    session: Session,
    workspace_id: int,
    customer_id: int,
    since: datetime | None = None,
    until: datetime | None = None,
    *,
    language: Language = "en",
) -> tuple[AlertItem, ...]:
    """The alerts of a customer that opened from `since` until before `until` (aware), oldest first, whatever became of them."""
    row = schema.Alert
    bounds = [row.customer_id == customer_id]
    bounds += [row.opened_at >= since] if since else []
    bounds += [row.opened_at < until] if until else []
    query = _query(workspace_id).where(and_(*bounds)).order_by(row.opened_at, row.id)
    return tuple(
        AlertItem(
            alert_id=held.id,
            customer_id=held.customer_id,
            at=held.opened_at,
            kind=held.kind,
            text=f"{held.title(language)}: {held.text(language)}",
            mail_ids=held.mail_ids,
        )
        for held in _views(session, query)
    )


def _query(workspace_id: int) -> Select[schema.Alert, str]:
    row, customer = schema.Alert, schema.Customer
    return (
        select(row, customer.name)
        .join(customer, customer.id == row.customer_id)
        .where(row.workspace_id == workspace_id, customer.workspace_id == workspace_id)
        .execution_options(populate_existing=True)
    )


def _views(session: Session, query: Select[schema.Alert, str]) -> tuple[Alert, ...]:
    rows = session.execute(query).all()
    people = {held for row, _ in rows for held in (row.user_id, row.handled_by) if held is not None}
    user = schema.User
    emails = {
        found.id: found.email for found in session.execute(select(user.id, user.email).where(user.id.in_(people)))
    }
    return tuple(_view(row, name, emails) for row, name in rows)


def _view(row: schema.Alert, customer: str, emails: dict[int, str]) -> Alert:
    return Alert(
        id=row.id,
        customer_id=row.customer_id,
        customer=customer,
        kind=cast(Kind, row.kind),
        term=row.term,
        facts=dict(row.facts),
        mail_ids=tuple(row.mail_ids),
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        snoozed_until=row.snoozed_until,
        dismissed_at=row.dismissed_at,
        owner_id=row.user_id,
        owner=emails.get(row.user_id or 0, ""),
        handled_by=emails.get(row.handled_by or 0, ""),
        occasion=row.occasion,
    )
