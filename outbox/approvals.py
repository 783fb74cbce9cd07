"""Approval: an authenticated human's yes to exact bytes. Nothing the model says can write this row.

An approved draft waits in the outbox until `send_at`: ten seconds in which its human can undo, or a moment they chose.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.database import Database
from crm.errors import DraftConflict, NotConnected, PolicyRefused, SendNotEnabled, TooLate
from crm.identity import Principal
from gmail.oauth import can_send
from outbox import drafts
from outbox.schedule import checked_moment
from outbox.warning import PolicyWarning, unseen

Face = Literal["web", "slack", "terminal"]
UNDO = timedelta(seconds=10)
LIFETIME = timedelta(minutes=10)  # after the moment it should have left at
_OPEN = ("draft", "approved")  # approved: a face or a worker died before it could send


def approve(
    session: Session,
    clock: Clock,
    principal: Principal,
    draft_id: str,
    *,
    sha256: str,
    warned: str,
    face: Face,
    send_at: datetime | None = None,
) -> drafts.Draft:
    """Bind this human's approval to the bytes and the warnings they saw, and put the draft into the outbox.

    `warned` is `Draft.warned` of the draft that was shown; `send_at` a later moment that the human typed (aware).
    Raises `DraftConflict` when the draft is not these bytes any more or was already handled, `PolicyRefused` when a warning
    blocks or was not seen, `SendNotEnabled` when the mailbox has no send scope: all before anything is approved.
    """
    row = drafts.own_row(session, principal, draft_id, lock=True)
    mailbox = session.get_one(schema.Mailbox, row.mailbox_id)
    if not mailbox.sealed_token:
        raise NotConnected(mailbox.email)
    if not can_send(mailbox.scopes):
        raise SendNotEnabled(mailbox.email)
    if row.sha256 != sha256 or row.status not in _OPEN or valid_approval(session, clock, row) is not None:
        raise DraftConflict(draft_id)
    leaves = clock() + UNDO if send_at is None else checked_moment(send_at, clock() + UNDO)
    refuse(drafts.current_warnings(session, principal, row), warned)
    row.status, row.send_at, row.error, row.updated_at = "approved", leaves, "", clock()
    drafts.end_approvals(session, clock, row)
    session.add(
        schema.Approval(
            draft_id=draft_id,
            workspace_id=principal.workspace_id,
            user_id=principal.user_id,
            sha256=sha256,
            warned=warned,
            face=face,
            approved_at=clock(),
            expires_at=leaves + LIFETIME,
        )
    )
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
        action="draft.approve", subject=draft_id, version=row.version, sha256=sha256, face=face,
        send_at=leaves.isoformat(),
    )  # fmt: skip
    session.flush()
    return drafts.get(session, principal, draft_id)


def approve_shown(
    database: Database,
    clock: Clock,
    principal: Principal,
    draft_id: str,
    *,
    sha256: str,
    warned: str,
    face: Face,
    send_at: datetime | None = None,
) -> drafts.Draft:
    """`approve` as a face calls it: when the policy refuses, the warnings of now are kept for the next look at the draft."""
    try:
        with database.write() as session:
            return approve(
                session, clock, principal, draft_id, sha256=sha256, warned=warned, face=face, send_at=send_at
            )
    except PolicyRefused:
        with database.write() as session:
            drafts.refresh_warnings(session, principal, drafts.own_row(session, principal, draft_id, lock=True))
        raise


def undo(session: Session, clock: Clock, principal: Principal, draft_id: str, *, sha256: str) -> drafts.Draft:
    """Take the approval back while nothing has claimed the draft. Raises `TooLate` afterwards, `DraftConflict`."""
    row = drafts.own_row(session, principal, draft_id, lock=True)
    if row.status in ("sending", "sent", "uncertain"):
        raise TooLate(draft_id, sentence=_TOO_LATE[row.status])
    if row.status != "approved" or row.sha256 != sha256:
        raise DraftConflict(draft_id)
    drafts.end_approvals(session, clock, row)
    row.status, row.send_at, row.updated_at = "draft", None, clock()
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
        action="draft.undo", subject=draft_id, version=row.version,
    )  # fmt: skip
    session.flush()
    return drafts.get(session, principal, draft_id)


def valid_approval(session: Session, clock: Clock, draft: schema.Draft) -> schema.Approval | None:
    """The newest approval of exactly these bytes by the draft's owner that is neither expired, undone nor used."""
    return session.scalar(
        select(schema.Approval)
        .where(
            schema.Approval.draft_id == draft.id,
            schema.Approval.sha256 == draft.sha256,
            schema.Approval.user_id == draft.user_id,
            schema.Approval.workspace_id == draft.workspace_id,
            schema.Approval.expires_at > clock(),
            schema.Approval.ended_at.is_(None),
        )
        .order_by(schema.Approval.id.desc())
        .limit(1)
    )


def refuse(now: tuple[PolicyWarning, ...], warned: str) -> None:
    """Raise `PolicyRefused` when a warning of now blocks, or is not among those that were seen."""
    for warning in now:
        if warning.blocking:
            raise PolicyRefused(
                warning.kind, sentence=warning.sentence,
                next_step="It can't be sent like this: take that out of the text or those people out of the recipients.",
            )  # fmt: skip
    if unseen(now, warned):
        raise PolicyRefused("unseen")


_TOO_LATE = {
    "sending": "It is already being sent.",
    "sent": "It was already sent.",
    "uncertain": "It was already handed to Google, whose answer was lost.",
}
