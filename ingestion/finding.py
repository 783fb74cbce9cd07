"""Finding one stored message by whatever a person holds in hand: our id, a Gmail id, a Message-ID, a thread id."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from crm import schema
from crm.errors import NotFound
from crm.identity import Principal

_NOT_SEEN = "It may be older than the indexed period, in another mailbox, or newer than the last sync."


def not_seen(wanted: str) -> NotFound:
    return NotFound(wanted, sentence="No sync has seen that mail.", next_step=_NOT_SEEN)


def find_copy(session: Session, principal: Principal, wanted: str) -> schema.Message | None:
    """A copy in the user's own mailbox, or one on a timeline of the workspace."""
    mine = schema.Mailbox.user_id == principal.user_id
    return session.scalar(
        _copies(principal, or_(mine, schema.Message.status == "stored"), _named(wanted))
        .order_by(mine.desc(), schema.Message.id)
        .limit(1)
    )


def own_thread(session: Session, principal: Principal, wanted: str) -> schema.Message:
    """A message of the user's own mailbox, also by the id of its Gmail thread. Raises `NotFound`."""
    named = or_(_named(wanted), schema.Message.gmail_thread_id == _bare(wanted))
    mine = schema.Mailbox.user_id == principal.user_id
    found = session.scalar(_copies(principal, mine, named).order_by(schema.Message.id).limit(1))
    if found is None:
        raise NotFound(wanted, sentence="That mail is in none of your mailboxes.", next_step=_NOT_SEEN)
    return found


def _copies(principal: Principal, *conditions: ColumnElement[bool]) -> Select[schema.Message]:
    return (
        select(schema.Message)
        .join(schema.Mailbox, schema.Mailbox.id == schema.Message.mailbox_id)
        .outerjoin(schema.Mail, schema.Mail.id == schema.Message.mail_id)
        .where(schema.Mailbox.workspace_id == principal.workspace_id, *conditions)
    )


def _named(wanted: str) -> ColumnElement[bool]:
    bare = _bare(wanted)
    return or_(
        schema.Message.gmail_id == bare,
        schema.Message.mail_id == bare,
        schema.Mail.rfc_message_id.in_([bare, f"<{bare}>"]),
    )


def _bare(wanted: str) -> str:
    return wanted.strip().strip("<>")
