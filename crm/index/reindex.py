"""Keeping the indexes equal to the rows: what is visible is indexed, nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import not_, select, text, update

from crm import schema
from crm.database import Database
from crm.index.search import SearchIndex, files_of
from crm.index.vectors import VectorIndex
from crm.mails import visible
from crm.slices import slices

_BATCH = 25
_DROPPED = 100  # mails a transaction


def index_missing(
    database: Database, index: SearchIndex, workspace_id: int, progress: Callable[[int, int], None] | None = None
) -> int:
    """Index every visible mail that is not indexed or outdated, in short transactions. Returns how many.

    After an update that brought another embedder that is every mail: search finds what is done so far.
    """
    if index.is_new(workspace_id):
        _outdate_indexed(database, workspace_id)
    with database.read() as session:
        # SQLite looks at every mail for an OR of them, or for their order
        due = (schema.Mail.indexed_at.is_(None), schema.Mail.indexed_at == schema.OUTDATED)
        each = (select(schema.Mail.sent_at, schema.Mail.id).where(visible(workspace_id), one) for one in due)
        rows_due = sorted((tuple(row) for one in each for row in session.execute(one)), reverse=True)
        waiting = [mail_id for _, mail_id in rows_due]  # newest first: that is what people ask about
    for begin in range(0, len(waiting), _BATCH):
        some = schema.Mail.id.in_(waiting[begin : begin + _BATCH])
        chosen = select(schema.Mail).where(some, visible(workspace_id)).order_by(schema.Mail.id)
        with database.read() as session:
            told = {mail.id: _said(mail) for mail in session.scalars(chosen)}
        rows = dict(zip(told, index.embed_many(list(told.values())), strict=True))
        _mark(database, told)
        with database.write() as session:
            for mail in session.scalars(chosen):
                # else it changed meanwhile, is still due, and the next run takes it
                if mail.id in told and told[mail.id] == _said(mail):
                    index.put(session, mail, rows[mail.id])
        if progress is not None:
            progress(min(begin + _BATCH, len(waiting)), len(waiting))
    return len(waiting)


def _outdate_indexed(database: Database, workspace_id: int) -> None:
    """Without writing where there is nothing to mark: most stores without vectors are just new."""
    indexed = (schema.Mail.workspace_id == workspace_id) & (schema.Mail.indexed_at > schema.OUTDATED)
    with database.read() as session:
        if session.scalar(select(schema.Mail.id).where(indexed).limit(1)) is None:
            return
    with database.write() as session:
        session.execute(update(schema.Mail).where(indexed).values(indexed_at=schema.OUTDATED))


def _outdate_all(database: Database, workspace_id: int) -> None:
    indexed = (schema.Mail.workspace_id == workspace_id) & schema.Mail.indexed_at.is_not(None)
    with database.write() as session:
        session.execute(text("DELETE FROM mail_lexical WHERE workspace_id = :id"), {"id": workspace_id})
        session.execute(update(schema.Mail).where(indexed).values(indexed_at=schema.OUTDATED))


def _mark(database: Database, mail_ids: Collection[str]) -> None:
    """Vectors are written outside of the transaction. So the rows tell beforehand that something of these mails may lie
    in the index: when the process dies in between, a hidden one is taken out and a visible one is put in anew.
    """
    with database.write() as session:
        for mail in session.scalars(select(schema.Mail).where(schema.Mail.id.in_(mail_ids))):
            mail.indexed_at = schema.OUTDATED


def _said(mail: schema.Mail) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """What vectors are made of: subject, new text, the texts of the files."""
    return mail.subject, mail.new_text, files_of(mail)


def drop_hidden(database: Database, index: SearchIndex, workspace_id: int) -> int:
    """Take mails out of the indexes that are indexed but no longer visible, in short transactions. Returns how many."""
    condition = (
        (schema.Mail.workspace_id == workspace_id) & schema.Mail.indexed_at.is_not(None) & not_(visible(workspace_id))
    )
    with database.read() as session:
        hidden = session.scalars(select(schema.Mail.id).where(condition)).all()
    gone = 0
    for piece in slices(hidden, _DROPPED):
        _mark(database, piece)
        with database.write() as session:  # asked once more: it may have come back meanwhile
            still = session.scalars(select(schema.Mail.id).where(condition, schema.Mail.id.in_(piece))).all()
            if still:
                index.drop(session, workspace_id, still)
            gone += len(still)
    return gone


def reindex(
    database: Database,
    index: SearchIndex,
    vectors: VectorIndex,
    workspace_id: int,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Build both indexes anew from the rows. Returns how many mails are searchable."""
    _outdate_all(database, workspace_id)
    vectors.clear(workspace_id)
    _outdate_all(database, workspace_id)  # a running sync may have put some in before they were cleared
    return index_missing(database, index, workspace_id, progress)
