"""What one process does when it is told: approve, send, change its mind, attack, die."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from benchmarks.mailbox import CSM
from benchmarks.sends.conversation import Conversation
from benchmarks.sends.furnishing import COLLEAGUE, furnish
from crm import schema
from crm.errors import LealUpError
from outbox import approvals, drafts
from outbox.sender import Sender
from wiring.app import App
from wiring.furnishing import connect

_PATIENCE = 60.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What stands on a draft's card: the bytes and the warnings that a click approves."""

    id: str
    sha256: str
    warned: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came of one action: `outcome` is a status, or the name of an error; `looked_up` says Sent mail was searched."""

    outcome: str
    looked_up: bool = False
    value: Any = None


class Actions:
    """What a process can be asked to do, each by its name: a face, a worker, an attacker, and the world around them."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._dies = ""
        self._lookups = 0
        self._sender = Sender(
            app.database, app.clock, service=self._service, gateway=self._gateway, bucket=app.access.bucket
        )
        self._conversation = Conversation(app)

    def run(self, action: str, arguments: tuple[Any, ...]) -> Told:
        before = self._lookups
        try:
            found = getattr(self, action)(*arguments)
        except LealUpError as error:
            return Told(outcome=type(error).__name__, looked_up=self._lookups > before)
        if isinstance(found, drafts.Draft):
            return Told(outcome=found.status, looked_up=self._lookups > before)
        return Told(outcome="done", looked_up=self._lookups > before, value=found)

    def furnish(self) -> tuple[str, ...]:
        return furnish(self.app)

    # what a face does

    def draft(self, mail_id: str) -> Shown:
        with self.app.database.write() as session:
            made = drafts.create_reply(
                session, self.app.clock, self.app.principal(CSM), mail_id=mail_id, text="Dear Ana,\n\nyes.\n\nVera"
            )
        return Shown(id=made.id, sha256=made.sha256, warned=made.warned)

    def approve(self, shown: Shown, face: approvals.Face, later: float = 0.0) -> drafts.Draft:
        """To leave when the time to undo is over, or `later` seconds from now."""
        app = self.app
        return approvals.approve_shown(
            app.database, app.clock, app.principal(CSM), shown.id, sha256=shown.sha256, warned=shown.warned, face=face,
            send_at=app.clock() + timedelta(seconds=later) if later else None,
        )  # fmt: skip

    def approve_and_die(self, shown: Shown) -> None:
        self.approve(shown, "web")
        _die()

    def send(self, shown: Shown, dies: str = "") -> drafts.Draft:
        self._dies = dies
        return self._sender.send(self.app.principal(CSM), shown.id, sha256=shown.sha256)

    def approve_twice(self, shown: Shown) -> tuple[str, ...]:
        return self._twice(lambda: self.approve(shown, "web"))

    def send_twice(self, shown: Shown) -> tuple[str, ...]:
        return self._twice(lambda: self.send(shown))

    def edit(self, shown: Shown) -> drafts.Draft:
        with self.app.database.write() as session:
            return drafts.edit(
                session, self.app.clock, self.app.principal(CSM), shown.id, sha256=shown.sha256, text="Rather not.\n"
            )

    def undo(self, shown: Shown) -> drafts.Draft:
        with self.app.database.write() as session:
            return approvals.undo(session, self.app.clock, self.app.principal(CSM), shown.id, sha256=shown.sha256)

    def discard(self, shown: Shown) -> drafts.Draft:
        with self.app.database.write() as session:
            return drafts.discard(session, self.app.clock, self.app.principal(CSM), shown.id)

    def look(self, draft_id: str) -> drafts.Draft:
        with self.app.database.read() as session:
            return drafts.get(session, self.app.principal(CSM), draft_id)

    def bytes_of(self, draft_id: str) -> bytes:
        return self.look(draft_id).raw

    # what a worker does

    def send_due(self) -> int:
        return self._sender.send_due()

    def reconcile(self) -> int:
        return sum(self._sender.reconcile_all(box) for box in self._mailboxes())

    # what an attacker does

    def ask(self, thread: str, mail_id: str) -> Shown:
        """A compromised model has drafted a reply; the conversation now waits for a human."""
        made = self.look(self._conversation.ask(thread, mail_id))
        return Shown(id=made.id, sha256=made.sha256, warned=made.warned)

    def resume(self, thread: str, times: int) -> None:
        self._conversation.resume(thread, times)

    def rewind(self, thread: str) -> int:
        return self._conversation.rewind(thread)

    def tamper(self, draft_id: str) -> None:
        """Other bytes behind the approval's back."""
        with self.app.database.write() as session:
            row = session.get_one(schema.Draft, draft_id)
            row.raw = row.raw.replace(b"yes.", b"no!!")

    def forge(self, shown: Shown) -> None:
        """A colleague's approval, and the status of an approved draft."""
        now, colleague = self.app.clock(), self.app.principal(COLLEAGUE)
        with self.app.database.write() as session:
            session.add(
                schema.Approval(
                    draft_id=shown.id, workspace_id=colleague.workspace_id,
                    user_id=colleague.user_id, sha256=shown.sha256, warned=shown.warned, face="web", approved_at=now,
                    expires_at=now + approvals.LIFETIME,
                )
            )  # fmt: skip
            session.execute(
                update(schema.Draft).where(schema.Draft.id == shown.id).values(status="approved", send_at=now)
            )

    # what happens around it

    def connect(self) -> None:
        connect(self.app, self.app.principal(CSM))

    def _mailboxes(self) -> list[int]:
        with self.app.database.read() as session:
            return list(session.scalars(select(schema.Mailbox.id)))

    def _twice(self, act: Callable[[], drafts.Draft]) -> tuple[str, ...]:
        start = threading.Barrier(2)

        def once(_: int) -> str:
            start.wait(timeout=_PATIENCE)
            try:
                return act().status
            except LealUpError as error:
                return type(error).__name__

        with ThreadPoolExecutor(2) as pool:
            return tuple(sorted(pool.map(once, range(2))))

    def _service(self, mailbox: schema.Mailbox) -> Any:
        """Opened after the claim and before the request: one of the points to die at."""
        if self._dies == "claimed":
            _die()
        service = self.app.access.service(mailbox)
        return _Answered(service) if self._dies == "answered" else service

    def _gateway(self, mailbox: schema.Mailbox) -> Any:
        self._lookups += 1
        return self.app.access.gateway(mailbox)


class _Answered:
    """Google's client that dies as soon as Google's answer is there, before anybody wrote it down."""

    def __init__(self, service: Any) -> None:
        self._service, self._http = service, service._http

    def users(self) -> _Answered:
        return self

    def messages(self) -> _Answered:
        return self

    def send(self, **call: Any) -> _Answered:
        self._call = self._service.users().messages().send(**call)
        return self

    def execute(self, **how: Any) -> None:
        self._call.execute(**how)
        _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
