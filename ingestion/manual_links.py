"""Linking a mail to a customer by hand, and taking it off (A3). Both are audited and survive every re-association."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from crm import audit
from crm.clock import Clock
from crm.customers import find_customer
from crm.errors import InputError
from crm.identity import Principal
from crm.link_choices import link_mail, unlink_mail, unlink_thread
from ingestion.finding import find_copy, not_seen
from ingestion.placement import mails_of_threads, rejudge_conversations
from ingestion.reasons import NEVER_LOG, PRIVATE, SENTENCES, hidden_by


@dataclass(frozen=True, kw_only=True)
class Relinked:
    """What a choice did. `queued`: bodies that the next sync fetches."""

    mail_id: str
    customer: str
    mails: int
    queued: int


def link(session: Session, clock: Clock, principal: Principal, wanted: str, customer: str) -> Relinked:
    """Put a mail on a customer's timeline; its thread follows (S4). Raises `NotFound`, `InputError`."""
    copy = find_copy(session, principal, wanted)
    if copy is None:
        raise not_seen(wanted)
    held_back = copy.reason if copy.reason in (NEVER_LOG, PRIVATE) else hidden_by(copy.label_ids)
    if held_back or copy.mail_id is None:
        why = SENTENCES.get(held_back, "Its text was never read.")
        raise InputError(wanted, sentence=f"That mail can't be linked. {why}", next_step="")
    return link_mails(session, clock, principal, [copy.mail_id], customer)


def link_mails(
    session: Session, clock: Clock, principal: Principal, mail_ids: Collection[str], customer: str
) -> Relinked:
    """`link` for several mails that the caller has found for this user."""
    chosen = find_customer(session, principal.workspace_id, customer)
    for mail_id in mail_ids:
        link_mail(session, clock, principal, mail_id, chosen.id)
        _record(session, clock, principal, "mail.link", mail_id, chosen.name)
    queued = rejudge_conversations(session, mail_ids)
    return Relinked(mail_id=next(iter(mail_ids), ""), customer=chosen.name, mails=len(mail_ids), queued=queued)


def unlink(
    session: Session, clock: Clock, principal: Principal, wanted: str, customer: str, *, thread: bool = False
) -> Relinked:
    """Take a mail, or its whole thread with what is still to come, off a customer's timeline. Raises `NotFound`."""
    copy = find_copy(session, principal, wanted)
    if copy is None or copy.mail_id is None:
        raise not_seen(wanted)
    chosen = find_customer(session, principal.workspace_id, customer)
    mail_ids = [copy.mail_id]
    if thread:
        mail_ids = sorted(mails_of_threads(session, copy.mailbox_id, [copy.gmail_thread_id]))
        unlink_thread(session, clock, principal, copy.mailbox_id, copy.gmail_thread_id, chosen.id)
        _record(session, clock, principal, "thread.unlink", copy.gmail_thread_id, chosen.name)
    else:
        unlink_mail(session, clock, principal, copy.mail_id, chosen.id)
        _record(session, clock, principal, "mail.unlink", copy.mail_id, chosen.name)
    queued = rejudge_conversations(session, mail_ids)
    return Relinked(mail_id=copy.mail_id, customer=chosen.name, mails=len(mail_ids), queued=queued)


def _record(session: Session, clock: Clock, principal: Principal, action: str, subject: str, customer: str) -> None:
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id, action=action,
        subject=subject, customer=customer,
    )  # fmt: skip
