"""A CSM's own word on a mail's tone (H1): it wins over the measured one and is never overwritten."""

from __future__ import annotations

from typing import Literal

from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.identity import Principal
from crm.mails import get_mail

Label = Literal["positive", "neutral", "negative"]


def set_tone(session: Session, clock: Clock, principal: Principal, mail_id: str, label: Label) -> None:
    """Set the tone of a visible mail, with full confidence. Raises `NotFound`."""
    mail = get_mail(session, principal.workspace_id, mail_id)
    row = session.get_one(schema.Mail, mail.id)
    row.tone, row.tone_confidence, row.tone_by = label, 1.0, principal.email
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
        action="tone.set", subject=mail.id, label=label,
    )  # fmt: skip
