"""Syncs a user asks for: they run beside the page, which shows their progress and what went wrong."""

from __future__ import annotations

import logging
import threading

from crm.errors import LealUpError
from crm.trace import operation
from ingestion.mailboxes import SyncRunning
from ui.components.failure import describe
from wiring.app import App

_log = logging.getLogger(__name__)


class Syncs:
    """`start` returns at once. One sync per mailbox runs at a time, whoever asks for it."""

    def __init__(self) -> None:
        self._failures: dict[int, str] = {}

    def start(self, app: App, mailbox_id: int) -> None:
        threading.Thread(target=self._run, args=(app, mailbox_id), name=f"sync-{mailbox_id}", daemon=True).start()

    def failure(self, mailbox_id: int) -> str:
        """What went wrong the last time, in plain text, or ""."""
        return self._failures.get(mailbox_id, "")

    def _run(self, app: App, mailbox_id: int) -> None:
        with operation() as trace_id:
            try:
                app.worker.sync_now(mailbox_id)
            except SyncRunning:
                return  # it is being done already
            except LealUpError as error:
                self._failures[mailbox_id] = describe(error, trace_id)
            except Exception:  # noqa: BLE001 (a thread has nobody above it to catch this)
                _log.exception("sync crashed", extra={"fields": {"mailbox": mailbox_id}})
                self._failures[mailbox_id] = describe(LealUpError(), trace_id)
            else:
                self._failures.pop(mailbox_id, None)
