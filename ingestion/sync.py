"""Syncing one mailbox: backfill, then history. The algorithm and its reasons are in docs/sync.md.

A step is either durable or repeated: ids become `pending` rows in the transaction that moves the cursor or the page
token, and a message leaves `pending` in the transaction that stores it. Killing the process anywhere loses nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from crm import schema
from crm.clock import Clock
from crm.database import Database
from crm.errors import (
    Disconnected,
    HistoryExpired,
    LealUpError,
    NotConnected,
    QuotaExceeded,
    RequestRefused,
)
from crm.index.reindex import drop_hidden, index_missing
from crm.index.search import SearchIndex
from crm.never_log import names_labels
from crm.trace import operation
from gmail.gateway import GmailGateway
from ingestion.analysis import Analyser
from ingestion.attachments.reading import AttachmentReader
from ingestion.changes import apply_changes, apply_labels
from ingestion.connection import GmailAccess
from ingestion.coverage import coverage
from ingestion.drain import Drain
from ingestion.history import fold
from ingestion.mailboxes import LeaseLost, SyncStopped, fenced, lease, mark_disconnected, set_state
from ingestion.pending import add_pending, confirm, doubt
from ingestion.placement import LOCK
from ingestion.reassociation import reassociate

_log = logging.getLogger(__name__)
_SWEEP = timedelta(hours=1)  # a look at every indexed mail, in case a face died between hiding a mail and unindexing it
_ATTACHMENT_SECONDS = 40.0  # of one sync; then new mail comes first again
_INDEXED_ANEW_SECONDS = 40  # of mails that another embedder indexed before; the next poll goes on
_TOO_SOON = timedelta(hours=1)  # a history that expires twice within it raises an alarm


@dataclass(frozen=True, kw_only=True)
class Progress:
    """`phase` is associating, listing, fetching, changes, attachments or indexing; `total` is 0 while unknown."""

    phase: str
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class SyncReport:
    """What one sync did and where the mailbox stands; `seconds` is wall time, `coverage` empty where nobody counted."""

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
        count: bool = True,
    ) -> SyncReport:
        """Backfill what is missing, then apply Gmail's changes. Raises `LealUpError`s; whatever was done is kept.

        Another sync of the mailbox is waited for, `wait_seconds` at most. `progress` may raise `SyncStopped`. Without
        `count` the report has no coverage: counting looks at every stored mail, which a poll a minute should not.
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
                counts = coverage(session, row) if count else {}
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

    @contextmanager
    def _change(self, mailbox_id: int) -> Iterator[Session]:
        """A write that may hide mail. The indexes are swept after it, by the next process if this one dies first."""
        with self._write(mailbox_id) as session:
            session.get_one(schema.Mailbox, mailbox_id).swept_at = None
            yield session

    def apply_rules(self, mailbox_id: int) -> None:
        """Apply changed customers and filters to what is stored, without Gmail: also for a disconnected mailbox.

        Mail that may no longer be shown leaves the timelines and the indexes at once; bodies that are now missing are
        read by the next sync. Raises `SyncRunning`.
        """
        with operation(), self.lease_for(mailbox_id):
            reassociate(self._database, mailbox_id, write=lambda: self._change(mailbox_id), sleep=self._sleep)
            drop_hidden(self._database, self._index, self._load(mailbox_id).workspace_id)

    def _sync(self, mailbox_id: int, gateway: GmailGateway, days: int, report: Callable[[Progress], None]) -> None:
        drain = Drain(
            self._database, gateway, self._analyser, self._clock, mailbox_id,
            write=lambda: self._change(mailbox_id), sleep=self._sleep,
        )  # fmt: skip

        def fetching(done: int, total: int) -> None:
            report(Progress(phase="fetching", done=done, total=total))

        self._prepare(mailbox_id, gateway, days)
        reassociate(
            self._database,
            mailbox_id,
            write=lambda: self._change(mailbox_id),
            sleep=self._sleep,
            progress=lambda done, total: report(Progress(phase="associating", done=done, total=total)),
        )
        self._list(mailbox_id, gateway, drain.threads, report)
        drain.run(fetching)
        try:
            self._changes(mailbox_id, gateway, drain.threads, report)
        except HistoryExpired:
            self._restart_after_expiry(mailbox_id, gateway)
            self._list(mailbox_id, gateway, drain.threads, report)
            self._changes(mailbox_id, gateway, drain.threads, report)
        drain.run(fetching)
        self._bring_index_up(mailbox_id, report)
        if self._attachments is not None and self._attachments.read(
            mailbox_id,
            gateway,
            seconds=_ATTACHMENT_SECONDS,
            write=lambda: self._write(mailbox_id),
            progress=lambda done, total: report(Progress(phase="attachments", done=done, total=total)),
        ):
            self._bring_index_up(mailbox_id, report)

    def _bring_index_up(self, mailbox_id: int, report: Callable[[Progress], None]) -> None:
        """What the workspace's rows show becomes searchable. It can be repeated; who lost the lease ends it early."""

        def show(done: int, total: int) -> None:
            with self._write(mailbox_id):
                pass  # it only looks whether the lease is still held
            report(Progress(phase="indexing", done=done, total=total))

        mailbox = self._load(mailbox_id)
        now = self._clock()
        if mailbox.swept_at is None or now - mailbox.swept_at > _SWEEP:
            drop_hidden(self._database, self._index, mailbox.workspace_id)
            with self._write(mailbox_id) as session:
                session.get_one(schema.Mailbox, mailbox_id).swept_at = now
        index_missing(self._database, self._index, mailbox.workspace_id, show, seconds=_INDEXED_ANEW_SECONDS)

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
            mailbox.reading_since = None  # the pace of an earlier sync tells nothing of this one
            if named:
                mailbox.label_names = labels
            longer = mailbox.window_start is not None and wanted < mailbox.window_start - timedelta(days=1)
            if mailbox.window_start is None or longer:
                mailbox.pinned_history_id = mailbox.history_id or str(current)
                mailbox.window_start, mailbox.page_token, mailbox.listing_done = wanted, "", False
            if mailbox.sealed_token:  # it may have been disconnected meanwhile
                mailbox.state, mailbox.cause = "syncing" if mailbox.backfill_done_at else "backfilling", ""

    def _list(
        self, mailbox_id: int, gateway: GmailGateway, threads: dict[str, str], report: Callable[[Progress], None]
    ) -> None:
        """Page through the window; each page's ids and the next page's token commit together."""
        mailbox = self._load(mailbox_id)
        while not mailbox.listing_done and mailbox.window_start is not None:
            query = _window(mailbox)
            try:
                page = gateway.list_messages(query, mailbox.page_token)
            except RequestRefused:
                if not mailbox.page_token:
                    raise
                page = gateway.list_messages(query)  # the token of an old crash has expired: list from the start
            threads.update(page.threads)
            with self._write(mailbox_id) as session:
                row = session.get_one(schema.Mailbox, mailbox_id)
                add_pending(session, row, page.ids)
                confirm(session, mailbox_id, page.ids)
                row.page_token, row.listing_done = page.next_token, not page.next_token
            report(Progress(phase="listing", done=row.listed_total, total=0))
            mailbox = row

    def _changes(
        self, mailbox_id: int, gateway: GmailGateway, threads: dict[str, str], report: Callable[[Progress], None]
    ) -> None:
        """Apply history since the cursor (or the pin); all pages, then one transaction with the first page's id."""
        mailbox = self._load(mailbox_id)
        start = int(mailbox.history_id or mailbox.pinned_history_id)
        if mailbox.pinned_history_id:
            start = min(start, int(mailbox.pinned_history_id))
        pages = list(gateway.history(start))
        changes = fold(record for page in pages for record in page.records)
        threads.update({gmail_id: change.thread_id for gmail_id, change in changes.items()})
        write = self._change if changes else self._write
        with write(mailbox_id) as session:
            row = session.get_one(schema.Mailbox, mailbox_id, with_for_update=LOCK)
            apply_changes(session, row, changes)
            row.history_id = str(max(pages[0].history_id, int(row.history_id or 0)))
            row.pinned_history_id = ""
            if row.backfill_done_at is None:
                row.backfill_done_at = self._clock()
        report(Progress(phase="changes", done=len(changes), total=len(changes)))

    def _restart_after_expiry(self, mailbox_id: int, gateway: GmailGateway) -> None:
        """Gmail forgot the changes: pin again, list the window again, and ask for what the listing does not show.

        A listing costs 5 units for 500 ids, so the whole window is listed, once for each label: what was forgotten may
        have been labels, and filters go by them. Nothing is inferred deleted: a message that is absent is fetched by id,
        and Gmail's own answer (404, or a label) decides.
        """
        _, current = gateway.profile()
        labels = gateway.labels_of_all(_window(self._load(mailbox_id)))
        with self._change(mailbox_id) as session:
            mailbox = session.get_one(schema.Mailbox, mailbox_id, with_for_update=LOCK)
            apply_labels(session, mailbox, labels)
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


def _window(mailbox: schema.Mailbox) -> str:
    """The `q` of everything in the indexed period."""
    return "" if mailbox.window_start is None else f"after:{int(mailbox.window_start.timestamp())}"
