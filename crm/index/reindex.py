"""Keeping the indexes equal to the rows: what is visible is indexed, nothing else is."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import not_, select, text, update

from crm import schema
from crm.database import Database
from crm.index.search import SearchIndex, files_of
from crm.index.vectors import VectorIndex
from crm.mails import visible
from crm.slices import slices

_BATCH = 25
_DROPPED = 100  # mails a transaction
_AGAIN = threading.Lock()


def index_missing(
    database: Database,
    index: SearchIndex,
    workspace_id: int,
    progress: Callable[[int, int], None] | None = None,
    *,
    seconds: float | None = None,
) -> int:
    """Index every visible mail that is not indexed or outdated, in short transactions. Returns how many.

    After an update that brought another embedder that is every mail: search finds what is done so far. With `seconds`, what
    was indexed before waits for the next call when they are over, or while another thread of this process is at it.
    """
    if index.begins_anew(workspace_id):
        _outdate_indexed(database, workspace_id)
    with database.read() as session:
        # SQLite looks at every mail for an OR of them, or for their order
        due = (schema.Mail.indexed_at.is_(None), schema.Mail.indexed_at == schema.OUTDATED)
        each = (select(schema.Mail.sent_at, schema.Mail.id).where(visible(workspace_id), one) for one in due)
        # newest first: that is what people ask about
        never, again = ([row.id for row in sorted(session.execute(one), reverse=True)] for one in each)
    with _again(bool(again) and seconds is not None) as mine:
        waiting = [*never, *again] if mine else never
        until = time.monotonic() + (seconds if seconds is not None else math.inf)
        done = 0
        for batch in slices(waiting, _BATCH):
            if done >= len(never) and time.monotonic() > until:
                break
            _index(database, index, workspace_id, batch)
            done += len(batch)
            if progress is not None:
                progress(done, len(waiting))
    return done


def _index(database: Database, index: SearchIndex, workspace_id: int, mail_ids: Collection[str]) -> None:
    # asked once more: another mailbox of the workspace may have done it meanwhile
    due = schema.Mail.indexed_at.is_(None) | (schema.Mail.indexed_at == schema.OUTDATED)
    some = schema.Mail.id.in_(mail_ids)
    with database.read() as session:
        told = {
            mail.id: _said(mail)
            for mail in session.scalars(
                select(schema.Mail).where(some, due, visible(workspace_id)).order_by(schema.Mail.id)
            )
        }
    if not told:
        return
    rows = dict(zip(told, index.embed_many(list(told.values())), strict=True))
    _mark(database, told)
    with database.write() as session:
        for mail in session.scalars(select(schema.Mail).where(some, visible(workspace_id)).order_by(schema.Mail.id)):
            # else it changed meanwhile, is still due, and the next run takes it
            if mail.id in told and told[mail.id] == _said(mail):
                index.put(session, mail, rows[mail.id])


@contextmanager
def _again(shared: bool) -> Iterator[bool]:
    """Whether this thread may index anew. Several mailboxes of a workspace sync at once, and one of them is enough for it."""
    mine = not shared or _AGAIN.acquire(blocking=False)
    try:
        yield mine
    finally:
        if shared and mine:
            _AGAIN.release()


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
