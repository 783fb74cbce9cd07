"""Google's consent through the web face, against the local Google, and the health check."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from crm import schema
from gmail.oauth import can_send
from tests.ui.conftest import BASE
from ui import deps
from ui.routes import routes
from wiring.app import App


@pytest.fixture
def browser(app: App) -> TestClient:
    return TestClient(Starlette(routes=routes(deps.provide(app))), base_url=BASE, follow_redirects=False)


def test_connecting_ends_on_settings_with_a_mailbox_that_can_only_read(browser: TestClient, app: App) -> None:
    answer = browser.get(_consented(browser))
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{BASE}/settings?connected=1"
    assert not can_send(_mailbox(app).scopes)


def test_the_first_sync_starts_by_itself(browser: TestClient, app: App) -> None:
    browser.get(_consented(browser))
    _until(lambda: _mailbox(app).last_success_at is not None)


def test_sending_is_asked_for_only_when_wanted(browser: TestClient, app: App) -> None:
    browser.get(_consented(browser, "?send=1"))
    assert can_send(_mailbox(app).scopes)


def test_a_consent_of_another_browser_is_refused(browser: TestClient, app: App) -> None:
    address = _consented(browser)
    stranger = TestClient(browser.app, base_url=BASE, follow_redirects=False)
    answer = stranger.get(address)
    assert answer.status_code == 400
    assert "not started in this browser" in answer.text and "Trace id: " in answer.text
    with app.database.read() as session:
        assert session.scalars(select(schema.Mailbox)).first() is None


def test_a_callback_works_once(browser: TestClient) -> None:
    address = _consented(browser)
    cookie = browser.cookies["lealup_oauth"]
    assert browser.get(address).status_code == 303
    browser.cookies.set("lealup_oauth", cookie, path="/oauth/callback")
    again = browser.get(address)
    assert again.status_code == 400 and "already used" in again.text


def test_a_denied_consent_is_one_sentence(browser: TestClient) -> None:
    state = parse_qs(urlsplit(browser.get("/oauth/start").headers["location"]).query)["state"][0]
    answer = browser.get("/oauth/callback", params={"state": state, "error": "access_denied"})
    assert answer.status_code == 400
    assert "did not grant" in answer.text and "access_denied" not in answer.text


def test_what_a_callback_carries_is_never_markup(browser: TestClient) -> None:
    answer = browser.get("/oauth/callback", params={"state": "<script>", "error": "<img src=x>"})
    assert "<script" not in answer.text and "<img" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_healthz_follows_the_database(browser: TestClient, app: App) -> None:
    assert browser.get("/healthz").json() == {"status": "ok", "database": True}
    app.database.close()
    database = Path(app.settings.home / "lealup.db")
    for file in database.parent.glob("lealup.db*"):
        file.unlink()
    database.mkdir()
    answer = browser.get("/healthz")
    assert (answer.status_code, answer.json()["database"]) == (503, False)


def _consented(browser: TestClient, asked: str = "") -> str:
    """Start a connection and grant it; returns where Google sends the browser back to."""
    started = browser.get(f"/oauth/start{asked}")
    assert started.status_code == 303, started.text
    return httpx.get(started.headers["location"]).headers["location"]


def _mailbox(app: App) -> schema.Mailbox:
    with app.database.read() as session:
        return session.scalars(select(schema.Mailbox)).one()


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)
