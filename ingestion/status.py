"""Where each mailbox of a user stands (C6)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from crm.identity import Principal
from gmail.oauth import can_send
from ingestion.coverage import coverage
from ingestion.mailboxes import mailboxes_of

_UNITS_EACH = 40  # quota units of a mail that is read whole: its headers, then its body


def status_of(session: Session, principal: Principal, units_per_minute: int = 6000) -> list[dict[str, Any]]:
    """One entry per mailbox: state, progress 0..1, eta in seconds (None when idle), last success, coverage."""
    return [_one(session, mailbox, units_per_minute) for mailbox in mailboxes_of(session, principal)]


def _one(session: Session, mailbox: Any, units_per_minute: int) -> dict[str, Any]:
    counts = coverage(session, mailbox)
    done = counts["listed"] - counts["pending"]
    complete = mailbox.backfill_done_at is not None and not counts["pending"]
    share = 1.0 if complete else done / counts["listed"] if counts["listed"] else 0.0
    eta = round(counts["pending"] * _UNITS_EACH * 60 / units_per_minute) if counts["pending"] else None
    return {
        "mailbox": mailbox.email,
        "state": mailbox.state,
        "cause": mailbox.cause,
        "can_send": bool(mailbox.sealed_token) and can_send(mailbox.scopes),
        "progress": round(share, 4),
        "eta": eta,
        "last_success": mailbox.last_success_at.isoformat() if mailbox.last_success_at else None,
        "backfill_done": mailbox.backfill_done_at.isoformat() if mailbox.backfill_done_at else None,
        "history_id": mailbox.history_id,
        "coverage": counts,
    }
