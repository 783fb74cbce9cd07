"""Where each mailbox of a user stands (C6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm import schema
from crm.identity import Principal
from crm.mails import visible
from gmail.oauth import can_send
from ingestion.coverage import coverage
from ingestion.mailboxes import mailboxes_of
from ingestion.pace import Budget, seconds_left
from ingestion.sync import Progress

_ALARM = timedelta(days=1)  # how long it stays in sight


def status_of(
    session: Session, principal: Principal, now: datetime, budget: Budget | None = None
) -> list[dict[str, Any]]:
    """One entry per mailbox: state, progress 0..1 of what is listed, eta in seconds until it is read (None when nothing
    waits), last success, coverage.

    `phase` is what a sync does at this moment, in whichever process, as `Progress` has it, or None. `budget` is the quota
    of this installation's Google project, by default a new one's.
    `freshness_seconds` is the age of the last success at `now` (None before the first); `alarm` is "" or a sentence.
    """
    spendable = budget or Budget()
    return [_one(session, mailbox, now, spendable) for mailbox in mailboxes_of(session, principal)]


def progress_of(session: Session, mailbox: schema.Mailbox, now: datetime) -> Progress | None:
    """What a sync of the mailbox is doing, in whichever process, as far as the rows tell; None when none runs."""
    if mailbox.lease_until is None or mailbox.lease_until < now:
        return None
    if mailbox.window_start is not None and not mailbox.listing_done:
        return Progress(phase="listing", done=mailbox.listed_total, total=0)
    counts = coverage(session, mailbox)
    if counts["pending"]:
        return Progress(phase="fetching", done=counts["listed"] - counts["pending"], total=counts["listed"])
    shown = visible(mailbox.workspace_id)
    mails = session.scalar(select(func.count()).select_from(schema.Mail).where(shown)) or 0
    indexed = session.scalar(select(func.count()).where(shown, schema.Mail.indexed_at > schema.OUTDATED)) or 0
    if indexed < mails:
        return Progress(phase="indexing", done=indexed, total=mails)
    return Progress(phase="changes", done=0, total=0)


def alarm_of(mailbox: schema.Mailbox, now: datetime) -> str:
    """What somebody should look at although the mailbox syncs, or ""."""
    again = mailbox.expired_again_at
    if again is None or now - again > _ALARM:
        return ""
    return "Gmail forgot its history twice within an hour: the whole window was listed again each time."


def _one(session: Session, mailbox: schema.Mailbox, now: datetime, budget: Budget) -> dict[str, Any]:
    counts = coverage(session, mailbox)
    done = counts["listed"] - counts["pending"]
    complete = mailbox.backfill_done_at is not None and not counts["pending"]
    share = 1.0 if complete else done / counts["listed"] if counts["listed"] else 0.0
    eta = seconds_left(session, mailbox, counts["pending"], now, budget) if counts["pending"] else None
    running = progress_of(session, mailbox, now)
    return {
        "mailbox": mailbox.email,
        "state": mailbox.state,
        "cause": mailbox.cause,
        "can_send": bool(mailbox.sealed_token) and can_send(mailbox.scopes),
        "progress": round(share, 4),
        "eta": eta,
        "phase": {"name": running.phase, "done": running.done, "total": running.total} if running else None,
        "last_success": mailbox.last_success_at.isoformat() if mailbox.last_success_at else None,
        "freshness_seconds": round((now - mailbox.last_success_at).total_seconds())
        if mailbox.last_success_at
        else None,
        "alarm": alarm_of(mailbox, now),
        "backfill_done": mailbox.backfill_done_at.isoformat() if mailbox.backfill_done_at else None,
        "history_id": mailbox.history_id,
        "coverage": counts,
    }
