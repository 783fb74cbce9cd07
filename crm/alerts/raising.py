"""Raising alerts, and ending them: a customer's stored episodes brought up to what holds now."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import false, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm import schema
from crm.alerts.conditions import Condition, conditions_of, looked_at
from crm.alerts.episodes import Episode, advance
from crm.alerts.owners import owner_of
from crm.alerts.rules import Kind, rules_of
from crm.alerts.situation import is_reading_up, read_stock
from crm.customers import Customer
from crm.health.calendar import Calendar
from crm.health.report import Health

_log = logging.getLogger(__name__)
PATIENCE = timedelta(hours=24)  # with a mailbox that gets its first mails


def raise_alerts(
    session: Session, workspace_id: int, customer: Customer, health: Health, now: datetime, calendar: Calendar
) -> tuple[int, ...]:
    """Open what begins and end what is over at `now` (aware), in the caller's write transaction; the ids of new alerts.

    Nothing is raised or ended while a mailbox of the workspace still gets its first mails. The customer's row is held, and
    a unique key keeps an episode one, whoever else does the same.
    """
    if is_reading_up(session, workspace_id, now, PATIENCE):
        return ()
    held = schema.Customer
    session.execute(select(held.id).where(held.id == customer.id).with_for_update(key_share=True))
    rules = rules_of(session, workspace_id)
    stock = read_stock(session, workspace_id, customer, calendar, now, now)
    situation = stock.at(now, health)
    rows = session.scalars(
        select(schema.Alert)
        .where(schema.Alert.customer_id == customer.id)
        .order_by(schema.Alert.id)
        .execution_options(populate_existing=True)
    ).all()
    by_name = {(row.kind, row.episode): row for row in rows}
    step = advance([_episode(row) for row in rows], conditions_of(rules, situation), looked_at(rules, situation))
    for episode in step.over:
        by_name[episode.kind, episode.name].ended_at = now
    for episode in step.again:
        by_name[episode.kind, episode.name].ended_at = None
    _follow_owner(session, workspace_id, customer, rows)
    opened = [_open(session, workspace_id, customer, name, condition, now) for name, condition in step.opened]
    session.flush()
    return tuple(alert_id for alert_id in opened if alert_id is not None)


def _open(
    session: Session, workspace_id: int, customer: Customer, name: str, condition: Condition, now: datetime
) -> int | None:
    row = schema.Alert(
        workspace_id=workspace_id,
        customer_id=customer.id,
        kind=condition.kind,
        episode=name,
        term=condition.term,
        facts=condition.facts,
        mail_ids=list(condition.mail_ids),
        opened_at=now,
        user_id=owner_of(session, workspace_id, customer, condition.mail_ids),
        tell_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # somebody else has just opened it
        _log.info("alert already open", extra={"fields": {"customer": customer.id, "kind": condition.kind}})
        return None
    return row.id


def _follow_owner(session: Session, workspace_id: int, customer: Customer, rows: Sequence[schema.Alert]) -> None:
    """A customer that got another owner takes its open alerts along, unless a person has assigned them, even just now."""
    for row in rows:
        if row.ended_at is not None or row.dismissed_at is not None or row.assigned:
            continue
        owner = owner_of(session, workspace_id, customer, row.mail_ids)
        if owner is not None and owner != row.user_id:
            alert = schema.Alert
            mine = update(alert).where(alert.id == row.id, alert.assigned == false()).values(user_id=owner)
            session.execute(mine.execution_options(synchronize_session=False))
            session.expire(row, ["user_id", "assigned"])


def _episode(row: schema.Alert) -> Episode:
    kind, over = cast(Kind, row.kind), row.ended_at is not None
    return Episode(kind=kind, name=row.episode, term=row.term, mail_ids=tuple(row.mail_ids), over=over)
