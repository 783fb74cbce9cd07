"""Who writes to whom: recipients and sender follow from the mail that is answered, or from what a human typed."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import getaddresses

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import schema
from crm.errors import InputError, NotConnected
from crm.identity import Principal
from crm.mail import Address
from crm.mails import StoredMail


def own_copy(session: Session, principal: Principal, mail: StoredMail) -> tuple[schema.Mailbox, str]:
    """The user's own mailbox that holds the mail, and the thread there: a reply leaves from nowhere else."""
    row = session.execute(
        select(schema.Mailbox, schema.Message.gmail_thread_id)
        .join(schema.Message, schema.Message.mailbox_id == schema.Mailbox.id)
        .where(
            schema.Message.mail_id == mail.id,
            schema.Message.status == "stored",
            schema.Mailbox.user_id == principal.user_id,
        )
        .order_by(schema.Mailbox.id)
    ).first()
    if row is None:
        raise NotConnected(
            mail.id,
            sentence="That mail is not in your own mailbox.",
            next_step="Ask the colleague who has it to reply, or connect your Gmail.",
        )
    return row[0], row[1]


def sending_addresses(mailbox: schema.Mailbox) -> tuple[str, ...]:
    """What a reply of this mailbox may leave from: its own address and the aliases that Gmail says are its user's."""
    return tuple(dict.fromkeys((mailbox.email, *mailbox.aliases)))


def sending_address(mail: StoredMail, mailbox: schema.Mailbox) -> str:
    """The address the thread knows: the alias that was written to, else the mailbox's own."""
    ours = sending_addresses(mailbox)
    used = [person.email for person in (mail.sender, *mail.to, *mail.cc) if person.email in ours]
    return used[0] if used else mailbox.email


def chosen_sender(typed: str, mailbox: schema.Mailbox, now: Address) -> Address:
    """The address a human chose to write from, under the name the draft has. Raises `InputError` for one not theirs."""
    email = typed.strip().lower()
    if email not in sending_addresses(mailbox):
        raise InputError(
            email, sentence=f"“{email}” is not an address of {mailbox.email}.",
            next_step="Choose its own address or one of its aliases in Gmail.",
        )  # fmt: skip
    return Address(name=now.name, email=email)


def reply_to_all(mail: StoredMail, own: frozenset[str]) -> tuple[list[Address], list[Address]]:
    """(To, Cc). Reply-To is not followed, only warned of: it is a favourite of phishers."""
    if mail.direction == "outbound":
        to, others = list(mail.to), list(mail.cc)
    else:
        to, others = [mail.sender], [*mail.to, *mail.cc]
    to = [person for person in to if person.email and person.email not in own]
    seen = own | {person.email for person in to}
    cc = [person for person in others if person.email and person.email not in seen]
    if not to:
        raise InputError(mail.id, sentence="That mail has nobody outside to reply to.")
    return to, cc


def parse_addresses(typed: Sequence[str]) -> list[Address]:
    """Addresses a human typed. Raises `InputError` for one that is none."""
    found = [Address(name=name, email=email.lower()) for name, email in getaddresses(list(typed)) if name or email]
    for person in found:
        local, _, domain = person.email.rpartition("@")
        if not local or "." not in domain or any(char.isspace() for char in person.email):
            raise InputError(person.email, sentence=f"“{person.email or person.name}” is not an e-mail address.")
    return found
