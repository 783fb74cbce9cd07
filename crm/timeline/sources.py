"""What stands on a timeline beside mail. A new kind is one function here and its line in `SOURCES`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from crm.alerts.alert import alerts_of
from crm.health.history import changes
from crm.health.policy import policy_of
from crm.notes import notes_of
from crm.timeline.item import Item, Kind

# (session, workspace, customer, since, until) → its entries in any order; instants are aware, `until` is exclusive.
# More than was asked for may be given, so a source of few entries need not look at the dates.
Source = Callable[[Session, int, int, datetime | None, datetime | None], Iterable[Item]]


def _health(
    session: Session, workspace_id: int, customer_id: int, since: datetime | None, until: datetime | None
) -> Iterable[Item]:
    """A change stands at the end of its day, above the mail that caused it."""
    calendar = policy_of(session, workspace_id).calendar
    first, last = (held.astimezone(calendar.zone).date() if held else None for held in (since, until))
    for change in changes(session, workspace_id, customer_id, since=first, until=last):
        yield Item(
            kind="health",
            at=calendar.end_of(change.day) - timedelta(seconds=1),
            id=change.day.isoformat(),
            text=change.explanation(),
            mail_ids=change.mail_ids,
        )


def _notes(
    session: Session, workspace_id: int, customer_id: int, since: datetime | None, until: datetime | None
) -> Iterable[Item]:
    for note in notes_of(session, workspace_id, customer_id, since, until):
        yield Item(
            kind="note",
            at=note.created_at,
            id=f"{note.id:012d}",
            text=note.text,
            mail_ids=(note.mail_id,) if note.mail_id else (),
            author=note.author,
        )


def _alerts(
    session: Session, workspace_id: int, customer_id: int, since: datetime | None, until: datetime | None
) -> Iterable[Item]:
    for alert in alerts_of(session, workspace_id, customer_id, since, until):
        yield Item(
            kind="alert", at=alert.at, id=f"{alert.alert_id:012d}", text=alert.text, mail_ids=tuple(alert.mail_ids)
        )


SOURCES: tuple[tuple[Kind, Source], ...] = (("health", _health), ("note", _notes), ("alert", _alerts))
