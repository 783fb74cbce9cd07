"""The background worker: every connected mailbox once a poll, and whatever send was left uncertain."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from sqlalchemy import select

from crm import schema
from crm.database import Database
from crm.errors import LealUpError
from ingestion.mailboxes import SyncRunning
from ingestion.sync import MailboxSync, Progress, SyncReport

_log = logging.getLogger(__name__)
_AT_ONCE = 4  # mailboxes


class Reconciler(Protocol):
    """Settles sends whose answer was lost (outbox.sender)."""

    def reconcile_all(self, mailbox_id: int) -> int: ...


class Worker:
    """A daemon thread that polls. `sync_now` may be called from any thread: one sync per mailbox runs at a time."""

    def __init__(
        self,
        database: Database,
        sync: MailboxSync,
        reconciler: Reconciler,
        poll_seconds: int,
        *,
        chores: Sequence[Callable[[], object]] = (),
    ) -> None:
        self._chores = chores
        self._database, self._sync, self._reconciler, self._poll = database, sync, reconciler, poll_seconds
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._progress: dict[int, Progress] = {}

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="gmail-worker", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end and wait for the step it is in."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=30)
            self._thread = None

    def progress(self, mailbox_id: int) -> Progress | None:
        """What the running sync of this process is doing; None when it is idle."""
        return self._progress.get(mailbox_id)

    def sync_now(self, mailbox_id: int) -> SyncReport:
        """One sync, right away. Raises `LealUpError`."""
        shown: list[Progress] = []

        def show(progress: Progress) -> None:
            shown[:] = [progress]
            self._progress[mailbox_id] = progress

        try:
            report = self._sync.run(mailbox_id, progress=show)
            self._reconciler.reconcile_all(mailbox_id)
            return report
        finally:
            if shown and self._progress.get(mailbox_id) is shown[0]:  # not that of another sync we waited for
                del self._progress[mailbox_id]

    def poll(self) -> None:
        """Sync every connected mailbox, a few at once: a long backfill or a failure of one does not hold up the others."""
        for chore in self._chores:  # requests that outlive the process that took them
            try:
                chore()
            except Exception:  # noqa: BLE001 – a chore that fails comes again, and mail must not wait for it
                _log.exception("chore failed")
        with self._database.read() as session:
            connected = session.scalars(select(schema.Mailbox.id).where(schema.Mailbox.sealed_token != "")).all()
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="gmail-sync") as pool:
            list(pool.map(self._one, connected))

    def _one(self, mailbox_id: int) -> None:
        if self._stop.is_set():
            return
        try:
            self.sync_now(mailbox_id)
        except SyncRunning:
            return
        except LealUpError as error:
            fields = {"mailbox": mailbox_id, "cause": type(error).__name__}
            _log.warning("sync failed", extra={"fields": fields})
        except Exception:  # noqa: BLE001 – one mailbox must not stop the others
            _log.exception("sync crashed", extra={"fields": {"mailbox": mailbox_id}})

    def _run(self) -> None:
        while not self._stop.is_set():
            self.poll()
            self._stop.wait(self._poll)
