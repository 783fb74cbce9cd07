"""The workspace's choice "Index attachments": off by default; on covers stored mail, off takes every text away."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from crm import audit, schema
from crm.clock import Clock
from crm.database import Database
from crm.identity import Principal
from crm.index.reindex import index_missing
from crm.index.search import SearchIndex


@dataclass(frozen=True, kw_only=True)
class AttachmentStatus:
    """`counts`: status → files of mails on a timeline ("waiting" for those not read yet); `characters` of text held."""

    on: bool
    counts: dict[str, int]
    characters: int

    def as_json(self) -> dict[str, object]:
        return {"index_attachments": self.on, "files": self.counts, "characters": self.characters}


def turn_on(database: Database, clock: Clock, principal: Principal) -> None:
    """From the next sync on files are read, those of stored mail too."""
    with database.write() as session:
        workspace = session.get_one(schema.Workspace, principal.workspace_id)
        if not workspace.index_attachments:
            workspace.index_attachments = True
            audit.record(
                session, clock, workspace_id=workspace.id, user_id=principal.user_id, action="attachments.on",
                subject=workspace.name,
            )  # fmt: skip


def turn_off(database: Database, clock: Clock, index: SearchIndex, principal: Principal) -> int:
    """Delete every text in one transaction, then index those mails again without it. Returns how many texts went.

    Until a mail is indexed again the indexes still know its file's words, and nothing shows them. A crash in between is
    made good by the next sync.
    """
    mail, row, content = schema.Mail, schema.MailAttachment, schema.AttachmentText
    here = select(mail.id).where(mail.workspace_id == principal.workspace_id)
    rows = select(row.id).where(row.mail_id.in_(here))
    with database.write() as session:
        workspace = session.get_one(schema.Workspace, principal.workspace_id)
        workspace.index_attachments = False
        count = session.scalar(select(func.count()).select_from(content).where(content.attachment_id.in_(rows))) or 0
        said = select(row.mail_id).join(content, content.attachment_id == row.id)
        session.execute(
            update(mail)
            .where(mail.workspace_id == principal.workspace_id, mail.id.in_(said), mail.indexed_at.is_not(None))
            .values(indexed_at=schema.OUTDATED)
        )
        session.execute(delete(content).where(content.attachment_id.in_(rows)))
        session.execute(update(row).where(row.mail_id.in_(here), row.status != "").values(status="", attempts=0))
        audit.record(
            session, clock, workspace_id=workspace.id, user_id=principal.user_id, action="attachments.off",
            subject=workspace.name, texts=count,
        )  # fmt: skip
    index_missing(database, index, principal.workspace_id)
    return count


def status_of(database: Database, principal: Principal) -> AttachmentStatus:
    """What is read, what waits and what could not be read, of the mails on a timeline of the workspace."""
    mail, row, content = schema.Mail, schema.MailAttachment, schema.AttachmentText
    with database.read() as session:
        counted = session.execute(
            select(row.status, func.count(), func.sum(func.length(content.text)))
            .join(mail, mail.id == row.mail_id)
            .outerjoin(content, content.attachment_id == row.id)
            .where(mail.workspace_id == principal.workspace_id, mail.has_body)
            .group_by(row.status)
        ).all()
        on = session.get_one(schema.Workspace, principal.workspace_id).index_attachments
    return AttachmentStatus(
        on=on,
        counts={status or "waiting": count for status, count, _ in sorted(counted)},
        characters=sum(size or 0 for _, _, size in counted),
    )
