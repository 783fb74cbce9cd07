"""Draining `pending`: what is fetched ahead is analysed and stored, batch by batch, each in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from crm import schema
from crm.clock import Clock
from crm.database import Database, is_conflict, store_failure
from crm.errors import LealUpError, QuotaExceeded, UnreadableMail
from crm.signals.terms import workspace_terms
from gmail.gateway import GmailGateway
from ingestion import store
from ingestion.ahead import ahead
from ingestion.analysis import Analyser
from ingestion.fetching import Batch, Fetcher
from ingestion.judgement import Case, judge, load_rules
from ingestion.pace import MEASURED, note_start
from ingestion.placement import LOCK, lock_mails, mails_of_threads, rejudge

_log = logging.getLogger(__name__)
_QUARANTINE_AFTER = 5  # attempts
_QUARANTINE = timedelta(days=1)  # then one more attempt: an outage can look like poison
_BREATH = 0.02  # seconds between write transactions, so that a reader is never starved
_TRIES = 3  # of a transaction that another mailbox's was in the way of
_READY = 4  # batches that lie ready to be stored; more would only cost memory

Write = Callable[[], AbstractContextManager[Session]]


class Drain:
    """One sync's work on what is pending. `threads` is filled by whoever learns in which thread a message is.

    Gmail is read in one thread and mails are analysed and stored in the caller's, so that neither waits for the other.
    """

    def __init__(
        self, database: Database, gateway: GmailGateway, analyser: Analyser, clock: Clock, mailbox_id: int, *,
        write: Write, sleep: Callable[[float], None],
    ) -> None:  # fmt: skip
        self._database, self._gateway, self._analyser, self._clock = database, gateway, analyser, clock
        self._mailbox_id, self._write, self._sleep = mailbox_id, write, sleep
        self.threads: dict[str, str] = {}
        self._failed: set[str] = set()  # one attempt each in one sync

    def run(self, report: Callable[[int, int], None]) -> None:
        """Fetch and store everything pending that has not failed in this sync, newest first; `report(done, total)`."""
        total = done = 0
        noted = False
        while waiting := [gmail_id for gmail_id in self._waiting() if gmail_id not in self._failed]:
            total = done + len(waiting)
            report(done, total)
            if not noted and len(waiting) > MEASURED:
                noted = self._note_start()
            fetcher = Fetcher(self._database, self._gateway, self._mailbox_id, self.threads)
            with ahead(fetcher.batches(waiting), _READY, self._gateway.close) as batches:
                for batch in batches:
                    self._failed |= self._store(batch)
                    done += len(batch.ids)
                    report(done, total)
                    self._sleep(_BREATH)

    def _note_start(self) -> bool:
        with self._write() as session:
            note_start(session, session.get_one(schema.Mailbox, self._mailbox_id), self._clock())
        return True

    def _waiting(self) -> Sequence[str]:
        """Pending ids, newest first, those that failed before behind the others; quarantined ones once a day."""
        held = schema.Pending
        with self._database.read() as session:
            due = or_(held.quarantined_at.is_(None), held.quarantined_at < self._clock() - _QUARANTINE)
            return session.scalars(
                select(held.gmail_id)
                .where(held.mailbox_id == self._mailbox_id, due)
                .order_by(held.attempts, held.gmail_id.desc())
            ).all()

    def _store(self, batch: Batch) -> set[str]:
        """Store one batch; returns the ids that failed and stay pending."""
        self._analyse(batch)
        for _ in range(_TRIES - 1):
            try:
                return self._store_once(batch, patient=False)
            except SQLAlchemyError as error:
                if not is_conflict(error):
                    raise
        return self._store_once(batch, patient=True)

    def _store_once(self, batch: Batch, *, patient: bool) -> set[str]:
        """One transaction. What another mailbox's transaction did to it is raised, unless `patient`: then it has failed."""
        failed = dict(batch.failed)
        with self._write() as session:
            # Locked and judged once more: while the bodies travelled, somebody may have unlinked or hidden something.
            mailbox = session.get_one(schema.Mailbox, self._mailbox_id, with_for_update=LOCK)
            rules = load_rules(session, mailbox)
            cases = [store.case_of_fetched(mailbox, fetched) for fetched in batch.read.values()]
            threads = {case.thread_id for case in cases}
            lock_mails(session, self._touched(session, batch, cases))
            verdicts = judge(session, mailbox.id, cases, rules)
            for gmail_id, fetched in batch.read.items():
                verdict = verdicts[gmail_id]
                try:
                    with session.begin_nested():
                        store.save_message(
                            session, mailbox, fetched, verdict.matches, rules.directory.own, reason=verdict.reason
                        )
                except (ValueError, SQLAlchemyError) as error:
                    passing = not patient if is_conflict(error) else store_failure(error) is not None
                    if passing:  # a full disk is not the mail's fault
                        raise
                    failed[gmail_id] = UnreadableMail(type(error).__name__)
            for gmail_id in batch.gone:
                store.forget_message(session, mailbox, gmail_id)
            for gmail_id, failure in failed.items():
                _note_failure(session, self._mailbox_id, gmail_id, failure, self._clock())
            rejudge(session, mailbox, threads, rules)
        return set(failed)

    def _touched(self, session: Session, batch: Batch, cases: Sequence[Case]) -> set[str]:
        """Ids of the mails that storing the batch may change: its own, those of their threads, and those that are gone."""
        copy = schema.Message
        gone = select(copy.mail_id).where(
            copy.mailbox_id == self._mailbox_id, copy.gmail_id.in_(batch.gone), copy.mail_id.is_not(None)
        )
        found = mails_of_threads(session, self._mailbox_id, {case.thread_id for case in cases})
        return found | {case.mail_id for case in cases} | {str(mail_id) for mail_id in session.scalars(gone)}

    def _analyse(self, batch: Batch) -> None:
        """Language, tone and critical words of the mails that have a body; what can't be analysed has failed."""
        whole = [batch.read[gmail_id] for gmail_id in batch.whole if gmail_id in batch.read]
        if not whole:
            return
        with self._database.read() as session:
            mailbox = session.get_one(schema.Mailbox, self._mailbox_id)
            extra = workspace_terms(session, mailbox.workspace_id)
        analyses = self._analyser.analyse_many([fetched.mail for fetched in whole], extra)
        for fetched, analysis in zip(whole, analyses, strict=True):
            if isinstance(analysis, Exception):
                _log.error("a mail can't be analysed", exc_info=analysis, extra={"fields": {"id": fetched.gmail_id}})
                batch.failed[fetched.gmail_id] = UnreadableMail(type(analysis).__name__)
                del batch.read[fetched.gmail_id]
            else:
                batch.read[fetched.gmail_id] = replace(fetched, analysis=analysis)


def _note_failure(session: Session, mailbox_id: int, gmail_id: str, error: LealUpError, now: datetime) -> None:
    pending = session.get(schema.Pending, (mailbox_id, gmail_id))
    if pending is None:
        return
    pending.error = type(error).__name__
    if isinstance(error, QuotaExceeded):  # nobody's fault
        return
    pending.attempts += 1
    if pending.attempts >= _QUARANTINE_AFTER:
        pending.quarantined_at = now
