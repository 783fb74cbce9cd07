"""Notes that the team writes on a customer, optionally about one of its mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.customers import get_customer
from crm.errors import InputError, NotAllowed, NotFound
from crm.identity import Principal
from crm.mails import get_mail

LONGEST = 10_000  # characters


@dataclass(frozen=True, kw_only=True)
class Note:
    """`mail_id` names a mail and holds nothing of it; the mail may have left the timelines since. Instants are aware UTC."""

    id: int
    customer_id: int
    mail_id: str | None
    author: str  # the name, or the address
    author_id: int
    text: str
    created_at: datetime
    edited_at: datetime | None

    def editable_by(self, principal: Principal) -> bool:
        return principal.role == "admin" or principal.user_id == self.author_id


def notes_of(
    session: Session,
    workspace_id: int,
    customer_id: int,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[Note, ...]:
    """The customer's notes, newest first; `since` is inclusive, `until` exclusive, both aware. Empty for a stranger's customer."""
    held = schema.Note
    query = _query(workspace_id).where(held.customer_id == customer_id)
    if since:
        query = query.where(held.created_at >= since)
    if until:
        query = query.where(held.created_at < until)
    rows = session.execute(query.order_by(held.created_at.desc(), held.id.desc()))
    return tuple(_note(note, user) for note, user in rows)


def add_note(
    session: Session, clock: Clock, principal: Principal, customer_id: int, text: str, *, mail_id: str = ""
) -> Note:
    """Write a note; `mail_id` is the id of a mail on this customer's timeline, ours or Gmail's.

    Raises `InputError` for an empty or too long text and for a mail that is not on the timeline, and `NotFound`.
    """
    customer = get_customer(session, principal.workspace_id, customer_id)
    mail = get_mail(session, principal.workspace_id, mail_id) if mail_id else None
    if mail and customer_id not in mail.customer_ids:
        raise InputError(mail_id, sentence=f"That mail is not on the timeline of {customer.name}.")
    row = schema.Note(
        customer_id=customer_id, mail_id=mail.id if mail else None, user_id=principal.user_id, text=_checked(text),
        created_at=clock(), edited_at=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _record(session, clock, principal, "note.add", row)
    return get_note(session, principal, row.id)


def get_note(session: Session, principal: Principal, note_id: int) -> Note:
    """Raises `NotFound`."""
    found = session.execute(_query(principal.workspace_id).where(schema.Note.id == note_id)).one_or_none()
    if found is None:
        raise NotFound(str(note_id), sentence=f"There is no note {note_id}.", next_step="See `lealup notes list`.")
    note, user = found
    return _note(note, user)


def edit_note(session: Session, clock: Clock, principal: Principal, note_id: int, text: str) -> Note:
    """Replace the text of one's own note, or as an admin of anybody's. Raises `NotFound`, `NotAllowed`, `InputError`."""
    row = _own(session, principal, note_id)
    row.text, row.edited_at = _checked(text), clock()
    session.flush()
    _record(session, clock, principal, "note.edit", row)
    return get_note(session, principal, note_id)


def remove_note(session: Session, clock: Clock, principal: Principal, note_id: int) -> None:
    """Delete one's own note, or as an admin anybody's. Raises `NotFound`, `NotAllowed`."""
    row = _own(session, principal, note_id)
    _record(session, clock, principal, "note.remove", row)
    session.delete(row)
    session.flush()


def _query(workspace_id: int) -> Select[schema.Note, schema.User]:
    return (
        select(schema.Note, schema.User)
        .join(schema.User, schema.User.id == schema.Note.user_id)
        .join(schema.Customer, schema.Customer.id == schema.Note.customer_id)
        .where(schema.Customer.workspace_id == workspace_id)
    )


def _own(session: Session, principal: Principal, note_id: int) -> schema.Note:
    if not get_note(session, principal, note_id).editable_by(principal):
        raise NotAllowed(
            str(note_id), sentence="That note is somebody else's.", next_step="Ask its author or an admin."
        )
    return session.get_one(schema.Note, note_id)


def _checked(text: str) -> str:
    wanted = text.strip()
    if not wanted:
        raise InputError(sentence="A note needs a text.")
    if len(wanted) > LONGEST:
        raise InputError(
            str(len(wanted)),
            sentence=f"A note has at most {LONGEST:,} characters; this one has {len(wanted):,}.",
            next_step="Shorten it, or make two.",
        )
    return wanted


def _note(row: schema.Note, user: schema.User) -> Note:
    return Note(
        id=row.id,
        customer_id=row.customer_id,
        mail_id=row.mail_id,
        author=user.name or user.email,
        author_id=user.id,
        text=row.text,
        created_at=row.created_at,
        edited_at=row.edited_at,
    )


def _record(session: Session, clock: Clock, principal: Principal, action: str, row: schema.Note) -> None:
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
        action=action, subject=str(row.id), customer=row.customer_id,
    )  # fmt: skip
