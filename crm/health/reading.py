"""Reading the mails that health is made of: only what the formula needs, in one statement each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, func, select
from sqlalchemy.orm import Session

from crm import schema
from crm.association import Directory, associate
from crm.customers import Customer
from crm.health.touches import Touch, in_order
from crm.mails import MailFilter, where
from crm.slices import slices

_AT_ONCE, _LOOKED_AT = 20, 400  # mails looked at for the last one before a period
_INVITATIONS = ("text/calendar", "application/ics")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The mails of a period, oldest first, and the customer's last mail before it."""

    touches: tuple[Touch, ...]
    earlier: Touch | None


def read_touches(
    session: Session,
    workspace_id: int,
    customer: Customer,
    since: datetime,
    until: datetime,
    *,
    people: Collection[str] = (),
) -> Seen:
    """The customer's mails that somebody wrote by hand, from `since` until before `until` (aware).

    Automatic mail, bulk mail and invitations are left out. Of mail on several timelines, an inbound one counts for the
    customer whose people wrote it. `people` narrows it to mails from or to these addresses, and
    the last mail before to theirs.
    """
    mine = MailFilter(customer_ids=[customer.id], people=people, since=since, until=until, human_only=True)
    before = MailFilter(customer_ids=[customer.id], sent_by=people, until=since, direction="inbound", human_only=True)
    earlier = _newest(session, and_(where(workspace_id, before), ~_invitation()), customer)
    touches = _touches(session, and_(where(workspace_id, mine), ~_invitation()), customer)
    return Seen(touches=touches, earlier=earlier)


def _newest(session: Session, chosen: ColumnElement[bool], customer: Customer) -> Touch | None:
    """The newest of these mails that counts for the customer; of shared ones, some are another customer's."""
    mail = schema.Mail
    order = (mail.sent_at.desc(), mail.id.desc())
    for begin in range(0, _LOOKED_AT, _AT_ONCE):
        ids = session.scalars(select(mail.id).where(chosen).order_by(*order).offset(begin).limit(_AT_ONCE)).all()
        if found := _touches(session, mail.id.in_(ids), customer):
            return found[-1]
        if len(ids) < _AT_ONCE:
            return None
    return None


def _invitation() -> ColumnElement[bool]:
    held = schema.MailAttachment
    return exists().where(held.mail_id == schema.Mail.id, held.type.in_(_INVITATIONS))


def _touches(session: Session, chosen: ColumnElement[bool], customer: Customer) -> tuple[Touch, ...]:
    mail = schema.Mail
    columns = (
        mail.id, mail.sent_at, mail.direction, mail.sender_email, mail.rfc_message_id, mail.references, mail.tone,
        mail.tone_confidence,
    )  # fmt: skip
    rows = session.execute(select(*columns).where(chosen)).all()
    ids = [row.id for row in rows]
    threads, terms, shared = _threads(session, ids), _terms(session, ids), _shared(session, ids)
    people = Directory(
        domains=dict.fromkeys(customer.domains, customer.id),
        contacts={contact.email: (customer.id,) for contact in customer.contacts},
    )
    return in_order(
        Touch(
            id=row.id,
            sent_at=row.sent_at,
            side="customer" if row.direction == "inbound" else "us",
            sender=row.sender_email,
            # Gmail numbers threads per mailbox; the message ids connect what two mailboxes hold of one conversation.
            threads=threads[row.id] | ({row.rfc_message_id, *row.references} - {""}),
            tone=row.tone,
            confidence=row.tone_confidence,
            terms=frozenset(terms[row.id]),
        )
        for row in rows
        if row.direction == "outbound" or row.id not in shared or associate([row.sender_email], people)
    )


def _threads(session: Session, ids: list[str]) -> defaultdict[str, frozenset[str]]:
    found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    copy = schema.Message
    for piece in slices(ids):
        wanted = and_(copy.mail_id.in_(piece), copy.status == "stored")
        for mail_id, mailbox, thread in session.execute(
            select(copy.mail_id, copy.mailbox_id, copy.gmail_thread_id).where(wanted)
        ):
            if mail_id is not None:
                found[mail_id] |= {f"{mailbox}/{thread}"}
    return found


def _terms(session: Session, ids: list[str]) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    word = schema.MailKeyword
    for piece in slices(ids):
        wanted = and_(word.mail_id.in_(piece), word.negated == false())
        for mail_id, term in session.execute(select(word.mail_id, word.term).where(wanted)):
            found[mail_id].add(term)
    return found


def _shared(session: Session, ids: list[str]) -> set[str]:
    """Those that stand on more than one timeline."""
    found: set[str] = set()
    link = schema.Link
    for piece in slices(ids):
        several = select(link.mail_id).where(link.mail_id.in_(piece))
        found.update(session.scalars(several.group_by(link.mail_id).having(func.count() > 1)))
    return found
