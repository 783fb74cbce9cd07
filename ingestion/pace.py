"""How long a mailbox's reading will take: at the pace of the sync that runs, else at that of Gmail's quota."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from crm import schema
from gmail.quota import COSTS
from ingestion.coverage import coverage
from ingestion.fetching import sees_every_head, units_of_thread

MEASURED = 25  # mails, a batch: what a pace is told from,
_LONG_ENOUGH = 5.0  # and seconds


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What one user may spend of Gmail's quota, and the units that each method costs."""

    units_per_minute: int = 6_000
    costs: Mapping[str, int] = field(default_factory=lambda: COSTS["new"])


def note_start(session: Session, mailbox: schema.Mailbox, now: datetime) -> None:
    """A sync begins to fetch what waits: as many as the coverage says, which leaves out what is known and only fetched again."""
    mailbox.reading_since, mailbox.reading_from = now, coverage(session, mailbox)["pending"]


def seconds_left(session: Session, mailbox: schema.Mailbox, pending: int, now: datetime, budget: Budget) -> int:
    """Until `pending` mails are read. A sync that has read for some seconds tells by its own pace, whatever slows it down."""
    if mailbox.reading_since is not None and mailbox.lease_until is not None and mailbox.lease_until >= now:
        done = mailbox.reading_from - pending
        spent = (now - mailbox.reading_since).total_seconds()
        if done >= MEASURED and spent >= _LONG_ENOUGH:
            return round(pending * spent / done)
    return round(pending * _units_each(session, mailbox, budget.costs) * 60 / budget.units_per_minute)


def _units_each(session: Session, mailbox: schema.Mailbox, costs: Mapping[str, int]) -> float:
    """What a mail cost so far in this mailbox; before the first one, what a lone mail of a customer costs, the most there is."""
    copy = schema.Message
    threads = session.execute(
        select(func.count(), func.sum(case((copy.status == "stored", 1), else_=0)))
        .where(copy.mailbox_id == mailbox.id, copy.status.in_(("stored", "filtered")))
        .group_by(copy.gmail_thread_id)
    ).all()
    mails = sum(int(count) for count, _ in threads)
    every_head = sees_every_head(session, mailbox)
    if not mails:
        return units_of_thread(costs, 1, 1, every_head=every_head)
    return sum(units_of_thread(costs, int(n), int(stored), every_head=every_head) for n, stored in threads) / mails
