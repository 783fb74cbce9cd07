"""What one mailbox's data is, place by place: counting it and erasing it, in short transactions and without long IN-lists."""

from __future__ import annotations

import logging
import time
from typing import Any

from sqlalchemy import ColumnElement, Select, column, delete, exists, func, or_, select, table, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from crm import schema
from crm.answers import count_answers, erase_answers_made_of, erase_answers_of
from crm.database import Database
from crm.index import lexical
from crm.index.search import SearchIndex
from crm.index.vectors import VectorIndex
from ingestion.placement import lock_conversations, lock_mails, rejudge_conversations

_log = logging.getLogger(__name__)
_BATCH = 200  # mails in one transaction
_BREATH = 0.02  # seconds between two, so that others can write too
_LEXICAL = table("mail_lexical", column("mail_id"), column("workspace_id"))


def count(session: Session, vectors: VectorIndex, workspace_id: int, mailbox_id: int, user_id: int) -> dict[str, int]:
    """How much each place holds of the mailbox, and of the mails that no other mailbox holds."""
    mails = only_here(mailbox_id)
    files = select(schema.MailAttachment.id).where(schema.MailAttachment.mail_id.in_(mails))
    drafts = _drafts(mailbox_id)
    places: tuple[tuple[str, Any, ColumnElement[bool]], ...] = (
        ("messages", schema.Message, schema.Message.mailbox_id == mailbox_id),
        ("mails", schema.Mail, schema.Mail.id.in_(mails)),
        ("people", schema.Participant, schema.Participant.mail_id.in_(mails)),
        ("links to customers", schema.Link, schema.Link.mail_id.in_(mails)),
        ("critical words", schema.MailKeyword, schema.MailKeyword.mail_id.in_(mails)),
        ("vectors", schema.MailVector, schema.MailVector.mail_id.in_(mails)),
        ("attachments", schema.MailAttachment, schema.MailAttachment.mail_id.in_(mails)),
        ("texts of attachments", schema.AttachmentText, schema.AttachmentText.attachment_id.in_(files)),
        ("choices on mails", schema.LinkChoice, _choices(mailbox_id)),
        ("private conversations", schema.PrivateThread, schema.PrivateThread.mailbox_id == mailbox_id),
        ("pending", schema.Pending, schema.Pending.mailbox_id == mailbox_id),
        ("drafts", schema.Draft, schema.Draft.id.in_(drafts)),
        ("versions of drafts", schema.DraftVersion, schema.DraftVersion.draft_id.in_(drafts)),
        ("approvals", schema.Approval, schema.Approval.draft_id.in_(drafts)),
        ("started connections", schema.OAuthAttempt, schema.OAuthAttempt.user_id == user_id),
        ("lexical index", _LEXICAL, _LEXICAL.c.mail_id.in_(mails)),
    )
    held = {
        place: session.scalar(select(func.count()).select_from(where).where(condition)) or 0
        for place, where, condition in places
    }
    indexed = vectors.ids(workspace_id)
    held["answers"], held["votes on answers"] = count_answers(session, mails, user_id)
    held["vector index"] = len(indexed & set(session.scalars(mails))) if indexed else 0
    return held


def count_orphans(session: Session, vectors: VectorIndex, workspace_id: int) -> dict[str, int]:
    """What the indexes hold of mails that are no longer there; in an installation in order: nothing."""
    known = select(schema.Mail.id).where(schema.Mail.workspace_id == workspace_id)
    here = (_LEXICAL.c.workspace_id == workspace_id) & _LEXICAL.c.mail_id.not_in(known)
    return {
        "lexical index": session.scalar(select(func.count()).select_from(_LEXICAL).where(here)) or 0,
        "vector index": len(vectors.ids(workspace_id) - set(session.scalars(known))),
    }


def only_here(mailbox_id: int) -> Select[str]:
    """Mails of this mailbox that no other one holds; what another one deleted in Gmail it does not hold."""
    here = exists().where(schema.Message.mail_id == schema.Mail.id, schema.Message.mailbox_id == mailbox_id)
    elsewhere = exists().where(
        schema.Message.mail_id == schema.Mail.id,
        schema.Message.mailbox_id != mailbox_id,
        schema.Message.status != "deleted",
    )
    return select(schema.Mail.id).where(here, ~elsewhere)


def erase_mails(database: Database, index: SearchIndex, workspace_id: int, mailbox_id: int) -> int:
    """Delete the mails that only this mailbox holds, with all that hangs on them, from both indexes and the rows.

    The indexes first: a crash in between leaves a mail that the next run finds again. Returns how many.
    """
    erased = 0
    while True:
        with database.write() as session:
            chosen = list(session.scalars(only_here(mailbox_id).limit(_BATCH)))
            if chosen:
                lock_mails(session, chosen)
                index.drop(session, workspace_id, chosen)
                _erase(session, chosen)
        erased += len(chosen)
        if len(chosen) < _BATCH:
            return erased
        time.sleep(_BREATH)


def erase_rows(session: Session, mailbox_id: int, user_id: int) -> None:
    """What the mailbox itself holds: copies, pending ids, drafts, choices, its user's answers, and how they connected."""
    erase_answers_of(session, user_id)
    decided = _decided(session, mailbox_id)
    lock_conversations(session, decided)  # a colleague's sync may be waiting for a copy that goes
    drafts = _drafts(mailbox_id)
    session.execute(delete(schema.DraftVersion).where(schema.DraftVersion.draft_id.in_(drafts)))
    session.execute(delete(schema.Approval).where(schema.Approval.draft_id.in_(drafts)))
    session.execute(delete(schema.Draft).where(schema.Draft.id.in_(drafts)))
    for where, condition in (
        (schema.Pending, schema.Pending.mailbox_id == mailbox_id),
        (schema.Message, schema.Message.mailbox_id == mailbox_id),
        (schema.LinkChoice, schema.LinkChoice.mailbox_id == mailbox_id),
        (schema.PrivateThread, schema.PrivateThread.mailbox_id == mailbox_id),
        (schema.OAuthAttempt, schema.OAuthAttempt.user_id == user_id),
    ):
        session.execute(delete(where).where(condition))
    row = session.get_one(schema.Mailbox, mailbox_id)
    row.label_names, row.judging_key, row.judged_after = {}, "", ""
    row.expired_at = row.expired_again_at = None
    session.expire_all()
    rejudge_conversations(session, decided)


def _decided(session: Session, mailbox_id: int) -> list[str]:
    """Mails in threads that this mailbox keeps private or took off a timeline: a colleague's copy is the colleague's again."""
    copy, found = schema.Message, set[str]()
    for marked in (schema.PrivateThread, schema.LinkChoice):
        threads = select(marked.gmail_thread_id).where(marked.mailbox_id == mailbox_id)
        here = (copy.mailbox_id == mailbox_id) & copy.gmail_thread_id.in_(threads) & copy.mail_id.is_not(None)
        found.update(str(mail_id) for mail_id in session.scalars(select(copy.mail_id).where(here)))
    return sorted(found)


def drop_orphans(database: Database, vectors: VectorIndex, workspace_id: int) -> None:
    """Whatever the indexes hold of mails that are gone, from whichever interruption."""
    known = select(schema.Mail.id).where(schema.Mail.workspace_id == workspace_id)
    with database.write() as session:
        lost = sorted(vectors.ids(workspace_id) - set(session.scalars(known)))
        for begin in range(0, len(lost), _BATCH):
            vectors.drop(workspace_id, lost[begin : begin + _BATCH])
        here = (_LEXICAL.c.workspace_id == workspace_id) & _LEXICAL.c.mail_id.not_in(known)
        lexical.drop(session, list(session.scalars(select(_LEXICAL.c.mail_id).where(here))))


def compact(database: Database) -> None:
    """Make SQLite forget the bytes too: a deleted row stays in the file's free pages until then. Best effort.

    PostgreSQL's autovacuum does it in its own time.
    """
    if not database.is_sqlite:
        return
    try:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            raw = connection.connection.driver_connection
            if raw is not None:
                raw.execute("INSERT INTO mail_lexical(mail_lexical) VALUES ('optimize')")
                raw.execute("INSERT INTO timeline_grams(timeline_grams) VALUES ('optimize')")
                raw.execute("VACUUM")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except OperationalError as error:
        _log.warning("not compacted", extra={"fields": {"cause": type(error).__name__}})


def _erase(session: Session, mail_ids: list[str]) -> None:
    drafts = select(schema.Draft.id).where(schema.Draft.mail_id.in_(mail_ids))
    files = select(schema.MailAttachment.id).where(schema.MailAttachment.mail_id.in_(mail_ids))
    session.execute(delete(schema.DraftVersion).where(schema.DraftVersion.draft_id.in_(drafts)))
    erase_answers_made_of(session, mail_ids)
    session.execute(delete(schema.Approval).where(schema.Approval.draft_id.in_(drafts)))
    session.execute(delete(schema.Draft).where(schema.Draft.mail_id.in_(mail_ids)))
    session.execute(delete(schema.AttachmentText).where(schema.AttachmentText.attachment_id.in_(files)))
    for owned in (schema.Participant, schema.MailAttachment, schema.MailKeyword, schema.Link, schema.LinkChoice):
        session.execute(delete(owned).where(owned.mail_id.in_(mail_ids)))
    # a tombstone in another mailbox stays, without the mail
    session.execute(update(schema.Message).where(schema.Message.mail_id.in_(mail_ids)).values(mail_id=None))
    session.execute(delete(schema.Mail).where(schema.Mail.id.in_(mail_ids)))
    session.expire_all()


def _drafts(mailbox_id: int) -> Select[str]:
    """Drafts of this mailbox, and anybody's that answer a mail which goes."""
    goes = schema.Draft.mail_id.in_(only_here(mailbox_id))
    return select(schema.Draft.id).where(or_(schema.Draft.mailbox_id == mailbox_id, goes))


def _choices(mailbox_id: int) -> ColumnElement[bool]:
    return or_(schema.LinkChoice.mailbox_id == mailbox_id, schema.LinkChoice.mail_id.in_(only_here(mailbox_id)))
