"""Whose an alert is: the customer's owner where that is a user, else the owner of the mailbox its mail is in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import schema
from crm.customers import Customer
from crm.domains import canonical_address
from crm.errors import InputError
from crm.folding import fold


def owner_of(session: Session, workspace_id: int, customer: Customer, mail_ids: Sequence[str]) -> int | None:
    """The id of the user, or None when nothing tells. The latest of `mail_ids` decides, then the customer's latest mail."""
    named = user_called(session, workspace_id, customer.owner)
    if named is not None:
        return named
    return _holder(session, workspace_id, list(mail_ids)) or _holder_of_customer(session, workspace_id, customer.id)


def user_called(session: Session, workspace_id: int, name: str) -> int | None:
    """The user whose address, mailbox or name that is; None when it is nobody's, or several people's."""
    wanted = name.strip()
    if not wanted:
        return None
    users = session.scalars(select(schema.User).where(schema.User.workspace_id == workspace_id)).all()
    if "@" in wanted:
        address = canonical_address(wanted)
        boxes = session.scalars(select(schema.Mailbox).where(schema.Mailbox.workspace_id == workspace_id)).all()
        found = {user.id for user in users if canonical_address(user.email) == address}
        found |= {box.user_id for box in boxes if address in map(canonical_address, (box.email, *box.aliases))}
    else:
        found = {user.id for user in users if fold(user.name) == fold(wanted)}
    return found.pop() if len(found) == 1 else None


def user_for(session: Session, workspace_id: int, name: str) -> int:
    """`user_called`, or `InputError`."""
    found = user_called(session, workspace_id, name)
    if found is None:
        raise InputError(
            name, sentence=f"“{name}” is not a user of this workspace.", next_step="Name one by their e-mail address."
        )
    return found


def _holder(session: Session, workspace_id: int, mail_ids: list[str]) -> int | None:
    copy, box, mail = schema.Message, schema.Mailbox, schema.Mail
    return session.scalar(
        select(box.user_id)
        .join(copy, copy.mailbox_id == box.id)
        .join(mail, mail.id == copy.mail_id)
        .where(box.workspace_id == workspace_id, copy.status == "stored", mail.id.in_(mail_ids))
        .order_by(mail.sent_at.desc(), copy.id)
        .limit(1)
    )


def _holder_of_customer(session: Session, workspace_id: int, customer_id: int) -> int | None:
    copy, box, mail, link = schema.Message, schema.Mailbox, schema.Mail, schema.Link
    return session.scalar(
        select(box.user_id)
        .join(copy, copy.mailbox_id == box.id)
        .join(mail, mail.id == copy.mail_id)
        .join(link, link.mail_id == mail.id)
        .where(box.workspace_id == workspace_id, copy.status == "stored", link.customer_id == customer_id)
        .order_by(mail.sent_at.desc(), copy.id)
        .limit(1)
    )
