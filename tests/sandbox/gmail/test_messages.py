"""Reading: listing and paging, the four formats, bodies, attachments, field masks, threads, labels, profile."""

import base64
import json
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
from googleapiclient.errors import HttpError

from tests.sandbox.gmail.conftest import ANA, BOB, NOW, READONLY, Start, mail

_LATIN = (
    b"From: Ana <ana@acme.example>\r\nTo: ana@lealup.example\r\nSubject: =?iso-8859-1?Q?Renovaci=F3n?=\r\n"
    b"Date: Mon, 02 Nov 2026 10:00:00 +0100\r\nX-One: 1\r\nX-One: 2\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\nSe\xf1or, \xbfqu\xe9 tal?\r\n"
)


def _rich() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "c@acme.example", ANA, "Report"
    message["Date"] = "Mon, 02 Nov 2026 11:00:00 +0000"
    message.set_content("Text <b> & more")
    message.add_alternative("<p>HTML</p>", subtype="html")
    message.add_attachment(b"%PDF-1.7 \xff", maintype="application", subtype="pdf", filename="informe ñ.pdf")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png")
    return message.as_bytes()


def _decoded(data: str) -> bytes:
    assert len(data) % 4 == 0, "padded"
    return base64.urlsafe_b64decode(data)


def _only(users: Any, **more: Any) -> Any:
    id_ = users.messages().list(userId="me").execute()["messages"][0]["id"]
    return users.messages().get(userId="me", id=id_, **more).execute()


def test_the_profile_counts_and_may_be_asked_by_address(start: Start) -> None:
    users = start({ANA: [mail(), mail(subject="Other")]}).gmail(ANA)
    profile = users.getProfile(userId=ANA).execute()
    assert (profile["emailAddress"], profile["messagesTotal"], profile["threadsTotal"]) == (ANA, 2, 2)
    assert int(profile["historyId"]) > 0
    with pytest.raises(HttpError, match="Delegation denied"):
        users.getProfile(userId="someone@else.example").execute()


def test_ids_are_sixteen_hex_digits_that_grow_with_the_date_and_repeat_with_the_same_mails(start: Start) -> None:
    mails = [mail(subject=f"S{day}", date=NOW - timedelta(days=day)) for day in (3, 1, 2)]
    ids = [
        [entry["id"] for entry in start({ANA: given}).gmail(ANA).messages().list(userId="me").execute()["messages"]]
        for given in (mails, mails[::-1])
    ]
    assert ids[0] == ids[1] == sorted(ids[0], reverse=True)
    assert all(len(id_) == 16 and int(id_, 16) > 0 for id_ in ids[0])


def test_pages_hold_every_message_once_while_mail_arrives_and_goes(start: Start) -> None:
    sandbox = start({ANA: [mail(subject=f"S{n}", date=NOW - timedelta(hours=n + 1)) for n in range(25)]})
    messages = sandbox.gmail(ANA).messages()
    request, seen = messages.list(userId="me", maxResults=10), list[str]()
    while request is not None:
        answer = request.execute()
        seen += [entry["id"] for entry in answer["messages"]]
        sandbox.post("deliver", mail(subject=f"new {len(seen)}"))
        sandbox.post("delete", {"mailbox": ANA, "id": seen[-1]})
        request = messages.list_next(request, answer)
    assert len(seen) == len(set(seen)) == 25


def test_listing_checks_its_parameters(start: Start) -> None:
    sandbox = start()
    messages = sandbox.gmail(ANA).messages()
    for wrong in ({"pageToken": "nonsense"}, {"labelIds": ["NOPE"]}, {"maxResults": -1}):
        with pytest.raises(HttpError) as refused:
            messages.list(userId="me", **wrong).execute()
        assert refused.value.resp.status == 400
    bearer = {"Authorization": f"Bearer {sandbox.credentials(ANA).token}"}
    answer = httpx.get(f"{sandbox.url}/gmail/v1/users/me/messages", params={"max": 5}, headers=bearer)
    assert answer.status_code == 400
    assert 'Unknown name "max"' in answer.json()["error"]["message"]


def test_errors_have_googles_form(start: Start) -> None:
    sandbox = start()
    users = sandbox.gmail(ANA)
    with pytest.raises(HttpError) as missing:
        users.messages().get(userId="me", id="00000000000000ff").execute()
    entry = {"message": "Requested entity was not found.", "domain": "global", "reason": "notFound"}
    assert json.loads(missing.value.content)["error"] == {
        "code": 404, "message": "Requested entity was not found.", "errors": [entry], "status": "NOT_FOUND",
    }  # fmt: skip
    with pytest.raises(HttpError, match="Invalid id value") as malformed:
        users.messages().get(userId="me", id="not-an-id").execute()
    assert malformed.value.resp.status == 400
    assert httpx.get(f"{sandbox.url}/gmail/v1/users/me/filters").status_code in (401, 404)


def test_full_decodes_headers_and_gives_utf8_under_the_original_charset_label(start: Start) -> None:
    message = _only(start({ANA: [_LATIN]}).gmail(ANA))
    payload = message["payload"]
    headers = [(header["name"], header["value"]) for header in payload["headers"]]
    assert ("Subject", "Renovación") in headers
    assert [value for name, value in headers if name == "X-One"] == ["1", "2"]
    assert ("Content-Type", "text/plain; charset=iso-8859-1") in headers
    content = _decoded(payload["body"]["data"])
    assert content.decode("utf-8").startswith("Señor, ¿qué tal?")
    assert payload["body"]["size"] == len(content)
    assert message["internalDate"] == "1793610000000"
    assert message["labelIds"] == ["INBOX"]
    assert message["snippet"] == "Señor, ¿qué tal?"


def test_raw_is_the_mail_byte_for_byte(start: Start) -> None:
    message = _only(start({ANA: [_LATIN]}).gmail(ANA), format="raw")
    assert _decoded(message["raw"]) == _LATIN
    assert message["sizeEstimate"] == len(_LATIN)
    assert "payload" not in message


def test_metadata_and_minimal_have_no_body(start: Start) -> None:
    users = start({ANA: [_LATIN]}).gmail(ANA)
    metadata = _only(users, format="metadata", metadataHeaders=["SUBJECT", "x-one"])
    assert [header["value"] for header in metadata["payload"]["headers"]] == ["Renovación", "1", "2"]
    assert "body" not in metadata["payload"]
    everything = _only(users, format="metadata")["payload"]["headers"]
    assert len(everything) == 8
    minimal = _only(users, format="minimal")
    assert "payload" not in minimal
    assert minimal["threadId"] == minimal["id"]


def test_attachments_travel_apart(start: Start) -> None:
    users = start({ANA: [_rich()]}).gmail(ANA)
    message = _only(users)
    alternative, pdf, image = message["payload"]["parts"]
    assert [part["partId"] for part in (alternative, *alternative["parts"], pdf)] == ["0", "0.0", "0.1", "1"]
    assert _decoded(alternative["parts"][0]["body"]["data"]) == b"Text <b> & more\n"
    assert message["snippet"] == "Text &lt;b&gt; &amp; more"
    assert (pdf["filename"], pdf["mimeType"]) == ("informe ñ.pdf", "application/pdf")
    assert set(pdf["body"]) == {"attachmentId", "size"} == set(image["body"])
    get = users.messages().attachments().get
    content = get(userId="me", messageId=message["id"], id=pdf["body"]["attachmentId"]).execute()
    assert _decoded(content["data"]) == b"%PDF-1.7 \xff"
    assert content["size"] == pdf["body"]["size"] == 10
    with pytest.raises(HttpError, match="Invalid attachment token"):
        get(userId="me", messageId=message["id"], id="ANGjdJother").execute()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("threadId", {"threadId"}),
        ("threadId, labelIds", {"threadId", "labelIds"}),
        ("payload/mimeType", {"payload": {"mimeType"}}),
        ("payload(mimeType,body/size)", {"payload": {"mimeType": None, "body": {"size"}}}),
        ("payload(parts(parts(partId)))", {"payload": {"parts": [{"parts": [{"partId"}, {"partId"}]}, {}, {}]}}),
        ("payload/parts/partId", {"payload": {"parts": [{"partId"}, {"partId"}, {"partId"}]}}),
        ("payload(mimeType),payload/filename", {"payload": {"mimeType", "filename"}}),
    ],
)
def test_field_masks_keep_what_they_name_and_do_not_recurse(start: Start, fields: str, expected: Any) -> None:
    def shape(value: Any) -> Any:
        if isinstance(value, list):
            return [shape(item) for item in value]
        if any(isinstance(item, dict | list) and item != ["INBOX"] for item in value.values()):
            return {key: shape(item) if isinstance(item, dict | list) else None for key, item in value.items()}
        return set(value) or {}

    assert shape(_only(start({ANA: [_rich()]}).gmail(ANA), fields=fields)) == expected


@pytest.mark.parametrize("fields", ["nonsense", "payload/nonsense", "payload(", "id,", "id)", "a b", "messages/id"])
def test_a_wrong_field_mask_is_refused(start: Start, fields: str) -> None:
    with pytest.raises(HttpError, match="Invalid field selection") as refused:
        _only(start({ANA: [_rich()]}).gmail(ANA), fields=fields)
    assert refused.value.resp.status == 400


def test_threads_follow_references_then_subject_and_people(start: Start) -> None:
    hour = timedelta(hours=1)
    mails = {
        "first": mail(Message_ID="<1@a>"),
        "answer": mail(
            ANA, "carla@acme.example", "Re: Hello", date=NOW + hour, In_Reply_To="<1@a>", Message_ID="<2@a>"
        ),
        "renamed": mail(subject="New subject", date=NOW + 2 * hour, References="<1@a> <2@a>"),
        "unreferenced": mail(subject="RE: hello", date=NOW + 3 * hour),
        "stranger": mail("x@other.example", subject="Hello", date=NOW + 4 * hour),
        "forced": mail("y@other.example", subject="Forced", date=NOW + 5 * hour, X_Gmail_Thread_Id="abc123"),
    }
    sandbox = start({ANA: list(mails.values())})
    by_raw = {message.raw: message.thread_id for message in sandbox.store.mailbox(ANA).messages.values()}
    thread = {name: by_raw[raw] for name, raw in mails.items()}
    assert thread["first"] == thread["answer"] == thread["renamed"] == thread["unreferenced"]
    assert len({thread["first"], thread["stranger"], thread["forced"]}) == 3
    assert thread["forced"].endswith("abc123")
    users = sandbox.gmail(ANA)
    whole = users.threads().get(userId="me", id=thread["first"], format="minimal").execute()
    dates = [int(message["internalDate"]) for message in whole["messages"]]
    assert (len(dates), dates) == (4, sorted(dates))
    first = users.threads().list(userId="me", maxResults=2).execute()
    rest = users.threads().list(userId="me", maxResults=2, pageToken=first["nextPageToken"]).execute()
    listed = [entry["id"] for entry in (*first["threads"], *rest["threads"])]
    assert listed == [thread["forced"], thread["stranger"], thread["first"]]
    with pytest.raises(HttpError, match="not found"):
        users.threads().get(userId="me", id="ff").execute()


def test_labels_come_from_the_header_else_from_the_sender(start: Start) -> None:
    mails = [
        mail(X_Gmail_Labels="Inbox,Unread,Key accounts"), mail("Ana <ANA@lealup.example>", BOB, "a"),
        mail("me@lealup.example", BOB, "b"), mail(subject="c"),
    ]  # fmt: skip
    users = start({ANA: mails}, aliases={ANA: ["me@lealup.example"]}).gmail(ANA)
    labels = {label["name"]: label for label in users.labels().list(userId="me").execute()["labels"]}
    own = labels["Key accounts"]
    assert (own["type"], labels["INBOX"]["type"]) == ("user", "system")
    count = users.labels().get(userId="me", id=own["id"]).execute()
    assert (count["messagesTotal"], count["messagesUnread"]) == (1, 1)
    assert users.labels().get(userId="me", id="SENT").execute()["messagesTotal"] == 2
    assert users.labels().get(userId="me", id="INBOX").execute()["messagesTotal"] == 2


def test_send_as_lists_the_aliases(start: Start) -> None:
    users = start(aliases={ANA: ["me@lealup.example"]}).gmail(ANA, READONLY)
    entries = users.settings().sendAs().list(userId="me").execute()["sendAs"]
    assert [(entry["sendAsEmail"], entry.get("isPrimary", False)) for entry in entries] == [
        (ANA, True), ("me@lealup.example", False),
    ]  # fmt: skip


def test_watch_lasts_seven_days_and_stops(start: Start) -> None:
    sandbox = start()
    users = sandbox.gmail(ANA)
    answer = users.watch(userId="me", body={"topicName": "projects/p/topics/t"}).execute()
    assert int(answer["expiration"]) == int((NOW + timedelta(days=7)).timestamp() * 1000)
    assert answer["historyId"] == users.getProfile(userId="me").execute()["historyId"]
    assert sandbox.get("state")["mailboxes"][ANA]["watch"]["topicName"] == "projects/p/topics/t"
    assert users.stop(userId="me").execute() == ""
    assert sandbox.get("state")["mailboxes"][ANA]["watch"] is None
    with pytest.raises(HttpError, match="topicName"):
        users.watch(userId="me", body={"topicName": "t"}).execute()
