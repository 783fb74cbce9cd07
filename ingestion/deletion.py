"""Deleting a mailbox's data on request: a tracked request that survives anything, and a receipt that counts to zero (C5)."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from crm import audit, schema
from crm.answers import conversations_made_of
from crm.clock import Clock
from crm.database import Database
from crm.errors import LealUpError
from crm.identity import Principal, principal_by_id
from crm.index.search import SearchIndex
from crm.index.vectors import VectorIndex
from crm.trace import operation, trace_id
from ingestion import erasing
from ingestion.connection import GmailAccess, cut_off, own_mailbox
from ingestion.mailboxes import SyncRunning

_log = logging.getLogger(__name__)
_CAUSE = "Its data was deleted on request."


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """`counts` maps each place to (before, after); after is None until the request is done.

    `revoked` says what became of the access at Google: yes, waiting (it is repeated until Google answers), or lost (no key
    opens the token any more: only the user can revoke it).
    """

    id: str
    mailbox: str
    state: str
    requested_at: datetime
    finished_at: datetime | None
    revoked: str
    counts: dict[str, tuple[int, int | None]]

    @property
    def complete(self) -> bool:
        return self.state == "done" and all(after == 0 for _, after in self.counts.values())

    def as_json(self) -> dict[str, Any]:
        done = {place: (before, after) for place, (before, after) in self.counts.items() if after is not None}
        return {
            "receipt": self.id,
            "mailbox": self.mailbox,
            "state": self.state,
            "requested_at": self.requested_at.isoformat(),
            "finished_at": self.finished_at.isoformat() if self.finished_at else None,
            "access_revoked": self.revoked,
            "deleted": {place: before - after for place, (before, after) in done.items()},
            "left": {place: after for place, (_, after) in done.items()},
            "complete": self.complete,
        }


@dataclass(frozen=True, kw_only=True)
class Deletions:
    """Requests and what carries them out.

    `forget_conversations` deletes a user's, and others' as (user id, thread): (how many there were, how many are left).
    """

    database: Database
    clock: Clock
    access: GmailAccess
    index: SearchIndex
    vectors: VectorIndex
    lease_for: Callable[[int], AbstractContextManager[None]]
    forget_conversations: Callable[[Principal, Iterable[tuple[int, str]]], tuple[int, int]]

    def request(self, principal: Principal, mailbox_id: int) -> str:
        """Write the request down and cut the mailbox off from Gmail, in one transaction; returns its id.

        From here on it is carried out, by `run`, or by any worker. One that is open already is returned. Raises `NotAllowed`
        for somebody else's mailbox.
        """
        with self.database.write() as session:
            row = own_mailbox(session, principal, mailbox_id)
            mine = (schema.DeletionRequest.mailbox_id == mailbox_id) & (schema.DeletionRequest.state != "done")
            open_ = session.scalar(select(schema.DeletionRequest.id).where(mine))
            if open_ is not None:
                return open_
            cut_off(session, row, _CAUSE)
            request = schema.DeletionRequest(
                id=secrets.token_hex(6), workspace_id=row.workspace_id, user_id=row.user_id, mailbox_id=row.id,
                mailbox=row.email, state="requested", requested_at=self.clock(), trace_id=trace_id(),
            )  # fmt: skip
            session.add(request)
            audit.record(
                session, self.clock, workspace_id=row.workspace_id, user_id=row.user_id,
                action="gmail.delete_data.requested", subject=row.email, receipt=request.id,
            )  # fmt: skip
            return request.id

    def run(self, request_id: str) -> Receipt:
        """Carry a request out, or go on where it was interrupted. Deleting is done in small steps, each one idempotent.

        Raises `SyncRunning` while a sync still holds the mailbox; it ends by itself, having lost its token.
        """
        with self.database.read() as session:
            request = session.get_one(schema.DeletionRequest, request_id)
            principal = principal_by_id(session, request.user_id)
        if request.state == "done":
            return self._receipt(request)
        revoked = self._revoke(request_id, request.mailbox_id)  # first: a sync that runs ends by it
        with operation(), self.lease_for(request.mailbox_id):  # counted under the lease: no sync adds to it meanwhile
            self._count_before(request_id, principal)
            # before the mails go: which of the others' conversations were made of them is known by the mails
            self._forget_conversations(request_id, principal)
            erasing.erase_mails(self.database, self.index, request.workspace_id, request.mailbox_id)
            with self.database.write() as session:
                erasing.erase_rows(session, request.mailbox_id, request.user_id)
                _empty(session.get_one(schema.Mailbox, request.mailbox_id))
            self._forget_conversations(request_id, principal)  # what was asked meanwhile
            erasing.drop_orphans(self.database, self.vectors, request.workspace_id)
            self._finish(request_id, revoked)
        erasing.compact(self.database)
        with self.database.read() as session:
            return self._receipt(session.get_one(schema.DeletionRequest, request_id))

    def run_waiting(self) -> int:
        """Go on with every request that is not done: a worker's share. Returns how many are done now."""
        with self.database.read() as session:
            open_ = session.scalars(
                select(schema.DeletionRequest.id)
                .where(schema.DeletionRequest.state != "done")
                .order_by(schema.DeletionRequest.requested_at)
            ).all()
        done = 0
        for request_id in open_:
            try:
                done += self.run(request_id).state == "done"
            except SyncRunning:
                continue
            except LealUpError as error:
                _log.warning("deletion waits", extra={"fields": {"receipt": request_id, "cause": type(error).__name__}})
        return done

    def receipts(self, principal: Principal) -> tuple[Receipt, ...]:
        """The user's own requests, newest first."""
        request = schema.DeletionRequest
        mine = (request.workspace_id == principal.workspace_id) & (request.user_id == principal.user_id)
        with self.database.read() as session:
            rows = session.scalars(select(request).where(mine).order_by(request.requested_at.desc())).all()
        return tuple(self._receipt(row) for row in rows)

    def _count_before(self, request_id: str, principal: Principal) -> None:
        """Once: what is there after an interruption is not what was there before the request."""
        with self.database.write() as session:
            row = session.get_one(schema.DeletionRequest, request_id)
            row.state = "running"
            if not row.counts:
                held = erasing.count(session, self.vectors, row.workspace_id, row.mailbox_id, row.user_id)
                row.counts = {place: [before, None] for place, before in held.items()}

    def _revoke(self, request_id: str, mailbox_id: int) -> str:
        outcome = self.access.revoke(mailbox_id)
        with self.database.write() as session:
            row = session.get_one(schema.DeletionRequest, request_id)
            if row.revoked in ("", "waiting"):  # a second run finds no token, and knows nothing new
                row.revoked = outcome
            return row.revoked

    def _forget_conversations(self, request_id: str, principal: Principal) -> None:
        """Conversations lie in the checkpoints, which only whoever keeps them can count."""
        with self.database.read() as session:
            row = session.get_one(schema.DeletionRequest, request_id)
            others = conversations_made_of(session, erasing.only_here(row.mailbox_id))
        before, after = self.forget_conversations(principal, others)
        with self.database.write() as session:
            row = session.get_one(schema.DeletionRequest, request_id)
            known, _ = row.counts.get("conversations", [0, None])
            row.counts = {**row.counts, "conversations": [known + before, after]}

    def _finish(self, request_id: str, revoked: str) -> None:
        with self.database.write() as session:
            row = session.get_one(schema.DeletionRequest, request_id)
            left = erasing.count(session, self.vectors, row.workspace_id, row.mailbox_id, row.user_id)
            left |= erasing.count_orphans(session, self.vectors, row.workspace_id)
            left["conversations"] = row.counts["conversations"][1]
            row.counts = {place: [before, left.get(place, 0)] for place, (before, _) in row.counts.items()}
            row.revoked = revoked
            if any(after for _, after in row.counts.values()):
                return  # it stays open: the next run goes on
            row.state, row.finished_at = "done", self.clock()
            audit.record(
                session, self.clock, workspace_id=row.workspace_id, user_id=row.user_id, action="gmail.delete_data",
                subject=row.mailbox, receipt=row.id, mails=row.counts["mails"][0],
            )  # fmt: skip

    def _receipt(self, row: schema.DeletionRequest) -> Receipt:
        return Receipt(
            id=row.id,
            mailbox=row.mailbox,
            state=row.state,
            requested_at=row.requested_at,
            finished_at=row.finished_at,
            revoked=self._revoked(row),
            counts={place: (before, after) for place, (before, after) in row.counts.items()},
        )

    def _revoked(self, row: schema.DeletionRequest) -> str:
        """A revocation that waited may have reached Google since."""
        if row.revoked != "waiting":
            return row.revoked
        with self.database.read() as session:
            return "waiting" if session.get_one(schema.Mailbox, row.mailbox_id).sealed_revocation else "yes"


def _empty(row: schema.Mailbox) -> None:
    """The mailbox row stays, disconnected and empty, so that the request can be shown."""
    row.state, row.cause = "disconnected", _CAUSE
    row.history_id = row.pinned_history_id = row.page_token = row.directory_key = ""
    row.aliases, row.scopes = [], []
    row.listing_done, row.listed_total = False, 0
    row.window_start = row.backfill_done_at = row.last_success_at = None
