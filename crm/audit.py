"""The audit log: every link, reply, approval, send, deletion and connection, with who and which trace."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm.clock import Clock
from crm.schema import AuditEvent
from crm.trace import trace_id


def record(
    session: Session,
    clock: Clock,
    *,
    workspace_id: int,
    user_id: int | None,
    action: str,
    subject: str,
    **detail: str | int | bool,
) -> None:
    """Append one event in the caller's transaction. `detail` holds ids and numbers, never bodies or tokens."""
    session.add(
        AuditEvent(
            workspace_id=workspace_id,
            user_id=user_id,
            at=clock(),
            action=action,
            subject=subject,
            detail=dict(detail),
            trace_id=trace_id(),
        )
    )
