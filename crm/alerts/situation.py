"""What the rules look at: a customer's mails and health as they were at an instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, false, or_, select
from sqlalchemy.orm import Session

from crm import schema
from crm.customers import Customer
from crm.health.assess import WEEK, WINDOW
from crm.health.calendar import Calendar
from crm.health.owed import STALE
from crm.health.reading import read_touches
from crm.health.report import Health
from crm.health.touches import Touch, conversations
from crm.signals.asking import asks_something
from crm.slices import slices

REACH = WINDOW + WEEK  # how much mail a situation holds


@dataclass(frozen=True, kw_only=True)
class Word:
    """A critical word that the customer says. `conditional`: only under a condition, wherever the mail says it."""

    term: str
    conditional: bool


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A customer at an instant (aware). `touches` are the mails by hand before it, oldest first; `earlier` is the last
    mail of theirs before those. `health` is None where only the mails are looked at.
    """

    customer: Customer
    at: datetime
    calendar: Calendar
    health: Health | None
    touches: tuple[Touch, ...]
    talks: tuple[tuple[Touch, ...], ...]  # the same mails by conversation
    earlier: Touch | None
    words: Mapping[str, tuple[Word, ...]]  # by mail
    asking: frozenset[str]  # mails of theirs that want something


@dataclass(frozen=True, kw_only=True)
class Stock:
    """A customer's mails of a period, read once, from which the situation at any instant of it is made."""

    customer: Customer
    calendar: Calendar
    touches: tuple[Touch, ...]
    earlier: Touch | None
    words: Mapping[str, tuple[Word, ...]]
    asking: frozenset[str]

    def at(self, instant: datetime, health: Health | None) -> Situation:
        start = instant - REACH
        touches = tuple(touch for touch in self.touches if start <= touch.sent_at < instant)
        before = [touch for touch in self.touches if touch.sent_at < start and touch.side == "customer"]
        return Situation(
            customer=self.customer,
            at=instant,
            calendar=self.calendar,
            health=health,
            touches=touches,
            talks=conversations(touches),
            earlier=before[-1] if before else self.earlier,
            words=self.words,
            asking=self.asking,
        )


def read_stock(
    session: Session, workspace_id: int, customer: Customer, calendar: Calendar, first: datetime, last: datetime
) -> Stock:
    """What the situations from `first` to `last` (aware) are made of."""
    seen = read_touches(session, workspace_id, customer, first - REACH, last)
    recent = [touch.id for touch in seen.touches if touch.side == "customer" and touch.sent_at >= first - STALE]
    return Stock(
        customer=customer,
        calendar=calendar,
        touches=seen.touches,
        earlier=seen.earlier,
        words=_words(session, recent),
        asking=_asking(session, recent),
    )


def is_reading_up(session: Session, workspace_id: int, now: datetime, patience: timedelta) -> bool:
    """Whether a mailbox still gets its first mails: half a mailbox would look like silence.

    One that was neither connected nor found mail to read within `patience` no longer counts: it does not get through.
    """
    box = schema.Mailbox
    reading = (
        box.workspace_id == workspace_id,
        box.backfill_done_at.is_(None),
        box.sealed_token != "",
        box.state != "disconnected",
        or_(box.created_at > now - patience, box.reading_since > now - patience),
    )
    return session.scalar(select(box.id).where(*reading).limit(1)) is not None


def _words(session: Session, mail_ids: list[str]) -> Mapping[str, tuple[Word, ...]]:
    said: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    row = schema.MailKeyword
    for piece in slices(mail_ids):
        wanted = and_(row.mail_id.in_(piece), row.negated == false())
        for mail_id, term, conditional in session.execute(
            select(row.mail_id, row.term, row.hypothetical).where(wanted)
        ):
            said[mail_id][term] = said[mail_id].get(term, True) and conditional
    return {
        mail_id: tuple(Word(term=term, conditional=conditional) for term, conditional in sorted(terms.items()))
        for mail_id, terms in said.items()
    }


def _asking(session: Session, mail_ids: list[str]) -> frozenset[str]:
    found: set[str] = set()
    mail = schema.Mail
    for piece in slices(mail_ids):
        wanted = mail.id.in_(piece)
        for mail_id, text in session.execute(select(mail.id, mail.new_text).where(wanted)):
            if asks_something(text):
                found.add(mail_id)
    return frozenset(found)
