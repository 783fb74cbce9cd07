"""Syncs a user asks for: they run beside the page, which shows their progress and what went wrong."""

from __future__ import annotations

import logging
import threading

from crm.database import store_failure
from crm.errors import LealUpError
from crm.identity import Principal
from crm.trace import operation
from ingestion.mailboxes import SyncRunning, mailboxes_of, workspace_mailboxes
from ui.components.failure import describe
from wiring.app import App

_log = logging.getLogger(__name__)


class Syncs:
    """`start` returns at once. One sync per mailbox runs at a time, whoever asks for it."""

    def __init__(self) -> None:
        self._failures: dict[int, str] = {}

    def start(self, app: App, mailbox_id: int) -> None:
        threading.Thread(target=self._run, args=(app, mailbox_id), name=f"sync-{mailbox_id}", daemon=True).start()

    def start_all(self, app: App, me: Principal) -> None:
        """Sync every connected mailbox of the user: something that they read anew has changed."""
        with app.database.read() as session:
            connected = [held.id for held in mailboxes_of(session, me) if held.sealed_token]
        for mailbox_id in connected:
            self.start(app, mailbox_id)

    def rules_changed(self, app: App, me: Principal) -> None:
        """Apply changed filters to what every mailbox of the workspace holds, the disconnected ones too, then sync."""
        threading.Thread(target=self._apply, args=(app, me), name="rules", daemon=True).start()

    def failure(self, mailbox_id: int) -> str:
        """What went wrong the last time, in plain text, or ""."""
        return self._failures.get(mailbox_id, "")

    def _apply(self, app: App, me: Principal) -> None:
        with app.database.read() as session:
            mailboxes = workspace_mailboxes(session, me.workspace_id)
        for mailbox_id in mailboxes:
            try:
                app.sync.apply_rules(mailbox_id)
            except SyncRunning:
                continue  # the sync that follows applies them
            except Exception:  # noqa: BLE001 (a thread has nobody above it to catch this)
                _log.exception("rules not applied", extra={"fields": {"mailbox": mailbox_id}})
        self.start_all(app, me)

    def _run(self, app: App, mailbox_id: int) -> None:
        with operation() as trace_id:
            try:
                app.worker.sync_now(mailbox_id)
            except SyncRunning:
                return  # it is being done already
            except LealUpError as error:
                self._failures[mailbox_id] = describe(error, trace_id)
            except Exception as error:  # noqa: BLE001 (a thread has nobody above it to catch this)
                _log.exception("sync crashed", extra={"fields": {"mailbox": mailbox_id}})
                self._failures[mailbox_id] = describe(store_failure(error) or LealUpError(), trace_id)
            else:
                self._failures.pop(mailbox_id, None)
