"""One demo and one Chromium for the module; a fresh page, watched for foreign requests, for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.browser.demo import Demo

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_IMAGES = Path(__file__).parents[2] / "docs" / "images"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip


@dataclass(kw_only=True)
class Watch:
    """Every host that a page asked for anything, whether or not it was there."""

    hosts: set[str] = field(default_factory=set)

    def note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about"):
            self.hosts.add(parts.hostname or url)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip(f"no Chromium: none of {', '.join(_NAMES)} is on the path")
    return found


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Not for the session: Playwright keeps an event loop running in this thread, in which DBOS refuses to start."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium_path, args=list(_FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def demo(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    started = Demo.start(tmp_path_factory.mktemp("demo"))
    try:
        started.wait_until_served()
        yield started
    finally:
        started.stop()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def page(browser: Browser, watch: Watch, request: pytest.FixtureRequest) -> Iterator[Page]:
    """1280 × 900, or as wide as the test says by parametrising this fixture. Only 127.0.0.1 may be asked."""
    width = getattr(request, "param", 1280)
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB", color_scheme="light")
    context.on("request", lambda asked: watch.note(asked.url))
    opened = context.new_page()
    opened.on("websocket", lambda socket: watch.note(socket.url))
    opened.set_default_timeout(60_000)
    yield opened
    context.close()
    assert watch.hosts == {"127.0.0.1"}


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Keep what the page shows as an image of the documentation, when LEALUP_SCREENSHOTS=1 asks for it."""

    def keep(page: Page, name: str) -> None:
        if os.environ.get("LEALUP_SCREENSHOTS") == "1":
            page.mouse.move(0, 0)
            page.screenshot(path=_IMAGES / name, animations="disabled")

    return keep
