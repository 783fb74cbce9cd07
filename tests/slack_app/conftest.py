"""The product's Bolt app against the local Slack, over signed HTTP and over Socket Mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from threading import Event
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from crm.database import Database
from sandbox.running import running
from sandbox.slack.server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, create_app
from slack_app import link_routes, signed_http
from slack_app.app import create_bolt_app
from slack_app.socket_mode import listening
from tests.slack_app.world import BASE_URL, Gmail, World, build_world


def wait_until(holds: Callable[[], Any]) -> Any:
    """The first true answer, within five seconds."""
    pause = Event()
    for _ in range(250):
        found = holds()
        if found:
            return found
        pause.wait(0.02)
    raise AssertionError("it did not happen within 5 seconds")


@dataclass(kw_only=True)
class Csm:
    """A person in the local Slack, and what they see. `web` is a browser at the app's own pages."""

    url: str
    deliver: str
    world: World
    web: TestClient

    def control(self, name: str, **body: Any) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}/sandbox/{name}", json={"deliver": self.deliver, **body}, timeout=10)
        found: dict[str, Any] = answer.json()
        return found

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.url}/sandbox/state").json()
        return found

    def type(self, text: str, **more: Any) -> dict[str, Any]:
        return self.control("command", command="/csm", text=text, **more)

    def click(self, action_id: str, **more: Any) -> dict[str, Any]:
        return self.control("action", action_id=action_id, **more)

    def submit(self, **typed: str) -> dict[str, Any]:
        values = {name: {name: value} for name, value in typed.items()}
        return self.control("action", type="view_submission", values=values)

    def posts(self) -> list[dict[str, Any]]:
        """What the app posted to response URLs."""
        return [post["body"] for post in self.state()["response_posts"]]

    def answered(self, text: str, **more: Any) -> dict[str, Any]:
        """Type a command and wait for what replaces its ack."""
        before = len(self.posts())
        assert self.type(text, **more)["acked"] is True
        found: dict[str, Any] = wait_until(lambda: self.posts()[before:])[0]
        return found

    def cards(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.state()["messages"].get("D0001", [])
        return found

    def card(self) -> dict[str, Any]:
        """The draft card in Ana's direct messages, once asked for."""
        self.answered("draft Write a reply to María")
        return self.cards()[-1]


def shown(message: dict[str, Any]) -> str:
    """Every text of a message's blocks."""
    found = []
    for block in message["blocks"]:
        held = [block.get("text"), *block.get("elements", [])]
        found += [item["text"] for item in held if item and isinstance(item.get("text"), str)]
    return "\n".join(found)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database file with the newest schema, to copy."""
    path = tmp_path_factory.mktemp("migrated") / "empty.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture
def world(tmp_path: Path, migrated: Path) -> Iterator[World]:
    copied = copy(migrated, tmp_path / "world.db")
    database = Database(f"sqlite:///{copied}")
    gmail = Gmail()
    with running(gmail.app()) as gmail_url:
        yield build_world(database, gmail, gmail_url)
    database.close()


@pytest.fixture(params=["http", "socket"])
def csm(world: World, request: pytest.FixtureRequest) -> Iterator[Csm]:
    """Ana, linked as U0001."""
    world.link("U0001", world.ana)
    with running(create_app()) as url:
        yield from _serve(world, url, request.param)


@pytest.fixture
def ana(world: World) -> Iterator[Csm]:
    """The same over HTTP only, for what does not depend on the transport."""
    world.link("U0001", world.ana)
    with running(create_app()) as url:
        yield from _serve(world, url, "http")


def _serve(world: World, slack_url: str, transport: str) -> Iterator[Csm]:
    bolt = create_bolt_app(world.deps, bot_token=BOT_TOKEN, signing_secret=SIGNING_SECRET, api_url=f"{slack_url}/api")

    def logged_in(request: Request) -> Any:
        return world.ana

    pages = Starlette(
        routes=[*signed_http.routes(bolt), *link_routes.routes(world.deps, bolt.client, logged_in=logged_in)]
    )
    with TestClient(pages, base_url=BASE_URL) as web:
        if transport == "http":
            with running(pages) as app_url:
                yield Csm(url=slack_url, deliver=f"{app_url}/slack/events", world=world, web=web)
        else:
            with listening(bolt, APP_TOKEN):
                yield Csm(url=slack_url, deliver="socket", world=world, web=web)
