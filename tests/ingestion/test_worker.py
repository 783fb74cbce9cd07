"""The background worker: every mailbox once a poll, and one that fails does not stop the others."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from crm.errors import Disconnected
from ingestion.worker import Worker
from tests.house import COLLEAGUE, CSM, House, letter


@dataclass
class RecordingReconciler:
    """Notes which mailboxes were asked about lost sends."""

    asked: list[int] = field(default_factory=list)
    called: threading.Event = field(default_factory=threading.Event)

    def reconcile_all(self, mailbox_id: int) -> int:
        self.asked.append(mailbox_id)
        self.called.set()
        return 0


def _worker(house: House) -> tuple[Worker, RecordingReconciler]:
    reconciler = RecordingReconciler()
    return Worker(house.app.database, house.app.sync, reconciler, poll_seconds=3600), reconciler


def test_one_poll_syncs_every_mailbox_and_survives_a_revoked_one(house: House) -> None:
    house.join(COLLEAGUE)
    house.connect(COLLEAGUE)
    house.mail(letter(subject="To Vera"))
    house.mail(letter(subject="To Luis", days_ago=1), email=COLLEAGUE)
    house.post("revoke", email=CSM)
    worker, reconciler = _worker(house)

    worker.poll()

    assert house.subjects("Globex") == ["To Luis"]
    assert house.mailbox(CSM).state == "disconnected"
    assert reconciler.asked == [house.mailbox(COLLEAGUE).id]


def test_a_disconnected_mailbox_is_left_in_peace(house: House) -> None:
    house.app.access.disconnect(house.me, house.mailbox().id)
    house.clear_log()

    _worker(house)[0].poll()

    assert house.requests() == []


def test_started_and_stopped(house: House) -> None:
    house.mail(letter(subject="Renewal"))
    worker, reconciler = _worker(house)

    worker.start()
    assert reconciler.called.wait(30)
    worker.stop()

    assert house.subjects("Globex") == ["Renewal"]
    assert worker.progress(house.mailbox().id) is None


def test_sync_now_says_what_went_wrong(house: House) -> None:
    house.post("revoke", email=CSM)
    worker, reconciler = _worker(house)

    with pytest.raises(Disconnected):
        worker.sync_now(house.mailbox().id)
    assert reconciler.asked == []
