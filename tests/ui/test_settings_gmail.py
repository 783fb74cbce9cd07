"""Settings → Gmail in every state of a mailbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from crm import schema
from crm.clock import fixed_clock
from gmail.oauth import READONLY, SEND
from ingestion.sync import Progress, SyncReport
from ingestion.worker import Worker
from tests.ui.conftest import CSM, NOW, texts
from ui import deps
from wiring.app import App

Visit = Callable[..., AppTest]


def test_before_connecting_there_is_one_way_forward(visit: Visit, app: App) -> None:
    at = visit("settings")
    (link,) = at.get("link_button")
    assert link.proto.label == "Connect Gmail (read only)"
    assert link.proto.url == f"{app.settings.base_url}/oauth/start"


def test_a_connected_mailbox_shows_state_success_and_coverage(visit: Visit, globex: int) -> None:
    at = visit("settings")
    shown = texts(at)
    assert not at.exception
    assert CSM in shown and "Connected" in shown and "Last success: 3 min ago" in shown
    assert "Stored, on a timeline</td><td>2<" in shown
    assert any(link.proto.url.endswith("send=1") for link in at.get("link_button"))


def test_with_the_send_scope_replies_are_on(visit: Visit, app: App, globex: int) -> None:
    _change(app, scopes=[READONLY, SEND])
    at = visit("settings")
    assert "Reply from LealUp is on" in texts(at)
    assert not any(link.proto.url.endswith("send=1") for link in at.get("link_button"))


def test_a_disconnected_mailbox_says_why_and_offers_the_way_back(visit: Visit, app: App, globex: int) -> None:
    _change(app, state="disconnected", cause="Access was revoked in the Google account.", sealed_token="")
    at = visit("settings")
    assert "revoked" in at.warning[0].value
    assert any(link.proto.label == "Reconnect" for link in at.get("link_button"))
    assert not [button for button in at.button if str(button.key).startswith("sync-")]


def test_progress_has_a_time_left_once_there_is_a_pace(visit: Visit, app: App, globex: int) -> None:
    worker = _Worker(Progress(phase="fetching", done=100, total=300))
    deps.provide(replace(app, worker=worker))
    at = visit("settings")
    assert at.get("progress")[0].proto.text == "Reading mail: 100 of 300"
    worker.now = Progress(phase="fetching", done=200, total=300)
    deps.provide(replace(app, worker=worker, clock=fixed_clock(NOW + timedelta(minutes=2))))
    at.run()
    assert at.get("progress")[0].proto.text == "Reading mail: 200 of 300 · about 2 min left"


def test_a_sync_of_another_process_shows_by_its_rows(visit: Visit, app: App, globex: int) -> None:
    _change(app, state="backfilling", listed_total=10)
    with app.database.write() as session:
        mailbox = session.scalars(select(schema.Mailbox)).one()
        session.add_all(schema.Pending(mailbox_id=mailbox.id, gmail_id=f"p{number}") for number in range(4))
    at = visit("settings")
    assert at.get("progress")[0].proto.text.startswith("Reading mail: 6 of 10")


def test_sync_now_runs_beside_the_page(visit: Visit, app: App, globex: int) -> None:
    worker = _Worker(None)
    deps.provide(replace(app, worker=worker))
    at = visit("settings")
    at.button(key="sync-1").click().run()
    assert worker.synced == [1]


def test_disconnect_asks_before_it_acts(visit: Visit, app: App, globex: int) -> None:
    gone: list[int] = []
    access: Any = _Access(gone)
    deps.provide(replace(app, access=access))
    at = visit("settings")
    assert gone == []
    at.button(key="disconnect-now-1").click().run()
    assert gone == [1]


class _Worker(Worker):
    def __init__(self, now: Progress | None) -> None:
        self.now, self.synced = now, list[int]()

    def progress(self, mailbox_id: int) -> Progress | None:
        return self.now

    def sync_now(self, mailbox_id: int) -> SyncReport:
        self.synced.append(mailbox_id)
        return SyncReport(mailbox=CSM, coverage={}, history_id="1", quota_units=0, seconds=0.0, trace_id="0")


class _Access:
    def __init__(self, gone: list[int]) -> None:
        self._gone = gone

    def disconnect(self, _principal: Any, mailbox_id: int) -> None:
        self._gone.append(mailbox_id)


def _change(app: App, **values: Any) -> None:
    with app.database.write() as session:
        mailbox = session.scalars(select(schema.Mailbox)).one()
        for name, value in values.items():
            setattr(mailbox, name, value)


def test_attachments_are_read_only_after_the_switch(visit: Visit, app: App, globex: int) -> None:
    at = visit("settings")
    assert at.toggle(key="index-attachments").value is False
    at.toggle(key="index-attachments").set_value(True).run()
    assert _wants_attachments(app)
    at.toggle(key="index-attachments").set_value(False).run()
    assert not at.exception
    assert not _wants_attachments(app)


def _wants_attachments(app: App) -> bool:
    with app.database.read() as session:
        return session.scalars(select(schema.Workspace.index_attachments)).one()
