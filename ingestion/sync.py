"""Syncing one mailbox: backfill, then history. The algorithm and its reasons are in docs/sync.md.

A step is either durable or repeated: ids become `pending` rows in the transaction that moves the cursor or the page
token, and a message leaves `pending` in the transaction that stores it. Killing the process anywhere loses nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from crm import schema
from crm.clock import Clock
from crm.database import Database
from crm.errors import (
    Disconnected,
    HistoryExpired,
    LealUpError,
    MessageGone,
    NotConnected,
    QuotaExceeded,
    RequestRefused,
    UnreadableMail,
)
from crm.index.reindex import drop_hidden, index_missing
from crm.index.search import SearchIndex
from crm.never_log import names_labels
from crm.signals.terms import workspace_terms
from crm.trace import operation
from gmail.gateway import BATCH, GmailGateway
from gmail.payload import read
from ingestion import store
from ingestion.analysis import Analyser
from ingestion.attachments.reading import AttachmentReader
from ingestion.changes import apply_changes
from ingestion.connection import GmailAccess
from ingestion.coverage import coverage
from ingestion.history import fold
from ingestion.judgement import Rules, Verdict, judge, load_rules
from ingestion.mailboxes import LeaseLost, SyncStopped, fenced, lease, mark_disconnected, set_state
from ingestion.pending import add_pending, confirm, doubt
from ingestion.placement import LOCK, rejudge
from ingestion.reassociation import reassociate

_log = logging.getLogger(__name__)
_QUARANTINE_AFTER = 5  # attempts
_QUARANTINE = timedelta(days=1)  # then one more attempt: an outage can look like poison
_ATTACHMENT_SECONDS = 40.0  # of one sync; then new mail comes first again
_BREATH = 0.02  # seconds between write transactions, so that a reader is never starved
_TOO_SOON = timedelta(hours=1)  # a history that expires twice within it raises an alarm


@dataclass(frozen=True, kw_only=True)
class Progress:
    """`phase` is associating, listing, fetching, changes, attachments or indexing; `total` is 0 while unknown."""

    phase: str
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class SyncReport:
    """What one sync did and where the mailbox stands; `seconds` is wall time."""

    mailbox: str
    coverage: dict[str, Any]
    history_id: str
    quota_units: int
    seconds: float
    trace_id: str

    def as_json(self) -> dict[str, Any]:
        return {
            "mailbox": self.mailbox,
            **self.coverage,
            "history_id": self.history_id,
            "quota_units": self.quota_units,
            "seconds": self.seconds,
            "trace_id": self.trace_id,
        }


class MailboxSync:
    """Syncs mailboxes, one at a time each. Safe to call from several processes."""

    def __init__(
        self,
        database: Database,
        access: GmailAccess,
        analyser: Analyser,
        index: SearchIndex,
        clock: Clock,
        *,
        backfill_days: int = 90,
        attachments: AttachmentReader | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database, self._access, self._analyser, self._index = database, access, analyser, index
        self._clock, self._days, self._sleep = clock, backfill_days, sleep
        self._attachments = attachments

    def run(
        self,
        mailbox_id: int,
        *,
        days: int | None = None,
        progress: Callable[[Progress], None] | None = None,
        wait_seconds: float = 40.0,
    ) -> SyncReport:
        """Backfill what is missing, then apply Gmail's changes. Raises `LealUpError`s; whatever was done is kept.

        Another sync of the mailbox is waited for, `wait_seconds` at most. `progress` may raise `SyncStopped`.
        """
        started = time.monotonic()
        report = progress or (lambda _: None)
        with operation() as trace, self.lease_for(mailbox_id, wait_seconds):
            mailbox = self._load(mailbox_id)
            try:
                gateway = self._access.gateway(mailbox)
                units = gateway.quota_units
                self._sync(mailbox_id, gateway, days or self._days, report)
            except Disconnected as error:
                with self._write(mailbox_id) as session:
                    mark_disconnected(session, self._clock, mailbox_id, f"{error.sentence} {error.next_step}")
                raise
            except (NotConnected, LeaseLost, SyncStopped):  # its state says so; or it goes on elsewhere, or later
                raise
            except LealUpError as error:
                slowed = isinstance(error, QuotaExceeded)
                with self._write(mailbox_id) as session:
                    set_state(session, mailbox_id, "slowed" if slowed else "connected", error.sentence)
                raise
            with self._write(mailbox_id) as session:
                row = session.get_one(schema.Mailbox, mailbox_id)
                row.last_success_at = self._clock()
                if row.sealed_token:  # it may have been disconnected meanwhile
                    row.state, row.cause = "connected", ""
            with self._database.read() as session:
                row = session.get_one(schema.Mailbox, mailbox_id)
                counts = coverage(session, row)
            return SyncReport(
                mailbox=row.email,
                coverage=counts,
                history_id=row.history_id,
                quota_units=gateway.quota_units - units,
                seconds=round(time.monotonic() - started, 3),
                trace_id=trace,
            )

    def lease_for(self, mailbox_id: int, wait_seconds: float = 40.0) -> AbstractContextManager[None]:
        """Keep every sync away from the mailbox for the length of a block."""
        return lease(self._database, self._clock, mailbox_id, wait_seconds=wait_seconds, sleep=self._sleep)

    def _write(self, mailbox_id: int) -> AbstractContextManager[Session]:
        """Every write of a sync: a process that was paused and lost its lease must not write any more."""
        return fenced(self._database, mailbox_id)

    def apply_rules(self, mailbox_id: int) -> None:
        """Apply changed customers and filters to what is stored, without Gmail: also for a disconnected mailbox.

        Mail that may no longer be shown leaves the timelines and the indexes at once; bodies that are now missing are
        read by the next sync. Raises `SyncRunning`.
        """
        with operation(), self.lease_for(mailbox_id):
            reassociate(self._database, mailbox_id, write=lambda: self._write(mailbox_id), sleep=self._sleep)
            drop_hidden(self._database, self._index, self._load(mailbox_id).workspace_id)

    def _sync(self, mailbox_id: int, gateway: GmailGateway, days: int, report: Callable[[Progress], None]) -> None:
        failed: set[str] = set()  # one attempt each in one sync
        self._prepare(mailbox_id, gateway, days)
        reassociate(
            self._database,
            mailbox_id,
            write=lambda: self._write(mailbox_id),
            sleep=self._sleep,
            progress=lambda done, total: report(Progress(phase="associating", done=done, total=total)),
        )
        self._list(mailbox_id, gateway, report)
        self._drain(mailbox_id, gateway, failed, report)
        try:
            self._changes(mailbox_id, gateway, report)
        except HistoryExpired:
            self._restart_after_expiry(mailbox_id, gateway)
            self._list(mailbox_id, gateway, report)
            self._changes(mailbox_id, gateway, report)
        self._drain(mailbox_id, gateway, failed, report)
        if self._attachments is not None:
            self._attachments.read(
                mailbox_id,
                gateway,
                seconds=_ATTACHMENT_SECONDS,
                progress=lambda done, total: report(Progress(phase="attachments", done=done, total=total)),
            )
        self._bring_index_up(mailbox_id, report)

    def _bring_index_up(self, mailbox_id: int, report: Callable[[Progress], None]) -> None:
        """What the workspace's rows show becomes searchable. It can be repeated; who lost the lease ends it early."""

        def show(done: int, total: int) -> None:
            with self._write(mailbox_id):
                pass  # it only looks whether the lease is still held
            report(Progress(phase="indexing", done=done, total=total))

        workspace_id = self._load(mailbox_id).workspace_id
        drop_hidden(self._database, self._index, workspace_id)
        index_missing(self._database, self._index, workspace_id, show)

    def _prepare(self, mailbox_id: int, gateway: GmailGateway, days: int) -> None:
        """Pin the history id before the first listing; reopen the backfill when a longer window is asked for."""
        _, current = gateway.profile()
        aliases = gateway.aliases()
        wanted = self._clock() - timedelta(days=days)
        with self._database.read() as session:
            named = names_labels(session, session.get_one(schema.Mailbox, mailbox_id))
        labels = gateway.labels() if named else {}
        with self._write(mailbox_id) as session:
            mailbox = session.get_one(schema.Mailbox, mailbox_id)
            mailbox.aliases = list(aliases)
            if named:
                mailbox.label_names = labels
            longer = mailbox.window_start is not None and wanted < mailbox.window_start - timedelta(days=1)
            if mailbox.window_start is None or longer:
                mailbox.pinned_history_id = mailbox.history_id or str(current)
                mailbox.window_start, mailbox.page_token, mailbox.listing_done = wanted, "", False
            if mailbox.sealed_token:  # it may have been disconnected meanwhile
                mailbox.state, mailbox.cause = "syncing" if mailbox.backfill_done_at else "backfilling", ""

    def _list(self, mailbox_id: int, gateway: GmailGateway, report: Callable[[Progress], None]) -> None:
        """Page through the window; each page's ids and the next page's token commit together."""
        mailbox = self._load(mailbox_id)
        while not mailbox.listing_done and mailbox.window_start is not None:
            query = f"after:{int(mailbox.window_start.timestamp())}"
            try:
                page = gateway.list_messages(query, mailbox.page_token)
            except RequestRefused:
                if not mailbox.page_token:
                    raise
                page = gateway.list_messages(query)  # the token of an old crash has expired: list from the start
            with self._write(mailbox_id) as session:
                row = session.get_one(schema.Mailbox, mailbox_id)
                add_pending(session, row, page.ids)
                confirm(session, mailbox_id, page.ids)
                row.page_token, row.listing_done = page.next_token, not page.next_token
            report(Progress(phase="listing", done=row.listed_total, total=0))
            mailbox = row

    def _drain(
        self, mailbox_id: int, gateway: GmailGateway, failed: set[str], report: Callable[[Progress], None]
    ) -> None:
        """Fetch and store everything pending except `failed`, newest first, in batches; adds what fails to `failed`."""
        total = done = 0
        while waiting := [gmail_id for gmail_id in self._waiting(mailbox_id) if gmail_id not in failed]:
            total = done + len(waiting)
            for begin in range(0, len(waiting), BATCH):
                report(Progress(phase="fetching", done=done, total=total))
                chosen = waiting[begin : begin + BATCH]
                failed |= self._store_batch(mailbox_id, gateway, chosen)
                done += len(chosen)
                self._sleep(_BREATH)
        if total:
            report(Progress(phase="fetching", done=total, total=total))

    def _waiting(self, mailbox_id: int) -> Sequence[str]:
        """Pending ids, newest first, those that failed before behind the others; quarantined ones once a day."""
        with self._database.read() as session:
            due = or_(
                schema.Pending.quarantined_at.is_(None), schema.Pending.quarantined_at < self._clock() - _QUARANTINE
            )
            return session.scalars(
                select(schema.Pending.gmail_id)
                .where(schema.Pending.mailbox_id == mailbox_id, due)
                .order_by(schema.Pending.attempts, schema.Pending.gmail_id.desc())
            ).all()

    def _store_batch(self, mailbox_id: int, gateway: GmailGateway, gmail_ids: Sequence[str]) -> set[str]:
        """Store one batch; returns the ids that failed and stay pending."""
        batch = _Batch()
        batch.take(gateway.fetch(gmail_ids, bodies=False), _fetched)
        with self._database.read() as session:
            mailbox = session.get_one(schema.Mailbox, mailbox_id)
            rules = load_rules(session, mailbox)
            extra = workspace_terms(session, mailbox.workspace_id)
            verdicts = self._judge(session, mailbox, batch.read, rules)
        linked = [gmail_id for gmail_id, verdict in verdicts.items() if verdict.matches and not verdict.reason]
        batch.take(
            gateway.fetch(linked, bodies=True), lambda answer: _analysed(_fetched(answer), self._analyser, extra)
        )
        with self._write(mailbox_id) as session:
            # Locked and judged once more: while the bodies travelled, somebody may have unlinked or hidden something.
            mailbox = session.get_one(schema.Mailbox, mailbox_id, with_for_update=LOCK)
            rules = load_rules(session, mailbox)
            verdicts = self._judge(session, mailbox, batch.read, rules)
            for gmail_id, fetched in batch.read.items():
                verdict = verdicts[gmail_id]
                try:
                    with session.begin_nested():
                        store.save_message(
                            session, mailbox, fetched, verdict.matches, rules.directory.own, reason=verdict.reason
                        )
                except (ValueError, SQLAlchemyError) as error:
                    batch.failed[gmail_id] = UnreadableMail(type(error).__name__)
            for gmail_id in batch.gone:
                store.forget_message(session, mailbox, gmail_id)
            for gmail_id, failure in batch.failed.items():
                _note_failure(session, mailbox_id, gmail_id, failure, self._clock())
            rejudge(session, mailbox, {fetched.gmail_thread_id for fetched in batch.read.values()}, rules)
        return set(batch.failed)

    def _judge(
        self, session: Session, mailbox: schema.Mailbox, heads: dict[str, store.Fetched], rules: Rules
    ) -> dict[str, Verdict]:
        cases = [store.case_of_fetched(mailbox, fetched) for fetched in heads.values()]
        return judge(session, mailbox.id, cases, rules)

    def _changes(self, mailbox_id: int, gateway: GmailGateway, report: Callable[[Progress], None]) -> None:
        """Apply history since the cursor (or the pin); all pages, then one transaction with the first page's id."""
        mailbox = self._load(mailbox_id)
        start = int(mailbox.history_id or mailbox.pinned_history_id)
        if mailbox.pinned_history_id:
            start = min(start, int(mailbox.pinned_history_id))
        pages = list(gateway.history(start))
        changes = fold(record for page in pages for record in page.records)
        with self._write(mailbox_id) as session:
            row = session.get_one(schema.Mailbox, mailbox_id, with_for_update=LOCK)
            apply_changes(session, row, changes)
            row.history_id = str(max(pages[0].history_id, int(row.history_id or 0)))
            row.pinned_history_id = ""
            if row.backfill_done_at is None:
                row.backfill_done_at = self._clock()
        report(Progress(phase="changes", done=len(changes), total=len(changes)))

    def _restart_after_expiry(self, mailbox_id: int, gateway: GmailGateway) -> None:
        """Gmail forgot the changes: pin again, list the window again, and ask for what the listing does not show.

        A listing costs 5 units for 500 ids, so the whole window is listed. Nothing is inferred deleted: a message that
        is absent is fetched by id, and Gmail's own answer (404, or a label) decides.
        """
        _, current = gateway.profile()
        with self._write(mailbox_id) as session:
            mailbox = session.get_one(schema.Mailbox, mailbox_id)
            doubt(session, mailbox)
            self._note_expiry(mailbox)
            mailbox.history_id = mailbox.pinned_history_id = str(current)
            mailbox.page_token, mailbox.listing_done = "", False

    def _note_expiry(self, mailbox: schema.Mailbox) -> None:
        """Once is ordinary (Gmail keeps a week, sometimes hours); twice within the hour is a loop somebody must see."""
        now, last = self._clock(), mailbox.expired_at
        mailbox.expired_at = now
        fields = {"mailbox": mailbox.id, "history_id": mailbox.history_id}
        if last is not None and now - last < _TOO_SOON:
            mailbox.expired_again_at = now
            _log.error("history expired twice within an hour", extra={"fields": fields})
        else:
            _log.warning("history expired", extra={"fields": fields})

    def _load(self, mailbox_id: int) -> schema.Mailbox:
        with self._database.read() as session:
            return session.get_one(schema.Mailbox, mailbox_id)


@dataclass(kw_only=True)
class _Batch:
    """The messages of one batch: read, gone from Gmail, or failed."""

    read: dict[str, store.Fetched] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    failed: dict[str, LealUpError] = field(default_factory=dict)

    def take(
        self, answers: dict[str, dict[str, Any] | LealUpError], read: Callable[[dict[str, Any]], store.Fetched]
    ) -> None:
        for gmail_id, answer in answers.items():
            self.read.pop(gmail_id, None)
            if isinstance(answer, MessageGone):
                self.gone.append(gmail_id)
            elif isinstance(answer, LealUpError):
                self.failed[gmail_id] = answer
            else:
                try:
                    self.read[gmail_id] = read(answer)
                except Exception as error:  # noqa: BLE001
                    # Whatever one mail does to a parser or a model, it must not stop the mailbox.
                    _log.exception("a mail can't be read", extra={"fields": {"gmail_id": gmail_id}})
                    self.failed[gmail_id] = UnreadableMail(type(error).__name__)


def _fetched(answer: dict[str, Any]) -> store.Fetched:
    headers = answer.get("payload", {}).get("headers", [])
    dates = [str(header.get("value", "")) for header in headers if str(header.get("name", "")).lower() == "date"]
    return store.Fetched(
        gmail_id=str(answer["id"]),
        gmail_thread_id=str(answer["threadId"]),
        label_ids=tuple(answer.get("labelIds", ())),
        date_header=dates[0] if dates else "",
        mail=read(answer),
    )


def _analysed(fetched: store.Fetched, analyser: Analyser, extra: dict[str, str]) -> store.Fetched:
    return store.Fetched(
        gmail_id=fetched.gmail_id,
        gmail_thread_id=fetched.gmail_thread_id,
        label_ids=fetched.label_ids,
        date_header=fetched.date_header,
        mail=fetched.mail,
        analysis=analyser.analyse(fetched.mail, extra),
    )


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
