"""Keeping health up to date: whose mail, figures or settings changed is computed again, and nobody else."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from crm import schema
from crm.alerts.raising import raise_alerts
from crm.clock import Clock
from crm.customers import get_customer
from crm.database import Database, is_conflict, store_failure
from crm.health.history import assess_days, keep
from crm.health.policy import Policy, policy_of
from crm.slices import slices

_log = logging.getLogger(__name__)
HISTORY = timedelta(days=90)  # how far back a change reaches; older snapshots stay as they were
FRESH = timedelta(minutes=30)  # what only the clock changes, such as an open turn, is looked at this often


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """How many customers were computed, and how many days of health of theirs; `left` are those still due."""

    customers: int
    days: int
    left: int


class Refresher:
    """Safe to run in several processes at once: each customer is computed and kept in one transaction that holds its row."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def run(
        self,
        *,
        seconds: float | None = None,
        stopping: Callable[[], bool] = lambda: False,
        progress: Callable[[int, int], object] | None = None,
    ) -> Refreshed:
        """Compute whoever is due, for at most about `seconds`; `progress` is told how many of how many are done."""
        began, days = time.monotonic(), 0
        with self._database.read() as session:
            due = due_customers(session, self._clock())
        for done, customer_id in enumerate(due):
            if stopping() or (seconds is not None and time.monotonic() - began > seconds):
                return Refreshed(customers=done, days=days, left=len(due) - done)
            if progress:
                progress(done, len(due))
            try:
                with self._database.write() as session:
                    days += refresh_customer(session, customer_id, self._clock())
            except Exception as error:
                if store_failure(error) and not is_conflict(error):
                    raise  # nobody's health can be kept now
                _log.exception("health not computed", extra={"fields": {"customer": customer_id}})
        if progress:
            progress(len(due), len(due))
        return Refreshed(customers=len(due), days=days, left=0)


def due_customers(session: Session, now: datetime) -> Sequence[int]:
    """Those that changed, then those whose snapshot is of yesterday or older than half an hour, the oldest first."""
    changed = session.scalars(
        select(schema.HealthDue.customer_id)
        .group_by(schema.HealthDue.customer_id)
        .order_by(func.min(schema.HealthDue.id))
    ).all()
    kept = schema.HealthSnapshot
    newest = (
        select(kept.customer_id, func.max(kept.computed_at).label("at"))
        .where(kept.day >= (now - 2 * FRESH - timedelta(days=1)).date())  # a day begins at another hour in every zone
        .group_by(kept.customer_id)
        .subquery()
    )
    stale = session.scalars(
        select(schema.Customer.id)
        .outerjoin(newest, newest.c.customer_id == schema.Customer.id)
        .where(or_(newest.c.at.is_(None), newest.c.at < now - FRESH))
        .order_by(newest.c.at, schema.Customer.id)
    ).all()
    return list(dict.fromkeys((*changed, *stale)))


def refresh_customer(session: Session, customer_id: int, now: datetime) -> int:
    """Compute the customer's days since its first change, keep them, and raise what must be told; the number of days.

    The customer's row is held first (links to it may still be added), so that of two processes the later one sees what the
    earlier one has read and more.
    """
    due = schema.HealthDue
    row = session.scalar(
        select(schema.Customer).where(schema.Customer.id == customer_id).with_for_update(key_share=True)
    )
    if row is None:
        session.execute(delete(due).where(due.customer_id == customer_id))
        return 0
    marks = session.execute(select(due.id, due.since).where(due.customer_id == customer_id)).all()
    policy = policy_of(session, row.workspace_id)
    today = policy.calendar.day_of(now)
    first = _first_day(session, customer_id, policy, [mark.since for mark in marks], now)
    customer = get_customer(session, row.workspace_id, customer_id)
    healths = assess_days(session, row.workspace_id, customer, first, today, now, policy=policy)
    keep(session, row.workspace_id, customer_id, healths, now)
    raise_alerts(session, row.workspace_id, customer, healths[-1], now, policy.calendar)
    for ids in slices(mark.id for mark in marks):
        session.execute(delete(due).where(due.id.in_(ids)))
    return len(healths)


def _first_day(session: Session, customer_id: int, policy: Policy, since: Sequence[datetime], now: datetime) -> date:
    """The day of the first change, or the last snapshot's, which may have been taken before its day had ended."""
    today = policy.calendar.day_of(now)
    last = session.scalar(
        select(func.max(schema.HealthSnapshot.day)).where(schema.HealthSnapshot.customer_id == customer_id)
    )
    wanted = [policy.calendar.day_of(instant) for instant in since]
    wanted.append(last if last is not None else today - HISTORY)
    return min(max(min(wanted), today - HISTORY), today)
