"""Judging everything stored anew, after customers or filters changed (S8): in short transactions, and resumable."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm import schema
from crm.database import Database
from ingestion.judgement import Rules, load_rules
from ingestion.placement import LOCK, rejudge

CHUNK = 100  # mails a transaction; a single thread is never cut
_BREATH = 0.02  # seconds between write transactions, so that a reader is never starved
_ROUNDS = 3  # the rules may change meanwhile; what is still open then is done by the next sync


def reassociate(
    database: Database,
    mailbox_id: int,
    *,
    write: Callable[[], AbstractContextManager[Session]],
    sleep: Callable[[float], None],
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Bring the mailbox's stored mail up to date with the rules; nothing happens while they are unchanged.

    `write` opens one write transaction. The caller holds the mailbox's lease. Killed in the middle, the next call goes on after the last finished thread.
    """
    for _ in range(_ROUNDS):
        with database.read() as session:
            mailbox = session.get_one(schema.Mailbox, mailbox_id)
            rules = load_rules(session, mailbox)
            if mailbox.directory_key == rules.key:
                return
            done, total = _counts(session, mailbox)
        _all_threads(write, mailbox_id, rules, done, total, sleep, progress)


def _all_threads(
    write: Callable[[], AbstractContextManager[Session]],
    mailbox_id: int,
    rules: Rules,
    done: int,
    total: int,
    sleep: Callable[[float], None],
    progress: Callable[[int, int], None] | None,
) -> None:
    while True:
        with write() as session:
            mailbox = session.get_one(schema.Mailbox, mailbox_id, with_for_update=LOCK)
            if mailbox.judging_key != rules.key:
                mailbox.judging_key, mailbox.judged_after = rules.key, ""
                done = 0
            threads, mails = _next(session, mailbox_id, mailbox.judged_after)
            if not threads:
                mailbox.directory_key, mailbox.judging_key, mailbox.judged_after = rules.key, "", ""
                return
            rejudge(session, mailbox, threads, rules)
            mailbox.judged_after = threads[-1]
        done += mails
        if progress is not None:
            progress(min(done, total), total)
        sleep(_BREATH)


def _next(session: Session, mailbox_id: int, after: str) -> tuple[list[str], int]:
    """The threads that come next, up to 100 mails of them but at least one thread; and how many mails."""
    copy = schema.Message
    query = (
        select(copy.gmail_thread_id, func.count())
        .where(copy.mailbox_id == mailbox_id, copy.gmail_thread_id > after)
        .group_by(copy.gmail_thread_id)
        .order_by(copy.gmail_thread_id)
        .limit(CHUNK)
    )
    chosen: list[str] = []
    mails = 0
    for thread_id, count in session.execute(query):
        if chosen and mails + count > CHUNK:
            break
        chosen.append(thread_id)
        mails += count
    return chosen, mails


def _counts(session: Session, mailbox: schema.Mailbox) -> tuple[int, int]:
    """(mails up to where an unfinished run came, all mails)."""
    count = select(func.count()).select_from(schema.Message).where(schema.Message.mailbox_id == mailbox.id)
    before = count.where(schema.Message.gmail_thread_id <= mailbox.judged_after)
    return session.scalar(before) or 0, session.scalar(count) or 0
