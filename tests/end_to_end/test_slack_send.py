"""From Slack to Sent: the real assistant, worker's sync, Bolt app and sender between a local Gmail and a local Slack."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from cli.slack_face import slack_face
from crm.customers import find_customer, save_contact
from sandbox.gmail.message import Message
from sandbox.gmail.store import Store
from sandbox.running import running
from sandbox.slack.server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, create_app
from tests.house import CSM, MARIA, House, letter

PRICE = "We can renew for two years if the price stays at 42,000 EUR."
VERA, SLACK_USER = f"Vera <{CSM}>", "U0001"


@dataclass(frozen=True, kw_only=True)
class Slack:
    """A person at the keyboard of the local Slack; `deliver` is how it reaches the app."""

    url: str
    deliver: str

    def type(self, text: str) -> dict[str, Any]:
        """A `/csm` command; what the app's answer to it shows."""
        before = len(self.state()["response_posts"])
        acked = self._control("command", command="/csm", text=text, user=SLACK_USER)
        assert acked["acked"] is True
        found: dict[str, Any] = wait_until(lambda: self.state()["response_posts"][before:])[0]["body"]
        return found

    def click(self, action_id: str, **more: Any) -> dict[str, Any]:
        return self._control("action", action_id=action_id, user=SLACK_USER, **more)

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.url}/sandbox/state").json()
        return found

    def card(self) -> dict[str, Any]:
        """The newest direct message of the app."""
        found: dict[str, Any] = self.state()["messages"]["D0001"][-1]
        return found

    def _control(self, name: str, **body: Any) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}/sandbox/{name}", json={"deliver": self.deliver, **body}, timeout=30)
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def connected(start_gmail: Callable[..., tuple[str, Store]], make_house: Callable[..., House]) -> Iterator[Any]:
    """Build a house over both sandboxes, reachable from Slack by `transport`; its mailbox is read."""
    with ExitStack() as stack:

        def connect(transport: str) -> tuple[House, Slack]:
            url = stack.enter_context(running(create_app()))
            tokens = (
                {"slack_app_token": APP_TOKEN} if transport == "socket" else {"slack_signing_secret": SIGNING_SECRET}
            )
            house = make_house(*start_gmail(), slack_bot_token=BOT_TOKEN, slack_api_url=f"{url}/api", **tokens)
            house.connect(send=True)
            furnish(house)
            routes = stack.enter_context(
                slack_face(house.app, wait=lambda seconds: house.clock.advance(seconds=seconds))
            )
            pages = stack.enter_context(running(Starlette(routes=routes)))
            slack = Slack(url=url, deliver="socket" if transport == "socket" else f"{pages}/slack/events")
            link(slack, pages, house.app.settings.base_url)
            return house, slack

        yield connect


def furnish(house: House) -> None:
    workspace = house.me.workspace_id
    with house.app.database.write() as session:
        globex = find_customer(session, workspace, "Globex")
        save_contact(session, globex, workspace, name="Maria Silva", email="maria@globex.example", role="Champion")
    house.mail(letter(text="The new dashboards are lovely.", subject="Dashboards", days_ago=9))
    house.mail(letter(MARIA, text=f"Hello Vera,\n\n{PRICE}\n\nMaria", subject="Renewal", days_ago=2))
    house.sync()


def link(slack: Slack, pages: str, base_url: str) -> None:
    """Open the one-time address from Slack in the browser of the logged-in user, and confirm it."""
    offered = re.search(r"/slack/link\?code=([\w-]+)", shown(slack.type("ask hello")))
    assert offered
    assert httpx.get(f"{pages}{offered.group(0)}").status_code == 200
    done = httpx.post(f"{pages}/slack/link", data={"code": offered.group(1)}, headers={"Origin": base_url})
    assert done.status_code == 200


def shown(message: dict[str, Any]) -> str:
    """Every text of a message's blocks."""
    held = [item for block in message["blocks"] for item in (block.get("text"), *block.get("elements", []))]
    return "\n".join(item["text"] for item in held if item and isinstance(item.get("text"), str))


def sent(house: House) -> list[Message]:
    return [held for held in house.store.mailbox(CSM).messages.values() if "SENT" in held.labels]


def wait_until(holds: Callable[[], Any]) -> Any:
    """The first true answer, within thirty seconds."""
    pause = Event()
    for _ in range(600):
        found = holds()
        if found:
            return found
        pause.wait(0.05)
    raise AssertionError("it did not happen within 30 seconds")


@pytest.mark.parametrize("transport", ["http", "socket"])
def test_a_question_is_answered_with_sources_and_a_draft_is_sent_once(connected: Any, transport: str) -> None:
    house, slack = connected(transport)
    answer = shown(slack.type("ask What did Maria at Globex say about the renewal?"))
    assert PRICE in answer
    assert f"> “{PRICE}”" in answer, "the source quotes the mail"
    assert "Globex · 2026-11-01 · Maria Silva" in answer
    assert f"authuser={CSM}#all/" in answer
    assert "{" not in answer, "no data structure leaks into the text"

    slack.type("draft Write a reply to Maria's last email thanking her for the offer")
    card = slack.card()
    text = shown(card)
    assert f"From: {VERA}\nTo: {MARIA}\nSubject: Re: Renewal" in text
    assert sent(house) == []
    send = next(held for held in card["blocks"][-1]["elements"] if held["action_id"] == "draft_send")
    assert MARIA in send["confirm"]["text"]["text"], "the question before Send names the recipient"

    with ThreadPoolExecutor(2) as hands:
        clicks = [hands.submit(slack.click, "draft_send", message_ts=card["ts"], value=send["value"]) for _ in range(2)]
    assert all(click.result()["acked"] for click in clicks)
    wait_until(lambda: shown(slack.card()).startswith("Sent ·"))

    mails = sent(house)
    assert len(mails) == 1
    message = message_from_bytes(mails[0].raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert (message["From"], message["To"], message["Subject"]) == (VERA, MARIA, "Re: Renewal")
    offer = next(held for held in house.store.mailbox(CSM).messages.values() if b"Subject: Renewal" in held.raw)
    assert mails[0].thread_id == offer.thread_id
    assert message["In-Reply-To"] == f"<{offer.rfc_id}>"
    body = message.get_body(("plain",))
    assert body is not None
    assert "\n".join(body.get_content().splitlines()) in text, "what left is what the card showed"

    house.sync()
    house.sync()
    assert house.subjects("Globex").count("Re: Renewal") == 1
