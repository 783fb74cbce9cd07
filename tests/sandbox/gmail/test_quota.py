"""Units by method, the limit per user and minute, and the log that adds them up."""

import json
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from sandbox.gmail.quota import COSTS
from tests.sandbox.gmail.conftest import ANA, BOB, Start, mail


def _error(request: Any) -> dict[str, Any]:
    with pytest.raises(HttpError) as refused:
        request.execute()
    error: dict[str, Any] = json.loads(refused.value.content)["error"]
    return error


def test_every_method_costs_what_google_says(start: Start) -> None:
    sandbox = start({ANA: [mail()]})
    users = sandbox.gmail(ANA)
    first = users.messages().list(userId="me").execute()["messages"][0]
    users.messages().get(userId="me", id=first["id"]).execute()
    users.threads().get(userId="me", id=first["threadId"]).execute()
    profile = users.getProfile(userId="me").execute()
    users.history().list(userId="me", startHistoryId=profile["historyId"]).execute()
    log = sandbox.get("log")
    units = {entry["method"]: entry["units"] for entry in log["requests"] if entry["user"] == ANA and entry["units"]}
    assert units == {
        "messages.list": 5, "messages.get": 20, "threads.get": 40, "getProfile": 1, "history.list": 2,
    }  # fmt: skip
    assert log["units"][ANA] == 68
    assert (COSTS["old"]["messages.get"], COSTS["old"]["threads.get"], COSTS["new"]["messages.send"]) == (5, 10, 100)


def test_the_limit_is_per_user_and_slides_with_the_clock(start: Start) -> None:
    sandbox = start({ANA: [], BOB: []}, units_per_minute=10)
    ana, bob = (sandbox.gmail(email).messages().list(userId="me") for email in (ANA, BOB))
    ana.execute()
    sandbox.post("clock", {"advance_seconds": 40})
    ana.execute()
    errors = [_error(ana) for _ in range(3)]
    assert {error["code"] for error in errors} == {403, 429}
    assert {error["errors"][0]["reason"] for error in errors} == {"rateLimitExceeded", "userRateLimitExceeded"}
    assert any("Retry after 2026-11-03T09:01:00" in error["message"] for error in errors)
    bob.execute()
    sandbox.post("clock", {"advance_seconds": 20})
    ana.execute()
    assert _error(ana)["code"] in (403, 429)


def test_a_refused_call_costs_nothing(start: Start) -> None:
    sandbox = start(units_per_minute=6)
    users = sandbox.gmail(ANA)
    users.messages().list(userId="me").execute()
    _error(users.messages().list(userId="me"))
    users.getProfile(userId="me").execute()
    requests = sandbox.get("log")["requests"]
    refused = [entry for entry in requests if entry["status"] in (403, 429)]
    assert [(entry["units"], entry["user"], entry["path"]) for entry in refused] == [
        (0, ANA, "/gmail/v1/users/me/messages")
    ]  # fmt: skip
