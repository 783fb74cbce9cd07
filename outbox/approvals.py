"""Approval: an authenticated human's yes to exact bytes. Nothing the model says can write this row."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.errors import DraftConflict, NotConnected, SendNotEnabled
from crm.identity import Principal
from gmail.oauth import can_send
from outbox import drafts

Face = Literal["web", "slack", "terminal"]
LIFETIME = timedelta(minutes=10)


def approve(
    session: Session, clock: Clock, principal: Principal, draft_id: str, *, sha256: str, face: Face
) -> drafts.Draft:
    """Bind this human's approval to the bytes they saw, and hand the draft to the sender.

    Raises `DraftConflict` when the draft is not these bytes any more or was already handled, `SendNotEnabled` when the
    mailbox has no send scope: it fails closed before anything is approved.
    """
    draft = drafts.get(session, principal, draft_id)
    row = session.get_one(schema.Draft, draft_id)
    mailbox = session.get_one(schema.Mailbox, row.mailbox_id)
    if not mailbox.sealed_token:
        raise NotConnected(mailbox.email)
    if not can_send(mailbox.scopes):
        raise SendNotEnabled(mailbox.email)
    if draft.sha256 != sha256:
        raise DraftConflict(draft_id)
    claimed = session.execute(
        update(schema.Draft)
        .where(
            schema.Draft.id == draft_id,
            schema.Draft.sha256 == sha256,
            schema.Draft.status.in_(("draft", "approved")),  # approved: a face died before it could send
        )
        .values(status="approved", updated_at=clock())
    )
    if not getattr(claimed, "rowcount", 0):
        raise DraftConflict(draft_id)
    session.add(
        schema.Approval(
            draft_id=draft_id,
            workspace_id=principal.workspace_id,
            user_id=principal.user_id,
            sha256=sha256,
            face=face,
            approved_at=clock(),
            expires_at=clock() + LIFETIME,
        )
    )
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
        action="draft.approve", subject=draft_id, version=draft.version, sha256=sha256, face=face,
    )  # fmt: skip
    session.flush()
    session.expire(row)
    return drafts.get(session, principal, draft_id)


def valid_approval(session: Session, clock: Clock, draft: schema.Draft) -> schema.Approval | None:
    """The newest unexpired approval of exactly these bytes by the draft's owner."""
    return session.scalar(
        select(schema.Approval)
        .where(
            schema.Approval.draft_id == draft.id,
            schema.Approval.sha256 == draft.sha256,
            schema.Approval.user_id == draft.user_id,
            schema.Approval.workspace_id == draft.workspace_id,
            schema.Approval.expires_at > clock(),
        )
        .order_by(schema.Approval.id.desc())
        .limit(1)
    )
