"""The open turns that matter today: recent ones whose mail asks for something."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import false, select
from sqlalchemy.orm import Session

from crm import schema
from crm.customers import Customer
from crm.health.reading import read_touches
from crm.health.report import Responses, Side
from crm.health.turns import turns
from crm.signals.asking import asks_something
from crm.slices import slices

STALE = timedelta(days=30)  # a turn open for longer is history, not a task
_WINDOW = timedelta(days=90)  # a turn goes back to its first mail, so more is read than is shown


@dataclass(frozen=True, kw_only=True)
class OpenTurn:
    """A turn that waits for `side` since the instant (aware UTC) of its first mail."""

    side: Side
    mail_id: str
    since: datetime


def open_turns(
    session: Session, workspace_id: int, customers: Sequence[Customer], at: datetime
) -> dict[int, tuple[OpenTurn, ...]]:
    """What `owed` says of these customers' health, oldest first, without assessing it; customers that owe nothing are absent."""
    found: dict[int, list[OpenTurn]] = {}
    for customer in _in_touch(session, customers, at):
        seen = read_touches(session, workspace_id, customer, at - _WINDOW, at)
        found[customer.id] = [
            OpenTurn(side=turn.answering, mail_id=turn.first.id, since=turn.first.sent_at)
            for turn in turns(seen.touches)
            if turn.answer is None and at - turn.first.sent_at <= STALE
        ]
    asking = _asking(session, workspace_id, {turn.mail_id for held in found.values() for turn in held})
    kept = {held: tuple(turn for turn in each if turn.mail_id in asking) for held, each in found.items()}
    return {held: each for held, each in kept.items() if each}


def _in_touch(session: Session, customers: Sequence[Customer], at: datetime) -> list[Customer]:
    """Those with a mail in the last 30 days: nobody else has a turn that recent."""
    mail, link = schema.Mail, schema.Link
    recent = (
        select(link.customer_id)
        .join(mail, mail.id == link.mail_id)
        .where(
            link.customer_id.in_([held.id for held in customers]), mail.sent_at >= at - STALE, mail.sent_at < at,
            mail.automatic == false(), mail.bulk == false(),
        )
        .distinct()
    )  # fmt: skip
    wanted = set(session.scalars(recent))
    return [held for held in customers if held.id in wanted]


def owed(session: Session, workspace_id: int, responses: tuple[Responses, ...], now: datetime) -> tuple[Responses, ...]:
    """`responses` with those turns only whose mail asks something and is no older than 30 days, oldest first.

    A closing "Thanks, that was it" leaves a turn open, and nobody waits for an answer to it.
    """
    recent = {turn.mail_id for held in responses for turn in held.waiting if now - turn.since <= STALE}
    asking = _asking(session, workspace_id, recent)
    return tuple(
        replace(held, waiting=tuple(turn for turn in held.waiting if turn.mail_id in asking)) for held in responses
    )


def _asking(session: Session, workspace_id: int, mail_ids: Collection[str]) -> set[str]:
    mail = schema.Mail
    found: set[str] = set()
    for piece in slices(sorted(mail_ids)):
        texts = select(mail.id, mail.new_text).where(mail.workspace_id == workspace_id, mail.id.in_(piece))
        found |= {mail_id for mail_id, text in session.execute(texts) if asks_something(text)}
    return found
