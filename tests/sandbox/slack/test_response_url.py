"""The response_url sink: five posts in thirty minutes."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from slack_sdk.webhook import WebhookClient

from tests.sandbox.slack.conftest import Slack


@pytest.fixture
def url(slack: Slack) -> str:
    """The response_url of a command that nobody answered."""
    return str(slack.control("command", command="/csm", text="ask")["response_url"])


def test_five_posts_and_no_sixth(slack: Slack, url: str) -> None:
    client = WebhookClient(url)
    answers = [client.send(text=f"post {n}") for n in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert "used_url" in answers[5].body
    assert [post["error"] for post in slack.state()["response_posts"]] == [None] * 5 + ["used_url"]
    assert len(slack.state()["ephemerals"]) == 5


def test_it_expires_after_thirty_minutes(slack: Slack, url: str) -> None:
    slack.clock.now += 30 * 60
    assert WebhookClient(url).send(text="in time").status_code == 200
    slack.clock.now += 1
    assert "expired_url" in WebhookClient(url).send(text="late").body
    assert len(slack.state()["ephemerals"]) == 1


def test_answers_are_private_unless_in_channel(slack: Slack, url: str) -> None:
    WebhookClient(url).send(text="private")
    WebhookClient(url).send(text="public", response_type="in_channel")
    state = slack.state()
    assert [(m["text"], m["to_user"]) for m in state["ephemerals"]] == [("private", "U0001")]
    assert [m["text"] for m in state["messages"]["C0001"]] == ["public"]


def test_replace_and_delete_original(slack: Slack, url: str) -> None:
    client = WebhookClient(url)
    client.send(text="Searching…")
    client.send(text="The answer", replace_original=True)
    assert [m["text"] for m in slack.state()["ephemerals"]] == ["The answer"]
    client.send(delete_original=True)
    assert slack.state()["ephemerals"] == []


def test_a_click_replaces_the_message_it_was_made_in(
    slack: Slack, buttons: Callable[..., list[dict[str, Any]]]
) -> None:
    slack.web_client().chat_postMessage(channel="U0001", text="Draft", blocks=buttons())
    payload = slack.control("action", action_id="send")["payload"]
    WebhookClient(payload["response_url"]).send(text="Sent", replace_original=True)
    state = slack.state()
    assert [m["text"] for m in state["messages"][payload["channel"]["id"]]] == ["Sent"]
    assert state["ephemerals"] == []


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}"])
def test_nothing_to_show_is_refused(slack: Slack, url: str, body: bytes) -> None:
    assert httpx.post(url, content=body).status_code == 400
    assert slack.state()["ephemerals"] == []


def test_an_invented_url_is_gone(slack: Slack) -> None:
    assert WebhookClient(f"{slack.url}/response/R999").send(text="x").status_code == 404
