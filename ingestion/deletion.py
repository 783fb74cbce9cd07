"""Deleting a mailbox's data on request, with a receipt that counts every place down to zero (C5)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, text, update
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.database import Database
from crm.errors import NotAllowed
from crm.identity import Principal
from crm.index.search import SearchIndex
from crm.index.vectors import VectorIndex


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """`counts` maps each place to (before, after)."""

    id: str
    mailbox: str
    requested_at: str
    counts: dict[str, tuple[int, int]]

    @property
    def complete(self) -> bool:
        return all(after == 0 for _, after in self.counts.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "receipt": self.id,
            "mailbox": self.mailbox,
            "requested_at": self.requested_at,
            "deleted": {place: before - after for place, (before, after) in self.counts.items()},
            "left": {place: after for place, (_, after) in self.counts.items()},
            "complete": self.complete,
        }


def delete_mailbox_data(
    database: Database,
    clock: Clock,
    index: SearchIndex,
    vectors: VectorIndex,
    lease_for: Callable[[int], AbstractContextManager[None]],
    forget_conversations: Callable[[], tuple[int, int]],
    principal: Principal,
    mailbox_id: int,
) -> Receipt:
    """Delete every copy, and every mail no other mailbox holds, from rows, indexes, pending, drafts and conversations.

    The mailbox row stays, disconnected and empty, so that the request can be shown. A mail that a colleague's mailbox
    also holds stays with the colleague.
    """
    with database.read() as session:
        mailbox = session.get_one(schema.Mailbox, mailbox_id)
        if mailbox.user_id != principal.user_id:
            raise NotAllowed(str(mailbox_id))
    receipt_id = secrets.token_hex(6)
    with lease_for(mailbox_id), database.write() as session:  # counted under the lease: no sync adds to it meanwhile
        only_here = _only_here(session, mailbox_id)
        before = _count(session, mailbox_id, only_here) | _count_vectors(vectors, mailbox.workspace_id, only_here)
        index.drop(session, mailbox.workspace_id, only_here)
        _delete_rows(session, mailbox_id, only_here)
        row = session.get_one(schema.Mailbox, mailbox_id)
        _empty(row)
        audit.record(
            session, clock, workspace_id=row.workspace_id, user_id=principal.user_id,
            action="gmail.delete_data", subject=row.email, receipt=receipt_id, mails=len(only_here),
        )  # fmt: skip
    with database.read() as session:
        after = _count(session, mailbox_id, only_here) | _count_vectors(vectors, mailbox.workspace_id, only_here)
    return Receipt(
        id=receipt_id,
        mailbox=mailbox.email,
        requested_at=clock().isoformat(),
        counts={place: (before[place], after[place]) for place in before} | {"conversations": forget_conversations()},
    )


def _empty(row: schema.Mailbox) -> None:
    row.sealed_token, row.state, row.cause = "", "disconnected", "Its data was deleted on request."
    row.history_id = row.pinned_history_id = row.page_token = row.directory_key = ""
    row.listing_done, row.listed_total = False, 0
    row.window_start = row.backfill_done_at = row.last_success_at = None


def _only_here(session: Session, mailbox_id: int) -> list[str]:
    """Mails of this mailbox that no other one holds; what another one deleted in Gmail it does not hold."""
    here = exists().where(schema.Message.mail_id == schema.Mail.id, schema.Message.mailbox_id == mailbox_id)
    elsewhere = exists().where(
        schema.Message.mail_id == schema.Mail.id,
        schema.Message.mailbox_id != mailbox_id,
        schema.Message.status != "deleted",
    )
    return list(session.scalars(select(schema.Mail.id).where(here, ~elsewhere)))


def _count(session: Session, mailbox_id: int, mail_ids: list[str]) -> dict[str, int]:
    def rows(table: Any, condition: Any) -> int:
        return session.scalar(select(func.count()).select_from(table).where(condition)) or 0

    lexical = session.execute(text("SELECT mail_id FROM mail_lexical")).scalars().all()
    return {
        "messages": rows(schema.Message, schema.Message.mailbox_id == mailbox_id),
        "mails": rows(schema.Mail, schema.Mail.id.in_(mail_ids)),
        "pending": rows(schema.Pending, schema.Pending.mailbox_id == mailbox_id),
        "drafts": rows(schema.Draft, schema.Draft.mailbox_id == mailbox_id),
        "lexical index": len(set(lexical) & set(mail_ids)),
    }


def _count_vectors(vectors: VectorIndex, workspace_id: int, mail_ids: list[str]) -> dict[str, int]:
    return {"vector index": len(vectors.ids(workspace_id) & set(mail_ids))}


def _delete_rows(session: Session, mailbox_id: int, mail_ids: list[str]) -> None:
    drafts = or_(schema.Draft.mailbox_id == mailbox_id, schema.Draft.mail_id.in_(mail_ids))
    session.execute(delete(schema.Approval).where(schema.Approval.draft_id.in_(select(schema.Draft.id).where(drafts))))
    session.execute(delete(schema.Draft).where(drafts))
    session.execute(delete(schema.Pending).where(schema.Pending.mailbox_id == mailbox_id))
    session.execute(delete(schema.Message).where(schema.Message.mailbox_id == mailbox_id))
    for table in (schema.Participant, schema.MailAttachment, schema.MailKeyword, schema.Link):
        session.execute(delete(table).where(table.mail_id.in_(mail_ids)))
    tombstones = schema.Message.mail_id.in_(mail_ids)
    session.execute(update(schema.Message).where(tombstones).values(mail_id=None))
    session.execute(delete(schema.Mail).where(schema.Mail.id.in_(mail_ids)))
    session.expire_all()
