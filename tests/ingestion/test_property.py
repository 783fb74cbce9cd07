"""Random operations on a mailbox, syncs between them, and a crash at a random call: the store equals the mailbox."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from crm import schema
from crm.identity import create_workspace
from crm.settings import Settings
from gmail.gateway import GmailGateway
from ingestion.reasons import hidden_by
from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.message import Message
from sandbox.gmail.server import create_app
from sandbox.gmail.settings import Settings as GmailSettings
from sandbox.gmail.store import Store
from sandbox.running import running
from tests.house import CSM, JOAO, MARIA, HashingEmbedder, House, MovableClock, letter
from wiring.app import build_app

STRANGER = "Eve <eve@shop.example>"


class Crash(BaseException):
    """The process dies here."""


class CrashingGateway(GmailGateway):
    """Dies before the n-th call of any kind; `calls_left` below zero never does."""

    calls_left = -1

    def execute(self, method: str, request: Any) -> Any:
        self._count()
        return super().execute(method, request)

    def _try_batch(self, *arguments: Any) -> Any:
        self._count()
        answer = super()._try_batch(*arguments)
        self._count()  # … or when the answer is there and nothing of it is stored yet
        return answer

    @classmethod
    def _count(cls) -> None:
        if cls.calls_left == 0:
            cls.calls_left = -1
            raise Crash
        cls.calls_left -= 1 if cls.calls_left > 0 else 0


class Mailbox(RuleBasedStateMachine):
    """`expected` is what a reader of Gmail would see: ids by what they are."""

    migrated: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = MovableClock()
        self.count = 0
        self.synced = False
        self.cursor = 0

    @initialize()
    def open(self) -> None:
        store = Store(SandboxClock(base=lambda: self.clock().timestamp()))
        store.add_mailbox(CSM)
        self.server = running(create_app(store, settings=GmailSettings(auto_consent=True)))
        url = self.server.__enter__()
        shutil.copy(self.migrated, self.folder / "lealup.db")
        given: dict[str, Any] = {"home": self.folder, "google_url": url, "model": "offline", "_env_file": None}
        app = build_app(Settings(**given), clock=self.clock, embedder=HashingEmbedder())
        with app.database.write() as session:
            create_workspace(session, self.clock, name="LealUp", user_email=CSM, timezone="UTC")
        self.house = House(app=app, store=store, url=url, clock=self.clock)
        self.house.customer("Globex", domains=["globex.example"])
        self.house.customer("Initech", domains=["initech.example"])
        self.house.connect()

    def teardown(self) -> None:
        self.house.app.close()
        self.server.__exit__(None, None, None)
        shutil.rmtree(self.folder)

    @property
    def messages(self) -> list[Message]:
        return list(self.house.store.mailbox(CSM).newest_first())

    @rule(sender=st.sampled_from([MARIA, JOAO, STRANGER]), labels=st.sampled_from(["INBOX", "DRAFT", "SPAM"]))
    def receive(self, sender: str, labels: str) -> None:
        self.count += 1
        self.clock.advance(minutes=1)
        self.house.mail(letter(sender=sender, subject=f"Mail {self.count}", text=f"Text {self.count}.",
                               now=self.clock(), days_ago=0), labels={labels})  # fmt: skip

    @precondition(lambda self: self.messages)
    @rule(data=st.data(), sender=st.sampled_from([MARIA, STRANGER]))
    def answer(self, data: st.DataObject, sender: str) -> None:
        answered = data.draw(st.sampled_from(self.messages))
        self.count += 1
        self.clock.advance(minutes=1)
        self.house.mail(letter(sender=sender, subject=f"Mail {self.count}", text=f"Text {self.count}.", days_ago=0,
                               now=self.clock()), thread_id=answered.thread_id)  # fmt: skip

    @precondition(lambda self: self.messages)
    @rule(data=st.data(), change=st.sampled_from(["delete", "TRASH", "SPAM", "STARRED", "DRAFT"]))
    def change(self, data: st.DataObject, change: str) -> None:
        message = data.draw(st.sampled_from(self.messages))
        if change == "delete":
            self.house.delete(message)
        elif change in message.labels:
            self.house.relabel(message, remove=[change])
        elif change != "DRAFT":  # nothing becomes a draft again
            self.house.relabel(message, add=[change])

    @rule()
    def expire(self) -> None:
        self.house.post("expire-history")

    @rule(after=st.integers(min_value=0, max_value=12))
    def crash(self, after: int) -> None:
        CrashingGateway.calls_left = after
        try:
            self.house.sync()
        except Crash:
            self.synced = False
        finally:
            CrashingGateway.calls_left = -1

    @rule()
    def sync(self) -> None:
        self.house.sync()
        self.check()

    def check(self) -> None:
        """The mailbox and the store agree."""
        with self.house.app.database.read() as session:
            copies = {
                copy.gmail_id: copy for copy in session.scalars(select(schema.Message)) if copy.status != "deleted"
            }
            pending = session.scalars(select(schema.Pending.gmail_id)).all()
            for message in self.messages:
                copy = copies.get(message.id)
                hidden = hidden_by(message.labels)
                if copy is None:  # spam and trash are never listed
                    assert hidden in ("spam", "trash"), (message.id, message.labels)
                    continue
                assert set(copy.label_ids) == message.labels
                assert copy.gmail_thread_id == message.thread_id
                assert (copy.status == "stored") <= (not hidden)
                if b"globex" in message.raw or b"initech" in message.raw:
                    assert copy.reason == hidden, (copy.status, copy.reason, message.labels)
            shown = [copy for copy in copies.values() if copy.status == "stored"]
            assert all(copy.mail is not None and copy.mail.has_body and copy.mail.indexed_at for copy in shown)
            indexed = {copy.mail_id for copy in shown}
        assert list(pending) == []
        assert set(copies) <= {message.id for message in self.messages}
        assert len({copy.mail_id for copy in shown}) == len(shown)
        assert self.house.app.vectors.ids(self.house.me.workspace_id) == indexed

    @invariant()
    def cursor_never_moves_back(self) -> None:
        if hasattr(self, "house"):
            now = int(self.house.mailbox().history_id or 0)
            assert now >= self.cursor
            self.cursor = now


@pytest.mark.timeout(600)
def test_the_store_equals_the_mailbox(migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.connection.GmailGateway", partial(CrashingGateway, sleep=lambda _: None))
    Mailbox.migrated = migrated_file
    run_state_machine_as_test(
        Mailbox,
        settings=settings(
            max_examples=60, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck),
            derandomize=True, database=None, report_multiple_bugs=False,
            phases=[Phase.generate],  # each step speaks HTTP: shrinking would take minutes
        ),
    )  # fmt: skip
