"""Reading the files of the mails on a timeline, one after the other, resumable anywhere.

There is no queue: a file waits as long as its row has no status, its mail is visible and its workspace wants the text.
So switching on covers what is stored already, a crash repeats the file it was at, and switching off empties the queue.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, select, true, update
from sqlalchemy.orm import Session

from crm import schema
from crm.database import Database
from crm.errors import GoogleUnavailable, MessageGone, QuotaExceeded, RequestRefused
from crm.mails import visible
from gmail.attachments import File, files
from gmail.gateway import GmailGateway
from ingestion.attachments.child import Extracted, extract
from ingestion.attachments.kinds import Kind, kind_of, worth_fetching

_log = logging.getLogger(__name__)
_KINDS = frozenset({"pdf", "docx", "html", "text"})
_ATTEMPTS = 5  # of files whose content Google does not hand over
_PAGE = 50  # files looked up at once

Extract = Callable[[Kind, bytes], Extracted]
Write = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A file to be read, and this mailbox's copy of its mail."""

    id: int
    mail_id: str
    gmail_id: str
    name: str
    size: int
    type: str
    attempts: int


class AttachmentReader:
    """Reads what waits in one mailbox. `most_bytes` is the largest file that is asked for."""

    def __init__(
        self,
        database: Database,
        *,
        most_bytes: int,
        extractor: Extract = extract,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._most, self._extract, self._monotonic = database, most_bytes, extractor, monotonic

    def read(
        self,
        mailbox_id: int,
        gateway: GmailGateway,
        *,
        seconds: float,
        write: Write,
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Read waiting files, newest mail first, for about `seconds`, so that new mail is not kept waiting.

        `write` opens one write transaction; the caller holds the mailbox's lease. Returns how many were settled. A file
        that fails is settled with its reason; when Google is away the rest waits for the next sync. Raises `Disconnected`.
        """
        if not self._is_on(mailbox_id):  # else every poll would look at every file's row
            return 0
        until = self._monotonic() + seconds
        tried: set[int] = set()
        settled = 0
        total = self._count(mailbox_id)
        while page := [held for held in self._page(mailbox_id) if held.id not in tried]:
            for waiting in page:
                if settled and self._monotonic() > until:
                    return settled
                if progress is not None:
                    progress(settled, total)
                tried.add(waiting.id)
                try:
                    settled += self._settle(write, waiting, self._read(gateway, waiting))
                except QuotaExceeded:  # no file's fault
                    return settled
                except RequestRefused:  # a fault of this file's
                    self._failed(write, waiting)
                except GoogleUnavailable as error:
                    _log.warning("attachments wait", extra={"fields": {"cause": type(error).__name__}})
                    self._failed(write, waiting)
                    return settled
        return settled

    def _is_on(self, mailbox_id: int) -> bool:
        query = (
            select(schema.Workspace.index_attachments)
            .join(schema.Mailbox, schema.Mailbox.workspace_id == schema.Workspace.id)
            .where(schema.Mailbox.id == mailbox_id)
        )
        with self._database.read() as session:
            return bool(session.scalar(query))

    def _read(self, gateway: GmailGateway, waiting: Waiting) -> Extracted:
        if not worth_fetching(waiting.name, waiting.type):
            return Extracted(reason="unsupported")
        if waiting.size > self._most:
            return Extracted(reason="too_large")
        try:
            content = self._content(gateway, waiting)
        except MessageGone:
            return Extracted(reason="gone")
        if content is None:
            return Extracted(reason="unsupported")  # uuencoded in the text: nothing Gmail would hand over
        if len(content) > self._most:
            return Extracted(reason="too_large")
        kind = kind_of(waiting.name, waiting.type, content)
        return self._extract(kind, content) if kind in _KINDS else Extracted(reason=kind)  # type: ignore[arg-type]

    def _content(self, gateway: GmailGateway, waiting: Waiting) -> bytes | None:
        """Ids of attachments don't last, so the message is read first: 20 units for it, 20 for the file."""
        found = self._find(files(gateway.message(waiting.gmail_id)), waiting)
        if found is None or (not found.attachment_id and found.content is None):  # deeper than the mask, or inline
            found = self._find(files(gateway.message(waiting.gmail_id, whole=True)), waiting)
        if found is None:
            return None
        return gateway.attachment(waiting.gmail_id, found.attachment_id) if found.attachment_id else found.content

    def _find(self, held: Sequence[File], waiting: Waiting) -> File | None:
        """The file of this row; of several that look the same, the one in the same place among them."""
        like = [
            file for file in held
            if (file.attachment.name, file.attachment.size, file.attachment.type)
            == (waiting.name, waiting.size, waiting.type)
        ]  # fmt: skip
        return like[min(self._place(waiting), len(like) - 1)] if like else None

    def _place(self, waiting: Waiting) -> int:
        row = schema.MailAttachment
        with self._database.read() as session:
            same = session.scalars(
                select(row.id)
                .where(row.mail_id == waiting.mail_id, row.name == waiting.name)
                .where(row.size == waiting.size, row.type == waiting.type)
                .order_by(row.id)
            ).all()
        return same.index(waiting.id) if waiting.id in same else 0

    def _settle(self, write: Write, waiting: Waiting, found: Extracted) -> int:
        """Store the outcome, if nobody else did, the mail is still shown and the text still wanted; outdate the mail.

        The mailbox is locked (who hides the mail locks it too), so nothing of this changes before the commit.
        """
        with write() as session:
            row = session.get(schema.MailAttachment, waiting.id)
            if row is None or row.status or not _is_wanted(session, waiting.mail_id):
                return 0
            row.status = found.reason or ("partial" if found.cut else "done")
            if not found.reason:
                row.content = schema.AttachmentText(text=found.text)
                session.get_one(schema.Mail, waiting.mail_id).outdate()
        return 1

    def _failed(self, write: Write, waiting: Waiting) -> None:
        with write() as session:
            session.execute(
                update(schema.MailAttachment)
                .where(schema.MailAttachment.id == waiting.id, schema.MailAttachment.status == "")
                .values(
                    attempts=schema.MailAttachment.attempts + 1,
                    status="unreadable" if waiting.attempts + 1 >= _ATTEMPTS else "",
                )
            )

    def _page(self, mailbox_id: int) -> list[Waiting]:
        row, copy = schema.MailAttachment, schema.Message
        query = (
            select(row.id, row.mail_id, copy.gmail_id, row.name, row.size, row.type, row.attempts)
            .join(schema.Mail, schema.Mail.id == row.mail_id)
            .join(copy, and_(copy.mail_id == row.mail_id, copy.mailbox_id == mailbox_id, copy.status == "stored"))
            .where(_waits())
            .order_by(row.attempts, schema.Mail.sent_at.desc(), row.id)
            .limit(_PAGE)
        )
        with self._database.read() as session:
            found = {held.id: held for held in session.execute(query)}  # one copy is enough
        return [Waiting(**held._asdict()) for held in found.values()]

    def _count(self, mailbox_id: int) -> int:
        row, copy = schema.MailAttachment, schema.Message
        here = exists().where(copy.mail_id == row.mail_id, copy.mailbox_id == mailbox_id, copy.status == "stored")
        with self._database.read() as session:
            query = select(func.count()).select_from(row).join(schema.Mail, schema.Mail.id == row.mail_id)
            return session.scalar(query.where(_waits(), here)) or 0


def _waits() -> ColumnElement[bool]:
    """Not read yet, of a mail on a timeline of a workspace that wants it."""
    linked = exists().where(schema.Link.mail_id == schema.Mail.id)
    wanted = exists().where(
        schema.Workspace.id == schema.Mail.workspace_id, schema.Workspace.index_attachments == true()
    )
    return and_(schema.MailAttachment.status == "", schema.Mail.has_body, linked, wanted)


def _is_wanted(session: Session, mail_id: str) -> bool:
    mail = session.get(schema.Mail, mail_id)
    if mail is None:
        return False
    # shared lock: who switches it off waits for this text and then deletes it with the others
    workspace = session.get_one(schema.Workspace, mail.workspace_id, with_for_update={"read": True})
    if not workspace.index_attachments:
        return False
    shown = select(schema.Mail.id).where(schema.Mail.id == mail_id, visible(mail.workspace_id))
    return session.scalar(shown) is not None
