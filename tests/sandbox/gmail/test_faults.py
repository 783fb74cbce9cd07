"""Failures asked for: statuses, cut connections, sends that fail before or after they are stored."""

import base64
import http.client
import json
from typing import Any

import httpx
import pytest
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from googleapiclient.errors import HttpError

from tests.sandbox.gmail.conftest import ANA, READONLY, Sandbox, Start, mail

_CUT = (OSError, http.client.HTTPException)


def _send(users: Any) -> Any:
    raw = base64.urlsafe_b64encode(mail(ANA, "x@acme.example", "Once")).decode()
    return users.messages().send(userId="me", body={"raw": raw})


def _sent(sandbox: Sandbox) -> int:
    return len(sandbox.get("state")["mailboxes"][ANA]["messages"])


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"status": 403, "reason": "userRateLimitExceeded"}, "userRateLimitExceeded"),
        ({"status": 429, "reason": "rateLimitExceeded", "retry_after": 7}, "rateLimitExceeded"),
        ({"status": 401}, "authError"),
        ({"status": 500}, "backendError"),
        ({"status": 503}, "backendError"),
    ],
)
def test_a_status_with_its_reason_as_often_as_asked(start: Start, fault: dict[str, Any], reason: str) -> None:
    sandbox = start()
    bearer = {"Authorization": f"Bearer {sandbox.credentials(ANA).token}"}
    sandbox.post("faults", [{"match": {"method": "GET", "path": "/profile"}, "kind": "status", "times": 2, **fault}])
    url = f"{sandbox.url}/gmail/v1/users/me"
    assert httpx.get(f"{url}/labels", headers=bearer).status_code == 200
    for _ in range(2):
        answer = httpx.get(f"{url}/profile", headers=bearer)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (fault["status"], fault["status"])
        assert error["errors"][0]["reason"] == reason
        assert answer.headers.get("retry-after") == (str(fault["retry_after"]) if "retry_after" in fault else None)
    assert httpx.get(f"{url}/profile", headers=bearer).status_code == 200


def test_a_cut_connection_has_no_answer(start: Start) -> None:
    sandbox = start()
    bearer = {"Authorization": f"Bearer {sandbox.credentials(ANA).token}"}
    sandbox.post("faults", [{"match": {"method": "getProfile"}, "kind": "drop"}])
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{sandbox.url}/gmail/v1/users/me/profile", headers=bearer)
    assert httpx.get(f"{sandbox.url}/gmail/v1/users/me/profile", headers=bearer).status_code == 200
    assert [entry["status"] for entry in sandbox.get("log")["requests"] if entry["method"] == "getProfile"] == [0, 200]


def test_a_send_that_fails_before_it_is_stored(start: Start) -> None:
    sandbox = start()
    users = sandbox.gmail(ANA)
    sandbox.post("faults", [{"kind": "fail_before_send", "status": 503}])
    with pytest.raises(HttpError, match="503"):
        _send(users).execute(num_retries=0)
    assert _sent(sandbox) == 0
    _send(users).execute()
    assert _sent(sandbox) == 1


def test_a_send_that_fails_after_it_is_stored(start: Start) -> None:
    sandbox = start()
    users = sandbox.gmail(ANA)
    sandbox.post("faults", [{"kind": "fail_after_send", "status": 500}])
    with pytest.raises(HttpError, match="500"):
        _send(users).execute(num_retries=0)
    assert _sent(sandbox) == 1


def test_a_send_cut_after_it_is_stored_is_sent_again_by_googles_client(start: Start) -> None:
    """httplib2 repeats a request whose connection closed without an answer, whatever `num_retries` says."""
    sandbox = start()
    users = sandbox.gmail(ANA)
    sandbox.post("faults", [{"kind": "fail_after_send", "drop": True}])
    _send(users).execute(num_retries=0)
    assert _sent(sandbox) == 2
    sends = [entry["status"] for entry in sandbox.get("log")["requests"] if entry["method"] == "messages.send"]
    assert sends == [0, 200]


def test_a_send_cut_every_time_fails_for_googles_client_too(start: Start) -> None:
    sandbox = start()
    users = sandbox.gmail(ANA)
    sandbox.post("faults", [{"kind": "fail_before_send", "drop": True, "times": 9}])
    with pytest.raises(_CUT):
        _send(users).execute(num_retries=0)
    assert _sent(sandbox) == 0


def test_the_token_endpoint_fails_too(start: Start) -> None:
    sandbox = start()
    credentials = sandbox.credentials(ANA, READONLY)
    fault = {"match": {"path": "^/token$"}, "kind": "status", "status": 400, "reason": "invalid_grant"}
    sandbox.post("faults", [fault])
    with pytest.raises(RefreshError, match="invalid_grant"):
        credentials.refresh(Request())  # type: ignore[no-untyped-call]
    credentials.refresh(Request())  # type: ignore[no-untyped-call]


def test_one_call_inside_a_batch_fails(start: Start) -> None:
    sandbox = start()
    sandbox.post("faults", [{"match": {"method": "getProfile"}, "kind": "status", "status": 429}])
    inner = "--b\r\nContent-Type: application/http\r\n\r\nGET /gmail/v1/users/me/profile HTTP/1.1\r\n\r\n\r\n"
    headers = {
        "Content-Type": "multipart/mixed; boundary=b",
        "Authorization": f"Bearer {sandbox.credentials(ANA).token}",
    }
    answer = httpx.post(f"{sandbox.url}/batch/gmail/v1", content=f"{inner * 2}--b--", headers=headers)
    assert answer.status_code == 200
    assert answer.text.index("HTTP/1.1 429") < answer.text.index("HTTP/1.1 200")


def test_an_empty_page_is_not_the_end(start: Start) -> None:
    sandbox = start({ANA: [mail(), mail(subject="Other")]})
    messages = sandbox.gmail(ANA).messages()
    sandbox.post("faults", [{"kind": "empty_page"}])
    empty = messages.list(userId="me").execute()
    assert "messages" not in empty
    rest = messages.list(userId="me", pageToken=empty["nextPageToken"]).execute()
    assert len(rest["messages"]) == 2
    assert "nextPageToken" not in rest


@pytest.mark.parametrize(
    "wrong", [{"kind": "explode"}, {}, {"kind": "drop", "match": {"verb": "GET"}}, {"kind": "drop", "tims": 2}, "drop"]
)
def test_a_fault_that_is_not_understood_is_refused(start: Start, wrong: object) -> None:
    answer = httpx.post(f"{start().url}/sandbox/faults", content=json.dumps([wrong]))
    assert answer.status_code == 400
    assert answer.json()["error"]
