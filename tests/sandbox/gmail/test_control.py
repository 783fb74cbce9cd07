"""Arriving mail, the clock and the refusals of the control routes."""

import base64
import json

import httpx
import pytest

from tests.sandbox.gmail.conftest import ANA, BOB, NOW, Start, mail


def test_mail_is_delivered_to_its_recipients_or_to_one_mailbox(start: Start) -> None:
    sandbox = start(aliases={BOB: ["robert@lealup.example"]})
    raw = mail(to=f"{ANA}, Robert <robert@lealup.example>", Message_ID="<1@acme.example>")
    delivered = sandbox.post("deliver", raw)["delivered"]
    assert [entry["mailbox"] for entry in delivered] == [ANA, BOB]
    sandbox.post("deliver", mail(to="list@lists.example"), mailbox=BOB)
    boxes = sandbox.get("state")["mailboxes"]
    assert [len(boxes[email]["messages"]) for email in (ANA, BOB)] == [1, 2]
    message = boxes[ANA]["messages"][0]
    assert base64.b64decode(message["raw"]) == raw
    assert (message["labelIds"], message["internalDate"]) == (["INBOX", "UNREAD"], str(int(NOW.timestamp() * 1000)))
    assert message["id"] == delivered[0]["id"]


def test_an_answer_in_a_delivered_mail_joins_its_thread(start: Start) -> None:
    sandbox = start({ANA: [mail(Message_ID="<1@acme.example>")]})
    first = sandbox.get("state")["mailboxes"][ANA]["messages"][0]
    arrived = sandbox.post("deliver", mail(subject="Re: Hello", In_Reply_To="<1@acme.example>"))["delivered"][0]
    assert arrived["threadId"] == first["threadId"] != arrived["id"]


def test_the_clock_can_be_set_and_moved(start: Start) -> None:
    sandbox = start()
    assert sandbox.post("clock", {"set": "2027-01-01T00:00:00+00:00"})["iso"] == "2027-01-01T00:00:00+00:00"
    assert sandbox.post("clock", {"advance_seconds": 90})["iso"] == "2027-01-01T00:01:30+00:00"
    assert sandbox.post("clock", {"set": 0})["now"] == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("deliver", mail(to="nobody@elsewhere.example").decode()),
        ("deliver?mailbox=nobody@elsewhere.example", mail().decode()),
        ("labels", {"mailbox": ANA, "id": "ff", "add": ["INBOX"]}),
        ("delete", {"mailbox": "nobody@elsewhere.example", "id": "ff"}),
        ("revoke", {"email": "nobody@elsewhere.example"}),
        ("revoke", {"user": ANA}),
        ("clock", {"set": "2027-01-01"}),
        ("clock", {"forward": 1}),
        ("expire-history", {"mailbox": "nobody@elsewhere.example"}),
        ("faults", "not JSON"),
    ],
)
def test_what_makes_no_sense_is_refused(start: Start, path: str, body: object) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    answer = httpx.post(f"{start().url}/sandbox/{path}", content=content)
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]
