"""Private conversations (S9): their owner keeps them off every timeline, and may take that back.

They are hidden everywhere, also where a colleague's mailbox holds the same mail: who marks a conversation as private and
still finds it on the team's timeline can't undo that, while a mail hidden by mistake comes back with one command.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.errors import NotFound
from crm.identity import Principal
from ingestion.finding import own_thread
from ingestion.placement import mails_of_threads, rejudge_conversations


@dataclass(frozen=True, kw_only=True)
class Private:
    """One private conversation of the user's. `subject` is its oldest mail's."""

    mailbox: str
    thread_id: str
    subject: str
    mails: int


def private_of(session: Session, principal: Principal) -> tuple[Private, ...]:
    """The user's own private conversations, newest mark first."""
    held, copy = schema.PrivateThread, schema.Message
    query = (
        select(held, schema.Mailbox.email)
        .join(schema.Mailbox, schema.Mailbox.id == held.mailbox_id)
        .where(schema.Mailbox.workspace_id == principal.workspace_id, schema.Mailbox.user_id == principal.user_id)
        .order_by(held.created_at.desc(), held.gmail_thread_id)
    )
    found = []
    for row, email in session.execute(query).all():
        here = and_(copy.mailbox_id == row.mailbox_id, copy.gmail_thread_id == row.gmail_thread_id)
        count = session.scalar(select(func.count()).select_from(copy).where(here)) or 0
        oldest = (
            select(schema.Mail.subject)
            .join(copy, copy.mail_id == schema.Mail.id)
            .where(here)
            .order_by(schema.Mail.sent_at)
        )
        found.append(
            Private(
                mailbox=email, thread_id=row.gmail_thread_id, subject=session.scalar(oldest.limit(1)) or "", mails=count
            )
        )
    return tuple(found)


def make_private(session: Session, clock: Clock, principal: Principal, wanted: str) -> Private:
    """Hide the conversation of a mail in the user's own mailbox; twice changes nothing. Raises `NotFound`."""
    copy = own_thread(session, principal, wanted)
    key = (copy.mailbox_id, copy.gmail_thread_id)
    if session.get(schema.PrivateThread, key) is None:
        session.add(schema.PrivateThread(mailbox_id=key[0], gmail_thread_id=key[1], created_at=clock()))
        session.flush()
        _record(session, clock, principal, "thread.private", key[1])
        rejudge_conversations(session, mails_of_threads(session, key[0], [key[1]]))
    return _one(session, principal, *key)


def make_public(session: Session, clock: Clock, principal: Principal, wanted: str) -> Private:
    """Take it back: the next sync reads the conversation's bodies again. Raises `NotFound`."""
    copy = own_thread(session, principal, wanted)
    row = session.get(schema.PrivateThread, (copy.mailbox_id, copy.gmail_thread_id))
    if row is None:
        raise NotFound(wanted, sentence="That conversation is not private.", next_step="See `lealup private list`.")
    shown = _one(session, principal, copy.mailbox_id, copy.gmail_thread_id)
    session.delete(row)
    session.flush()
    _record(session, clock, principal, "thread.public", copy.gmail_thread_id)
    rejudge_conversations(session, mails_of_threads(session, copy.mailbox_id, [copy.gmail_thread_id]))
    return shown


def _one(session: Session, principal: Principal, mailbox_id: int, thread_id: str) -> Private:
    email = session.get_one(schema.Mailbox, mailbox_id).email
    found = private_of(session, principal)
    return next(held for held in found if (held.mailbox, held.thread_id) == (email, thread_id))


def _record(session: Session, clock: Clock, principal: Principal, action: str, thread_id: str) -> None:
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id, action=action, subject=thread_id
    )
