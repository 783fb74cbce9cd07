"""messages.send: who may send, into which thread, and where the mail lands."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.sandbox.gmail.conftest import ANA, BOB, NOW, Start, mail


def _send(users: Any, raw: bytes, **more: str) -> dict[str, Any]:
    body = {"raw": base64.urlsafe_b64encode(raw).decode(), **more}
    sent: dict[str, Any] = users.messages().send(userId="me", body=body).execute()
    return sent


def _headers(users: Any, id_: str) -> dict[str, str]:
    message = users.messages().get(userId="me", id=id_, format="metadata").execute()
    return {header["name"]: header["value"] for header in message["payload"]["headers"]}


def test_a_mail_lands_in_sent_and_in_the_receivers_inbox(start: Start) -> None:
    sandbox = start()
    ana, bob = sandbox.gmail(ANA), sandbox.gmail(BOB)
    begin = ana.getProfile(userId="me").execute()["historyId"]
    raw = mail(ANA, "x@acme.example", "Plan", Bcc=BOB, Message_ID="<own-1@lealup.example>", X_Draft="42")
    sent = _send(ana, raw)
    assert sent["labelIds"] == ["SENT"]
    assert sent["threadId"] == sent["id"]
    headers = _headers(ana, sent["id"])
    assert (headers["Message-ID"], headers["X-Draft"], headers["Bcc"]) == ("<own-1@lealup.example>", "42", BOB)
    history = ana.history().list(userId="me", startHistoryId=begin).execute()["history"]
    assert [record["messagesAdded"][0]["message"]["id"] for record in history] == [sent["id"]]
    copies = bob.messages().list(userId="me", q="is:unread in:inbox").execute()["messages"]
    received = _headers(bob, copies[0]["id"])
    assert "Bcc" not in received
    assert received["Message-ID"] == "<own-1@lealup.example>"
    stored = sandbox.get("state")["mailboxes"][ANA]["messages"][0]
    assert base64.b64decode(stored["raw"]) == raw


def test_an_alias_may_send_and_receives(start: Start) -> None:
    sandbox = start(aliases={ANA: ["me@lealup.example"], BOB: ["robert@lealup.example"]})
    _send(sandbox.gmail(ANA), mail("me@lealup.example", "Robert <ROBERT@lealup.example>"))
    assert len(sandbox.get("state")["mailboxes"][BOB]["messages"]) == 1


def test_a_mail_to_oneself_is_one_message_in_both_places(start: Start) -> None:
    sandbox = start()
    assert _send(sandbox.gmail(ANA), mail(ANA, ANA))["labelIds"] == ["INBOX", "SENT", "UNREAD"]
    assert len(sandbox.get("state")["mailboxes"][ANA]["messages"]) == 1


def test_missing_date_and_message_id_are_added(start: Start) -> None:
    users = start().gmail(ANA)
    sent = _send(users, b"From: ana@lealup.example\r\nTo: x@acme.example\r\nSubject: S\r\n\r\nBody\r\n")
    headers = _headers(users, sent["id"])
    assert headers["Message-ID"].endswith("@mail.gmail.com>")
    assert headers["Date"].startswith("Tue, 03 Nov 2026 09:00:00")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (mail("bob@lealup.example", "x@acme.example"), "Invalid From header"),
        (mail("x@acme.example", "y@acme.example"), "Invalid From header"),
        (b"From: ana@lealup.example\r\nSubject: S\r\n\r\nBody", "Recipient address required"),
    ],
)
def test_what_may_not_be_sent_is_refused_and_stored_nowhere(start: Start, raw: bytes, message: str) -> None:
    sandbox = start()
    with pytest.raises(HttpError, match=message) as refused:
        _send(sandbox.gmail(ANA), raw)
    assert refused.value.resp.status == 400
    assert [len(box["messages"]) for box in sandbox.get("state")["mailboxes"].values()] == [0, 0]


@pytest.mark.parametrize("body", [{}, {"raw": ""}, {"raw": "%%%"}, {"raw": "eA==", "surprise": 1}])
def test_a_body_without_a_readable_mail_is_refused(start: Start, body: dict[str, Any]) -> None:
    with pytest.raises(HttpError) as refused:
        start().gmail(ANA).messages().send(userId="me", body=body).execute()
    assert refused.value.resp.status == 400


_FIRST = mail(Message_ID="<1@acme.example>", date=NOW - timedelta(days=1))


@pytest.mark.parametrize(
    ("subject", "headers", "joins"),
    [
        ("Re: Hello", {"In_Reply_To": "<1@acme.example>"}, True),
        ("RE: re: HELLO", {"References": "<0@acme.example> <1@acme.example>"}, True),
        ("Hello again", {"In_Reply_To": "<1@acme.example>"}, False),
        ("Re: Hello", {"In_Reply_To": "<9@acme.example>"}, False),
        ("Re: Hello", {}, False),
    ],
)
def test_a_thread_is_joined_by_subject_and_reference(
    start: Start, subject: str, headers: dict[str, str], joins: bool
) -> None:
    users = start({ANA: [_FIRST]}).gmail(ANA)
    thread = users.messages().list(userId="me").execute()["messages"][0]["threadId"]
    sent = _send(users, mail(ANA, "carla@acme.example", subject, "Hi", NOW, **headers), threadId=thread)
    assert (sent["threadId"] == thread) is joins


def test_an_unknown_thread_is_404_and_nothing_is_sent(start: Start) -> None:
    sandbox = start()
    with pytest.raises(HttpError) as refused:
        _send(sandbox.gmail(ANA), mail(ANA, BOB), threadId="00000000000000ff")
    assert refused.value.resp.status == 404
    assert sandbox.get("state")["mailboxes"][BOB]["messages"] == []


def test_the_answer_of_a_colleague_comes_back_in_the_thread(start: Start) -> None:
    sandbox = start()
    ana, bob = sandbox.gmail(ANA), sandbox.gmail(BOB)
    sent = _send(ana, mail(ANA, BOB, "Question", Message_ID="<q@lealup.example>"))
    _send(bob, mail(BOB, ANA, "Re: Question", In_Reply_To="<q@lealup.example>"))
    thread = ana.threads().get(userId="me", id=sent["threadId"], format="minimal").execute()
    assert [message["labelIds"] for message in thread["messages"]] == [["SENT"], ["INBOX", "UNREAD"]]
