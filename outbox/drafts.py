"""Drafts: the canonical bytes of a reply, stored until a human decides.

The bytes shown are the bytes hashed, approved and sent. An edit makes new bytes, a new hash and a new version, and
whatever was approved before no longer counts.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Literal, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.customers import own_addresses
from crm.errors import DraftConflict, InputError, NotAllowed, NotConnected, NotFound
from crm.identity import Principal
from crm.mail import Address
from crm.mails import StoredMail, get_mail
from gmail.compose import Reply, compose
from outbox.policy import Warned, review

Status = Literal["draft", "approved", "sending", "sent", "uncertain", "discarded"]
MAX_TEXT = 100_000  # characters


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A stored reply, decoded from its own bytes. Times are aware UTC."""

    id: str
    version: int
    status: Status
    sha256: str
    raw: bytes
    mailbox: str
    mail_id: str
    customers: tuple[str, ...]
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    subject: str
    text: str
    warnings: tuple[str, ...]
    gmail_id: str
    error: str
    created_at: datetime
    updated_at: datetime

    @property
    def recipients(self) -> tuple[str, ...]:
        return self.to + self.cc + self.bcc


def create_reply(session: Session, clock: Clock, principal: Principal, *, mail_id: str, text: str) -> Draft:
    """Store a reply to a mail of this user's mailbox: to its people, in its thread.

    Recipients come from the thread, never from the caller: a model that asks for another address can't have it.
    Raises `NotFound`, `NotConnected` or `InputError`.
    """
    body = _checked(text)
    mail = get_mail(session, principal.workspace_id, mail_id)
    mailbox, thread_id = _own_copy(session, principal, mail)
    own = own_addresses(session, principal.workspace_id)
    to, cc = _recipients(mail, own)
    draft_id = secrets.token_hex(12)  # no leading dash: a command line would take it for an option
    raw = compose(
        Reply(
            sender=Address(name=principal.name, email=_sending_address(mail, mailbox)),
            to=to,
            cc=cc,
            bcc=(),
            subject=_reply_subject(mail.subject),
            text=body,
            in_reply_to=mail.rfc_message_id,
            references=(*mail.references, *((mail.rfc_message_id,) if mail.rfc_message_id else ())),
            draft_id=draft_id,
            date=clock(),
        )
    )
    row = schema.Draft(
        id=draft_id,
        workspace_id=principal.workspace_id,
        user_id=principal.user_id,
        mailbox_id=mailbox.id,
        mail_id=mail.id,
        gmail_thread_id=thread_id,
        status="draft",
        version=1,
        raw=raw,
        sha256=_sha(raw),
        created_at=clock(),
        updated_at=clock(),
    )
    session.add(row)
    session.flush()
    row.warnings = list(_warnings(session, principal, row, mail))
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
        action="draft.create", subject=draft_id, version=1,
    )  # fmt: skip
    return _view(session, row)


def edit(
    session: Session,
    clock: Clock,
    principal: Principal,
    draft_id: str,
    *,
    sha256: str,
    text: str,
    subject: str | None = None,
    to: Sequence[str] | None = None,
    cc: Sequence[str] | None = None,
    bcc: Sequence[str] | None = None,
) -> Draft:
    """A human's change: a new version with new bytes. Fields left None stay. Raises `DraftConflict` when it moved on."""
    row = _mine(session, principal, draft_id, lock=True)  # the sender must not claim it meanwhile
    if row.sha256 != sha256 or row.status not in ("draft", "approved"):
        raise DraftConflict(draft_id)
    now = _decode(row.raw)
    mail = get_mail(session, principal.workspace_id, row.mail_id)
    recipients = {
        name: _parse(typed) if typed is not None else _many(now[name])
        for name, typed in (("To", to), ("Cc", cc), ("Bcc", bcc))
    }
    if not any(recipients.values()):
        raise InputError(draft_id, sentence="A reply needs a recipient.")
    row.raw = compose(
        Reply(
            sender=_one(now["From"]),
            to=recipients["To"],
            cc=recipients["Cc"],
            bcc=recipients["Bcc"],
            subject=subject if subject is not None else str(now["Subject"]),
            text=_checked(text),
            in_reply_to=str(now["In-Reply-To"] or ""),
            references=str(now["References"] or "").split(),
            draft_id=row.id,
            date=clock(),
        )
    )
    row.sha256, row.version, row.status, row.updated_at = _sha(row.raw), row.version + 1, "draft", clock()
    row.warnings = list(_warnings(session, principal, row, mail))
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
        action="draft.edit", subject=draft_id, version=row.version,
    )  # fmt: skip
    return _view(session, row)


def discard(session: Session, clock: Clock, principal: Principal, draft_id: str) -> Draft:
    """Throw it away. Raises `DraftConflict` once it is being sent; one whose fate stayed uncertain can be put aside."""
    row = _mine(session, principal, draft_id, lock=True)  # the sender must not claim it meanwhile
    if row.status not in ("draft", "approved", "uncertain", "discarded"):
        raise DraftConflict(draft_id)
    row.status, row.updated_at = "discarded", clock()
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
        action="draft.discard", subject=draft_id,
    )  # fmt: skip
    return _view(session, row)


def get(session: Session, principal: Principal, draft_id: str) -> Draft:
    """One of the user's own drafts. Raises `NotFound`, or `NotAllowed` for a colleague's."""
    return _view(session, _mine(session, principal, draft_id))


def list_drafts(session: Session, principal: Principal) -> tuple[Draft, ...]:
    """The user's drafts, newest first."""
    query = (
        select(schema.Draft)
        .where(schema.Draft.workspace_id == principal.workspace_id, schema.Draft.user_id == principal.user_id)
        .order_by(schema.Draft.created_at.desc(), schema.Draft.id)
    )
    return tuple(_view(session, row) for row in session.scalars(query))


def _own_copy(session: Session, principal: Principal, mail: StoredMail) -> tuple[schema.Mailbox, str]:
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


def _sending_address(mail: StoredMail, mailbox: schema.Mailbox) -> str:
    """The address the thread knows: the alias that was written to, else the mailbox's own."""
    ours = {mailbox.email, *mailbox.aliases}
    used = [person.email for person in (mail.sender, *mail.to, *mail.cc) if person.email in ours]
    return used[0] if used else mailbox.email


def _recipients(mail: StoredMail, own: frozenset[str]) -> tuple[list[Address], list[Address]]:
    """Reply to all. Reply-To is not followed, only warned of: it is a favourite of phishers."""
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


def _reply_subject(subject: str) -> str:
    """Gmail threads by an unchanged subject, so a reply keeps whatever "Re:" is there."""
    bare = subject.lstrip()
    return bare if bare[:3].lower() in ("re:", "rv:", "aw:") or bare[:4].lower() == "res:" else f"Re: {bare}"


def _checked(text: str) -> str:
    if not text.strip():
        raise InputError("empty", sentence="A reply needs a text.")
    if len(text) > MAX_TEXT:
        raise InputError("long", sentence="That reply is too long to be a mail.")
    if any("\ud800" <= char <= "\udfff" for char in text):  # half of a pair: no encoding of mail has it
        raise InputError("surrogate", sentence="That reply holds a character that is cut in two.")
    return text.replace("\r\n", "\n").strip() + "\n"


def _mine(session: Session, principal: Principal, draft_id: str, *, lock: bool = False) -> schema.Draft:
    row = session.get(schema.Draft, draft_id, with_for_update=lock)
    if row is None or row.workspace_id != principal.workspace_id:
        raise NotFound(draft_id, sentence="There is no such draft.", next_step="See `lealup drafts list`.")
    if row.user_id != principal.user_id:
        raise NotAllowed(draft_id)
    return row


def _warnings(session: Session, principal: Principal, row: schema.Draft, mail: StoredMail) -> tuple[str, ...]:
    decoded = _decode(row.raw)
    recipients = [*_many(decoded["To"]), *_many(decoded["Cc"]), *_many(decoded["Bcc"])]
    return review(session, Warned(principal=principal, mail=mail, recipients=recipients, text=_text(decoded)))


def _view(session: Session, row: schema.Draft) -> Draft:
    decoded = _decode(row.raw)
    mailbox = session.get_one(schema.Mailbox, row.mailbox_id)
    customers = session.scalars(
        select(schema.Customer.name)
        .join(schema.Link, schema.Link.customer_id == schema.Customer.id)
        .where(schema.Link.mail_id == row.mail_id)
        .order_by(schema.Customer.name)
    ).all()
    return Draft(
        id=row.id,
        version=row.version,
        status=cast(Status, row.status),
        sha256=row.sha256,
        raw=row.raw,
        mailbox=mailbox.email,
        mail_id=row.mail_id,
        customers=tuple(customers),
        sender=str(decoded["From"]),
        to=tuple(map(str, _header_addresses(decoded["To"]))),
        cc=tuple(map(str, _header_addresses(decoded["Cc"]))),
        bcc=tuple(map(str, _header_addresses(decoded["Bcc"]))),
        subject=str(decoded["Subject"]),
        text=_text(decoded),
        warnings=tuple(row.warnings),
        gmail_id=row.gmail_id,
        error=row.error,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _decode(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def _text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


def _header_addresses(header: object) -> tuple[object, ...]:
    return tuple(getattr(header, "addresses", ()))


def _many(header: object) -> list[Address]:
    return [
        Address(name=str(getattr(held, "display_name", "")), email=str(getattr(held, "addr_spec", "")).lower())
        for held in _header_addresses(header)
    ]


def _one(header: object) -> Address:
    return _many(header)[0]


def _parse(typed: Sequence[str]) -> list[Address]:
    """Addresses a human typed. Raises `InputError` for one that is none."""
    found = [Address(name=name, email=email.lower()) for name, email in getaddresses(list(typed)) if name or email]
    for person in found:
        local, _, domain = person.email.rpartition("@")
        if not local or "." not in domain or any(char.isspace() for char in person.email):
            raise InputError(person.email, sentence=f"“{person.email or person.name}” is not an e-mail address.")
    return found


def _sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
