"""A language model's answer in a real browser: it appears while it is written, and a click stops it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from crm.clock import system_clock
from crm.customers import save_customer
from crm.database import Database
from crm.identity import create_workspace
from sandbox.openai.script import from_value
from sandbox.openai.server import create_app
from sandbox.running import running
from tests.browser.demo import free_port

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

USER = "ana.torres@lealup.example"
POEM = " ".join(f"Line {number} of a long answer." for number in range(1, 40))
SCRIPT = [{"reply": {"content": POEM, "stream": {"chunk": 30, "delay_ms": 120}}}]
# Keeps every text that the answer has had while it was written.
_OBSERVE = """() => {
  window.said = [];
  new MutationObserver(() => {
    const shown = document.querySelector('.lu-answer')?.textContent;
    if (shown && shown !== window.said.at(-1)) window.said.push(shown);
  }).observe(document.body, {childList: true, subtree: true, characterData: true});
}"""


@pytest.fixture(scope="module")
def url(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The pages of a workspace with one customer, no mail, and a model that writes slowly."""
    home, port = tmp_path_factory.mktemp("home"), free_port()
    furnish(home)
    with running(create_app(from_value(SCRIPT))) as model:
        settings = {
            "LEALUP_HOME": str(home), "LEALUP_DATABASE_URL": "", "LEALUP_MODEL": "openai:scripted",
            "OPENAI_BASE_URL": f"{model}/v1", "OPENAI_API_KEY": "none",
        }  # fmt: skip
        command = [str(Path(sys.executable).with_name("lealup")), "ui", "--port", str(port)]
        with subprocess.Popen(command, env={**os.environ, **settings}, cwd=home) as process:
            try:
                yield served(process, f"http://127.0.0.1:{port}")
            finally:
                process.terminate()
                process.wait(timeout=20)


def furnish(home: Path) -> None:
    database = Database(f"sqlite:///{home / 'lealup.db'}")
    database.migrate()
    with database.write() as session:
        me = create_workspace(session, system_clock, name="LealUp", user_email=USER, timezone="Europe/Madrid")
        save_customer(
            session, me.workspace_id, name="Acme Robotics", aliases=[], domains=["acme.example"], arr=None, plan="",
            status="active", renewal_date=None, segment="", owner=USER, language="en",
        )  # fmt: skip
    database.close()


def served(process: subprocess.Popen[bytes], url: str) -> str:
    transport = httpx.HTTPTransport(retries=12)  # refused connections only, with growing pauses
    with httpx.Client(transport=transport) as client:
        client.get(f"{url}/_stcore/health", timeout=60).raise_for_status()
    assert process.poll() is None
    return url


def ask(page: Page, question: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")


def test_an_answer_appears_while_it_is_written(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_text("every statement cites its mail").wait_for()
    page.evaluate(_OBSERVE)
    ask(page, "What was discussed with Acme about renewal?")
    page.get_by_text("0 mails searched · Acme Robotics").wait_for()
    said: list[Any] = page.evaluate("window.said")
    growing = [shown for shown in said if POEM.startswith(shown.strip()) and shown.strip() != POEM]
    assert len(growing) > 5
    assert growing == sorted(growing, key=len)


def test_a_click_stops_an_answer_and_it_can_be_asked_again(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_text("every statement cites its mail").wait_for()
    ask(page, "What was discussed with Acme about renewal?")
    page.get_by_text("Line 2 of a long answer.").wait_for()
    page.get_by_test_id("stChatInput").get_by_role("button").click()
    page.get_by_text("Stopped.").wait_for()
    page.get_by_role("button", name="Ask again").click()
    page.get_by_text("0 mails searched · Acme Robotics").wait_for()
    assert page.get_by_text("Stopped.").count() == 0
