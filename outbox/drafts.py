"""Drafts: the canonical bytes of a reply, stored until a human decides.

The bytes shown are the bytes hashed, approved and sent. An edit makes new bytes, a new hash and a new version, and
whatever was approved before no longer counts.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.customers import own_addresses
from crm.errors import DraftConflict, InputError, NotAllowed, NotFound
from crm.identity import Principal
from crm.invisible import visible
from crm.mail import Address
from crm.mails import get_mail
from gmail.compose import File, Reply, compose, read_reply, shown
from outbox import versions
from outbox.files import Attached, checked_files, described
from outbox.policy import Reviewed, review
from outbox.recipients import chosen_sender, own_copy, parse_addresses, reply_to_all, sending_address, sending_addresses
from outbox.signature import signature_of, signed
from outbox.versions import ASSISTANT
from outbox.warning import PolicyWarning, fingerprint

Status = Literal["draft", "approved", "sending", "sent", "uncertain", "discarded"]
MAY_HAVE_LEFT = (
    "It may have left. Discarding puts it aside here and takes nothing back: look into Sent mail in Gmail first."
)
MAX_TEXT = 100_000  # characters


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A stored reply, decoded from its own bytes. Times are aware UTC; `send_at` is set while it waits to leave."""

    id: str
    version: int
    status: Status
    sha256: str
    raw: bytes
    mailbox: str
    senders: tuple[str, ...]  # the addresses it may leave from
    mail_id: str
    customers: tuple[str, ...]
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    subject: str
    text: str
    files: tuple[Attached, ...]
    warnings: tuple[PolicyWarning, ...]
    asked: str
    send_at: datetime | None
    gmail_id: str
    error: str
    created_at: datetime
    updated_at: datetime

    @property
    def recipients(self) -> tuple[str, ...]:
        return self.to + self.cc + self.bcc

    @property
    def warned(self) -> str:
        """Fingerprint of the warnings shown: an approval says which ones the human saw."""
        return fingerprint(self.warnings)

    @property
    def blocked(self) -> bool:
        return any(warning.blocking for warning in self.warnings)


def create_reply(
    session: Session,
    clock: Clock,
    principal: Principal,
    *,
    mail_id: str,
    text: str,
    sources: Sequence[str] = (),
    asked: str = "",
    by_assistant: bool = False,
) -> Draft:
    """Store a reply to a mail of this user's mailbox: to its people, in its thread, under the user's signature.

    Recipients come from the thread, never from the caller: a model that asks for another address can't have it.
    `sources` are the mails (and `customer:ID` records) that the conversation had read, `asked` what the human said in it.
    Raises `NotFound`, `NotConnected` or `InputError`.
    """
    body = signed(_checked(text), signature_of(session, principal))
    mail = get_mail(session, principal.workspace_id, mail_id)
    mailbox, thread_id = own_copy(session, principal, mail)
    to, cc = reply_to_all(mail, own_addresses(session, principal.workspace_id))
    draft_id = secrets.token_hex(12)  # no leading dash: a command line would take it for an option
    raw = compose(
        Reply(
            sender=Address(name=principal.name, email=sending_address(mail, mailbox)),
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
        sha256=sha256_of(raw),
        sources=list(dict.fromkeys([*sources, mail.id])) if by_assistant else [],
        asked=asked[:MAX_TEXT],
        created_at=clock(),
        updated_at=clock(),
    )
    session.add(row)
    session.flush()
    versions.keep(session, clock, row, author=ASSISTANT if by_assistant else principal.email, how="reply")
    refresh_warnings(session, principal, row)
    _record(session, clock, principal, row, "draft.create")
    return _view(session, row)


def edit(
    session: Session,
    clock: Clock,
    principal: Principal,
    draft_id: str,
    *,
    sha256: str,
    text: str | None = None,
    subject: str | None = None,
    sender: str | None = None,
    to: Sequence[str] | None = None,
    cc: Sequence[str] | None = None,
    bcc: Sequence[str] | None = None,
    files: Sequence[File] | None = None,
    how: str = "edit",
    by_assistant: bool = False,
) -> Draft:
    """A change: a new version with new bytes. Fields left None stay. Raises `DraftConflict` when it moved on.

    `by_assistant` is for a new wording that a human asked for; recipients are then out of reach.
    """
    row = own_row(session, principal, draft_id, lock=True)  # the sender must not claim it meanwhile
    if row.sha256 != sha256 or row.status not in ("draft", "approved"):
        raise DraftConflict(draft_id)
    if by_assistant and (row.status != "draft" or any(field is not None for field in (sender, to, cc, bcc, files))):
        raise DraftConflict(draft_id)  # an approval is a human's to take back, and an address a human's to give
    now = read_reply(row.raw)
    mailbox = session.get_one(schema.Mailbox, row.mailbox_id)
    changed = replace(
        now,
        sender=chosen_sender(sender, mailbox, now.sender) if sender is not None else now.sender,
        to=parse_addresses(to) if to is not None else now.to,
        cc=parse_addresses(cc) if cc is not None else now.cc,
        bcc=parse_addresses(bcc) if bcc is not None else now.bcc,
        subject=subject if subject is not None else now.subject,
        text=_checked(text) if text is not None else now.text,
        files=checked_files(files) if files is not None else now.files,
    )
    return _store(session, clock, principal, row, changed, author=ASSISTANT if by_assistant else "", how=how)


def restore(session: Session, clock: Clock, principal: Principal, draft_id: str, *, sha256: str, version: int) -> Draft:
    """Take what an earlier version said as a new one. Raises `NotFound`, `DraftConflict`."""
    row = own_row(session, principal, draft_id, lock=True)
    if row.sha256 != sha256 or row.status not in ("draft", "approved"):
        raise DraftConflict(draft_id)
    earlier = versions.version_of(session, draft_id, version)
    return _store(session, clock, principal, row, read_reply(earlier.raw), author="", how=f"from {version}")


def discard(session: Session, clock: Clock, principal: Principal, draft_id: str) -> Draft:
    """Throw it away. Raises `DraftConflict` once it is being sent; one whose fate stayed uncertain can be put aside."""
    row = own_row(session, principal, draft_id, lock=True)  # the sender must not claim it meanwhile
    if row.status not in ("draft", "approved", "uncertain", "discarded"):
        raise DraftConflict(draft_id)
    end_approvals(session, clock, row)
    if row.status == "uncertain":
        row.error = "It was put aside while nobody knew whether it had left: look into Sent mail."
    row.status, row.send_at, row.updated_at = "discarded", None, clock()
    _record(session, clock, principal, row, "draft.discard")
    return _view(session, row)


def get(session: Session, principal: Principal, draft_id: str) -> Draft:
    """One of the user's own drafts. Raises `NotFound`, or `NotAllowed` for a colleague's."""
    return _view(session, own_row(session, principal, draft_id))


def list_drafts(session: Session, principal: Principal) -> tuple[Draft, ...]:
    """The user's drafts, newest first."""
    query = (
        select(schema.Draft)
        .where(schema.Draft.workspace_id == principal.workspace_id, schema.Draft.user_id == principal.user_id)
        .order_by(schema.Draft.created_at.desc(), schema.Draft.id)
    )
    return tuple(_view(session, row) for row in session.scalars(query))


def list_versions(session: Session, principal: Principal, draft_id: str) -> tuple[versions.Version, ...]:
    """Every version of one of the user's drafts, newest first."""
    return versions.versions_of(session, own_row(session, principal, draft_id).id)


def files_of(draft: Draft) -> tuple[File, ...]:
    """The files with their content, as the bytes hold them."""
    return tuple(read_reply(draft.raw).files)


def own_row(session: Session, principal: Principal, draft_id: str, *, lock: bool = False) -> schema.Draft:
    """The row of one of the user's own drafts. Raises `NotFound`, or `NotAllowed` for a colleague's."""
    row = session.get(schema.Draft, draft_id, with_for_update=lock)
    if row is None or row.workspace_id != principal.workspace_id:
        raise NotFound(draft_id, sentence="There is no such draft.", next_step="See `lealup drafts list`.")
    if row.user_id != principal.user_id:
        raise NotAllowed(draft_id)
    return row


def refresh_warnings(session: Session, principal: Principal, row: schema.Draft) -> tuple[PolicyWarning, ...]:
    """Look at the policy as the world is now, and keep what it says for the faces to show."""
    now = current_warnings(session, principal, row)
    row.warnings = [warning.as_json() for warning in now]
    session.flush()
    return now


def current_warnings(session: Session, principal: Principal, row: schema.Draft) -> tuple[PolicyWarning, ...]:
    """The warnings of these bytes as the world is now."""
    mail = get_mail(session, principal.workspace_id, row.mail_id)
    reviewed = Reviewed(
        principal=principal, mail=mail, reply=read_reply(row.raw), sources=tuple(row.sources), asked=row.asked
    )
    return review(session, reviewed)


def end_approvals(session: Session, clock: Clock, row: schema.Draft) -> None:
    """Whatever was approved so far no longer counts."""
    session.execute(
        update(schema.Approval)
        .where(schema.Approval.draft_id == row.id, schema.Approval.ended_at.is_(None))
        .values(ended_at=clock())
    )


def sha256_of(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _store(
    session: Session, clock: Clock, principal: Principal, row: schema.Draft, reply: Reply, *, author: str, how: str
) -> Draft:
    if not (reply.to or reply.cc or reply.bcc):
        raise InputError(row.id, sentence="A reply needs a recipient.")
    row.raw = compose(replace(reply, draft_id=row.id, date=clock()))
    row.sha256, row.version, row.status, row.updated_at = sha256_of(row.raw), row.version + 1, "draft", clock()
    row.send_at, row.error = None, ""
    end_approvals(session, clock, row)
    versions.keep(session, clock, row, author=author or principal.email, how=how)
    refresh_warnings(session, principal, row)
    _record(session, clock, principal, row, "draft.edit")
    return _view(session, row)


def _record(session: Session, clock: Clock, principal: Principal, row: schema.Draft, action: str) -> None:
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
        action=action, subject=row.id, version=row.version,
    )  # fmt: skip


def _reply_subject(subject: str) -> str:
    """Gmail threads by an unchanged subject, so a reply keeps whatever "Re:" is there."""
    bare = subject.lstrip()
    return bare if bare[:3].lower() in ("re:", "rv:", "aw:") or bare[:4].lower() == "res:" else f"Re: {bare}"


def _checked(text: str) -> str:
    text = visible(text.replace("\r\n", "\n"))
    if not text.strip():
        raise InputError("empty", sentence="A reply needs a text.")
    if len(text) > MAX_TEXT:
        raise InputError("long", sentence="That reply is too long to be a mail.")
    if any("\ud800" <= char <= "\udfff" for char in text):  # half of a pair: no encoding of mail has it
        raise InputError("surrogate", sentence="That reply holds a character that is cut in two.")
    return text.strip() + "\n"


def _view(session: Session, row: schema.Draft) -> Draft:
    reply = read_reply(row.raw)
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
        senders=sending_addresses(mailbox),
        mail_id=row.mail_id,
        customers=tuple(customers),
        sender=shown(reply.sender),
        to=tuple(map(shown, reply.to)),
        cc=tuple(map(shown, reply.cc)),
        bcc=tuple(map(shown, reply.bcc)),
        subject=reply.subject,
        text=reply.text,
        files=tuple(map(described, reply.files)),
        warnings=tuple(PolicyWarning.from_json(held) for held in row.warnings),
        asked=row.asked,
        send_at=row.send_at,
        gmail_id=row.gmail_id,
        error=row.error,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
