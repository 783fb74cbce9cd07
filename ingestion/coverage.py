"""The coverage of a mailbox: every message that Gmail ever showed is stored, left out for a reason, or waiting."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from crm import schema
from ingestion.pending import DOUBTED
from ingestion.reasons import NO_CUSTOMER


def coverage(session: Session, mailbox: schema.Mailbox) -> dict[str, Any]:
    """listed = stored + filtered by reason + quarantined + pending; `listed` is counted apart, when ids become durable.

    A known message that got a customer and waits for its body counts as pending (or quarantined), not as left out.
    """
    copy = schema.Message
    counts = session.execute(
        select(copy.status, copy.reason, func.count())
        .where(copy.mailbox_id == mailbox.id)
        .group_by(copy.status, copy.reason)
    ).all()
    filtered = {reason: count for status, reason, count in sorted(counts) if status != "stored"}
    known = select(copy.gmail_id).where(copy.mailbox_id == mailbox.id)
    waiting = _by_quarantine(session, mailbox.id, schema.Pending.gmail_id.not_in(known))
    bodies = _by_quarantine(session, mailbox.id, _waits_for_its_body(mailbox.id))
    if bodies:
        filtered[NO_CUSTOMER] = max(0, filtered.get(NO_CUSTOMER, 0) - sum(bodies.values()))
    return {
        "listed": mailbox.listed_total,
        "stored": sum(count for status, _, count in counts if status == "stored"),
        "filtered": {reason: count for reason, count in filtered.items() if count},
        "quarantined": waiting.get(True, 0) + bodies.get(True, 0),
        "pending": waiting.get(False, 0) + bodies.get(False, 0),
    }


def _by_quarantine(session: Session, mailbox_id: int, condition: ColumnElement[bool]) -> dict[bool, int]:
    quarantined = schema.Pending.quarantined_at.is_not(None)
    query = select(quarantined, func.count()).where(schema.Pending.mailbox_id == mailbox_id, condition)
    return {bool(held): count for held, count in session.execute(query.group_by(quarantined))}


def _waits_for_its_body(mailbox_id: int) -> ColumnElement[bool]:
    copy, pending = schema.Message, schema.Pending
    linked = exists().where(schema.Link.mail_id == copy.mail_id)
    return (pending.error != DOUBTED) & exists().where(
        copy.mailbox_id == mailbox_id,
        copy.gmail_id == pending.gmail_id,
        copy.status == "filtered",
        copy.reason == NO_CUSTOMER,
        linked,
    )
