"""The gateway against a local Gmail: requests in flight, one pause for all, answers inside a batch, what a retry costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from google.oauth2.credentials import Credentials

from crm.clock import system_clock
from crm.errors import GoogleUnavailable, LealUpError, MessageGone, QuotaExceeded
from gmail.gateway import BATCH, GmailGateway
from gmail.oauth import Endpoints, OAuthClient, new_secret
from gmail.quota import IN_FLIGHT, TokenBucket
from gmail.service import build_service
from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.server import create_app
from sandbox.gmail.settings import Settings
from sandbox.gmail.store import Store
from sandbox.running import running
from tests.house import CSM, REDIRECT, letter


@dataclass
class Waits:
    """What the bucket slept; the test does not."""

    slept: list[float] = field(default_factory=list)
    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Crowd:
    """Counts how many API requests the server holds at once."""

    app: Any
    inside: int = 0
    most: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        counted = scope["path"].startswith(("/batch", "/gmail"))
        self.inside += counted
        self.most = max(self.most, self.inside)
        if counted:
            await asyncio.sleep(0.02)
        try:
            await self.app(scope, receive, send)
        finally:
            self.inside -= counted


@dataclass
class Gmail:
    url: str
    store: Store
    crowd: Crowd
    service: Any
    waits: Waits

    def gateway(self, limit: int = 1_000_000) -> GmailGateway:
        bucket = TokenBucket(limit, monotonic=lambda: self.waits.now, sleep=self.waits.sleep)
        return GmailGateway(self.service, bucket, sleep=self.waits.sleep)

    def fill(self, count: int, **more: Any) -> list[str]:
        box = self.store.mailbox(CSM)
        return [box.add(letter(subject=f"Mail {number}", days_ago=1), **more).id for number in range(count)]

    def fault(self, kind: str, method: str, **more: Any) -> None:
        httpx.post(f"{self.url}/sandbox/faults", json={"kind": kind, "method": method, **more}).raise_for_status()

    def log(self, method: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = httpx.get(f"{self.url}/sandbox/log", params={"method": method}).json()["requests"]
        return found


@pytest.fixture
def gmail() -> Iterator[Gmail]:
    with ExitStack() as stack:
        store = Store(SandboxClock())
        store.add_mailbox(CSM)
        crowd = Crowd(create_app(store, settings=Settings(auto_consent=True)))
        url = stack.enter_context(running(crowd))
        yield Gmail(url=url, store=store, crowd=crowd, service=_service(url), waits=Waits())


def _service(url: str) -> Any:
    client = OAuthClient(
        client_id="sandbox-client", client_secret="sandbox-secret", endpoints=Endpoints.at(url), clock=system_clock
    )
    verifier = new_secret()
    consent = client.consent_url(state="s", verifier=verifier, redirect_uri=REDIRECT, send=False, login_hint=CSM)
    code = httpx.URL(httpx.get(consent).headers["location"]).params["code"]
    grant = client.exchange(code=code, verifier=verifier, redirect_uri=REDIRECT)
    return build_service(client.credentials(grant), url)


def test_batches_of_at_most_25_and_at_most_five_in_flight(gmail: Gmail) -> None:
    ids = gmail.fill(12 * BATCH)

    answers = gmail.gateway().fetch(ids, bodies=False)

    assert list(answers) == ids
    assert not [answer for answer in answers.values() if isinstance(answer, LealUpError)]
    assert len(gmail.log("batch")) == 12
    assert 2 <= gmail.crowd.most <= IN_FLIGHT


def test_inner_failures_are_told_apart_and_only_they_are_repeated_and_paid(gmail: Gmail) -> None:
    ids = gmail.fill(10)
    gmail.fault("status", "messages.get", status=404, path=ids[0], times=99)
    gmail.fault("status", "messages.get", status=500, path=ids[1], times=2)
    gmail.fault("status", "messages.get", status=429, path=ids[2])
    gmail.fault("status", "messages.get", status=500, path=ids[3], times=99)
    gateway = gmail.gateway()

    answers = gateway.fetch(ids, bodies=True)

    assert isinstance(answers[ids[0]], MessageGone)
    assert isinstance(answers[ids[3]], GoogleUnavailable) and not isinstance(answers[ids[3]], QuotaExceeded)
    good = [id_ for id_ in ids if isinstance(answers[id_], dict)]
    assert good == [id_ for id_ in ids if id_ not in (ids[0], ids[3])]
    asked = [entry["path"].rsplit("/", 1)[1] for entry in gmail.log("messages.get")]
    assert [asked.count(id_) for id_ in ids] == [1, 3, 2, 8, 1, 1, 1, 1, 1, 1]
    assert gateway.quota_units == 20 * len(asked)


def test_a_limit_pauses_everything_and_a_broken_message_only_its_batch(gmail: Gmail) -> None:
    ids = gmail.fill(1)
    gateway = gmail.gateway()
    gmail.fault("status", "batch", status=429, reason="rateLimitExceeded", retry_after=17)

    gateway.fetch(ids, bodies=False)

    assert 17.0 <= gmail.waits.now < 17.1


@pytest.mark.parametrize(
    ("fault", "asked"),
    [
        ({"status": 429, "message": "User-rate limit exceeded.  Retry after {at}"}, 40.0),
        ({"status": 403, "reason": "userRateLimitExceeded", "message": "Retry after {at}"}, 40.0),
        ({"status": 503, "retry_after": 9}, 9.0),
    ],
)
def test_google_says_how_long(gmail: Gmail, fault: dict[str, Any], asked: float) -> None:
    at = datetime.fromtimestamp(time.time() + 40, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    gmail.fault("status", "getProfile", **{k: v.format(at=at) if k == "message" else v for k, v in fault.items()})

    gmail.gateway().profile()

    assert asked - 15 <= gmail.waits.now <= asked + 0.1


def test_jitter_grows_to_64_seconds_and_then_it_is_said(gmail: Gmail, monkeypatch: pytest.MonkeyPatch) -> None:
    caps: list[float] = []

    def longest(_low: float, high: float) -> float:
        caps.append(high)
        return high

    monkeypatch.setattr("gmail.gateway.random.uniform", longest)
    gmail.fault("status", "getProfile", status=429, times=99)

    with pytest.raises(QuotaExceeded):
        gmail.gateway().profile()

    assert caps == [1, 2, 4, 8, 16, 32, 64]
    assert len(gmail.log("getProfile")) == 8


def test_a_403_for_another_reason_is_not_repeated(gmail: Gmail) -> None:
    gmail.fault("status", "getProfile", status=403, reason="domainPolicy")

    with pytest.raises(LealUpError):
        gmail.gateway().profile()

    assert len(gmail.log("getProfile")) == 1


def test_a_whole_thread_costs_two_messages(gmail: Gmail) -> None:
    thread = gmail.store.mailbox(CSM).messages[gmail.fill(1)[0]].thread_id
    ids = gmail.fill(5, thread_id=thread)
    gateway = gmail.gateway()

    answer = gateway.fetch_threads([thread], bodies=True)[thread]

    assert isinstance(answer, dict)
    assert {message["id"] for message in answer["messages"]} >= set(ids)
    assert all("payload" in message for message in answer["messages"])
    assert gateway.quota_units == 40


def test_closing_ends_a_wait(gmail: Gmail) -> None:
    gateway = gmail.gateway()
    sleep: Callable[[float], None] = gmail.waits.sleep

    def closing(seconds: float) -> None:
        sleep(seconds)
        gateway.close()

    gateway._sleep = closing  # what waits is a batch of which one message fails
    ids = gmail.fill(1)
    gmail.fault("status", "messages.get", status=500, times=99)

    with pytest.raises(Exception, match=r"^$"):
        gateway.fetch(ids, bodies=False)

    assert len(gmail.log("batch")) <= 2


def test_the_last_spare_connection_may_be_taken_by_another_thread() -> None:
    class Contested(list[Any]):
        """Full at the look, empty at the grasp."""

        def __bool__(self) -> bool:
            return True

    credentials = Credentials("token")  # type: ignore[no-untyped-call]
    gateway = GmailGateway(build_service(credentials, "http://127.0.0.1:1"), TokenBucket(6000))
    gateway._spare = Contested()
    with pytest.raises(GoogleUnavailable):  # it came as far as the connection, which nobody takes
        gateway.profile()
