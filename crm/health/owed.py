"""The open turns that matter today: recent ones whose mail asks for something."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from crm.health.report import Responses
from crm.mails import get_mails
from crm.signals.asking import asks_something

STALE = timedelta(days=30)  # a turn open for longer is history, not a task


def owed(session: Session, workspace_id: int, responses: tuple[Responses, ...], now: datetime) -> tuple[Responses, ...]:
    """`responses` with those turns only whose mail asks something and is no older than 30 days, oldest first.

    A closing "Thanks, that was it" leaves a turn open, and nobody waits for an answer to it.
    """
    recent = {turn.mail_id for held in responses for turn in held.waiting if now - turn.since <= STALE}
    mails = get_mails(session, workspace_id, recent)
    asking = {mail_id for mail_id, mail in mails.items() if asks_something(mail.new_text)}
    return tuple(
        replace(held, waiting=tuple(turn for turn in held.waiting if turn.mail_id in asking)) for held in responses
    )
