from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient

from sandbox.running import running
from sandbox.slack.server import BOT_TOKEN, create_app


@dataclass(kw_only=True)
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True, kw_only=True)
class Slack:
    """A running sandbox: its address, its clock, and shorthands for its control routes."""

    url: str
    clock: Clock

    def web_client(self, token: str = BOT_TOKEN) -> WebClient:
        return WebClient(token=token, base_url=f"{self.url}/api/", retry_handlers=[])

    def control(self, name: str, **body: Any) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}/sandbox/{name}", json=body, timeout=10)
        found: dict[str, Any] = answer.json()
        return found

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.url}/sandbox/state").json()
        return found


@pytest.fixture
def slack() -> Iterator[Slack]:
    clock = Clock()
    with running(create_app(clock=clock)) as url:
        yield Slack(url=url, clock=clock)


@pytest.fixture
def buttons() -> Callable[..., list[dict[str, Any]]]:
    """One actions block with a Send button of the given value."""

    def build(value: str = "draft-1:v1") -> list[dict[str, Any]]:
        send = {
            "type": "button",
            "action_id": "send",
            "value": value,
            "text": {"type": "plain_text", "text": "Send"},
        }
        return [{"type": "actions", "block_id": "draft", "elements": [send]}]

    return build
