"""Batches by googleapiclient, and the format itself."""

import base64
from typing import Any

import httpx
import pytest
from googleapiclient.errors import BatchError, HttpError

from tests.sandbox.gmail.conftest import ANA, READONLY, Start, mail, service


def test_each_call_has_its_own_answer(start: Start) -> None:
    sandbox = start({ANA: [mail(subject=f"Número {n}") for n in range(30)]})
    client = service(sandbox.url, sandbox.credentials(ANA))
    ids = [entry["id"] for entry in client.users().messages().list(userId="me").execute()["messages"]]
    answers: dict[str, Any] = {}
    failures: dict[str, HttpError] = {}

    def collect(id_: str, answer: Any, error: HttpError | None) -> None:
        if error is None:
            answers[id_] = answer
        else:
            failures[id_] = error

    batch = client.new_batch_http_request(callback=collect)
    for id_ in [*ids, "00000000000000ff"]:
        batch.add(client.users().messages().get(userId="me", id=id_, fields="id,payload/headers"), request_id=id_)
    batch.execute()
    assert {id_: answer["id"] for id_, answer in answers.items()} == {id_: id_ for id_ in ids}
    subjects = {
        h["value"] for answer in answers.values() for h in answer["payload"]["headers"] if h["name"] == "Subject"
    }
    assert "Número 7" in subjects
    assert failures["00000000000000ff"].resp.status == 404
    log = sandbox.get("log")["requests"]
    assert sum(entry["in_batch"] for entry in log) == 31
    assert sum(entry["units"] for entry in log if entry["in_batch"]) == 31 * 20


def test_a_send_inside_a_batch_is_sent(start: Start) -> None:
    sandbox = start()
    client = service(sandbox.url, sandbox.credentials(ANA))
    batch = client.new_batch_http_request()
    raw = base64.urlsafe_b64encode(mail(ANA, "x@acme.example", "In a batch")).decode()
    batch.add(client.users().messages().send(userId="me", body={"raw": raw}))
    batch.execute()
    assert [message["labelIds"] for message in sandbox.get("state")["mailboxes"][ANA]["messages"]] == [["SENT"]]


def test_calls_of_a_large_batch_are_refused_in_part(start: Start) -> None:
    sandbox = start(parallel_in_batch=10)
    client = service(sandbox.url, sandbox.credentials(ANA))
    statuses: list[int] = []
    batch = client.new_batch_http_request(
        callback=lambda _, __, error: statuses.append(200 if error is None else error.resp.status)
    )
    for _ in range(12):
        batch.add(client.users().getProfile(userId="me"))
    batch.execute()
    assert statuses == [200] * 10 + [429] * 2


def test_a_whole_batch_can_fail(start: Start) -> None:
    sandbox = start()
    client = service(sandbox.url, sandbox.credentials(ANA, READONLY))
    sandbox.post("faults", [{"match": {"method": "batch"}, "kind": "status", "status": 503}])
    batch = client.new_batch_http_request()
    batch.add(client.users().getProfile(userId="me"))
    with pytest.raises((BatchError, HttpError)):
        batch.execute()


_INNER = (
    "Content-Type: application/http\r\nContent-ID: <the id + 1>\r\n\r\nGET /gmail/v1/users/me/profile HTTP/1.1\r\n\r\n"
)


def _post(
    url: str, body: str, content_type: str = "multipart/mixed; boundary=b", token: str = "none"
) -> httpx.Response:
    headers = {"Content-Type": content_type, "Authorization": f"Bearer {token}"}
    return httpx.post(f"{url}/batch/gmail/v1", content=body, headers=headers)


def test_the_content_id_comes_back_and_inner_calls_inherit_the_token(start: Start) -> None:
    sandbox = start()
    body = f"--b\r\n{_INNER}\r\n--b--"
    answer = _post(sandbox.url, body, token=str(sandbox.credentials(ANA).token))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("multipart/mixed; boundary=")
    assert "Content-ID: <response-the id + 1>" in answer.text
    assert "HTTP/1.1 200 OK" in answer.text
    assert "HTTP/1.1 401 Unauthorized" in _post(sandbox.url, body).text


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", "multipart/mixed; boundary=b"),
        ("{}", "application/json"),
        ("--b\r\nContent-Type: text/plain\r\n\r\nGET / HTTP/1.1\r\n\r\n--b--", "multipart/mixed; boundary=b"),
        (f"--b\r\n{_INNER}\r\n" * 101 + "--b--", "multipart/mixed; boundary=b"),
    ],
)
def test_a_malformed_or_too_large_batch_is_refused(start: Start, body: str, content_type: str) -> None:
    answer = _post(start().url, body, content_type)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 400
