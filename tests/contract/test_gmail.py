"""What two independent Gmails answer to the production client in the same way (docs/sandbox.md lists what differs)."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from crm.errors import OAuthRefused
from gmail.gateway import METADATA_FIELDS, GmailGateway
from gmail.oauth import Grant, OAuthClient
from gmail.payload import read
from tests.contract.conftest import VERIFIER, consent
from tests.contract.mails import REPORT
from tests.contract.peers import REDIRECT, USER, Peer
from tests.sandbox.gmail.conftest import mail


def _ids(service: Any, **query: Any) -> list[str]:
    answer = service.users().messages().list(userId="me", **query).execute()
    return [entry["id"] for entry in answer.get("messages", [])]


def _get(service: Any, id_: str, **more: Any) -> Any:
    return service.users().messages().get(userId="me", id=id_, **more).execute()


def _report_id(service: Any) -> str:
    (found,) = _ids(service, q="subject:Report")
    return found


def _send(service: Any, raw: bytes, **more: str) -> Any:
    body = {"raw": base64.urlsafe_b64encode(raw).decode(), **more}
    return service.users().messages().send(userId="me", body=body).execute()


def test_a_code_is_exchanged_with_pkce_and_only_once(peer: Peer, oauth: OAuthClient) -> None:
    code = consent(peer, oauth)
    granted = oauth.exchange(code=code, verifier=VERIFIER, redirect_uri=REDIRECT)
    assert granted.access_token
    assert granted.refresh_token
    assert {scope.rpartition(".")[2] for scope in granted.scopes} == {"readonly", "send"}
    with pytest.raises(OAuthRefused):
        oauth.exchange(code=code, verifier=VERIFIER, redirect_uri=REDIRECT)


def test_a_wrong_verifier_is_refused(peer: Peer, oauth: OAuthClient) -> None:
    with pytest.raises(OAuthRefused):
        oauth.exchange(code=consent(peer, oauth), verifier="w" * 43, redirect_uri=REDIRECT)


def test_google_auth_refreshes(oauth: OAuthClient, grant: Grant) -> None:
    from google.auth.transport.requests import Request

    credentials = oauth.credentials(grant)
    credentials.refresh(Request())  # type: ignore[no-untyped-call]
    assert credentials.valid
    assert credentials.token != grant.access_token


def test_the_gateway_pages_through_everything(service: Any, gateway: GmailGateway) -> None:
    whole = gateway.list_messages("")
    assert (len(set(whole.ids)), whole.next_token) == (5, "")
    seen, token = list[str](), None
    for _ in range(3):
        answer = service.users().messages().list(userId="me", maxResults=2, pageToken=token).execute()
        seen += [entry["id"] for entry in answer["messages"]]
        token = answer.get("nextPageToken")
    assert token is None
    assert seen == list(whole.ids)


@pytest.mark.parametrize(
    ("q", "count"),
    [("from:initech.example", 3), ("subject:Report", 1), ("to:ana@lealup.example", 5), ("has:attachment", 1)],
)
def test_simple_searches(service: Any, q: str, count: int) -> None:
    assert len(_ids(service, q=q)) == count


def test_full_is_read_by_the_production_parser(service: Any) -> None:
    parsed = read(_get(service, _report_id(service), format="full"))
    assert (parsed.subject, parsed.new_text.strip()) == ("Report", "The text")
    assert parsed.sender is not None
    assert parsed.sender.email == "carla@acme.example"
    assert [(held.name, held.type) for held in parsed.attachments] == [("report.pdf", "application/pdf")]


def test_raw_is_the_mail(service: Any) -> None:
    raw = _get(service, _report_id(service), format="raw")["raw"]
    assert base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)) == REPORT


def test_metadata_and_minimal(service: Any) -> None:
    id_ = _report_id(service)
    metadata = _get(service, id_, format="metadata", metadataHeaders=["Subject", "From"])
    headers = {header["name"]: header["value"] for header in metadata["payload"]["headers"]}
    assert headers["Subject"] == "Report"
    assert "Date" not in headers
    minimal = _get(service, id_, format="minimal")
    assert "payload" not in minimal
    assert minimal["labelIds"] == ["INBOX"]


def test_an_attachment_travels_apart(service: Any) -> None:
    id_ = _report_id(service)
    part = next(part for part in _get(service, id_)["payload"]["parts"] if part["filename"] == "report.pdf")
    get = service.users().messages().attachments().get
    data = get(userId="me", messageId=id_, id=part["body"]["attachmentId"]).execute()["data"]
    assert base64.urlsafe_b64decode(data + "=" * (-len(data) % 4)) == b"%PDF-1.7 \xff"


def test_an_unknown_message_is_404(service: Any) -> None:
    with pytest.raises(HttpError) as missing:
        _get(service, "00000000000000ff")
    assert missing.value.resp.status == 404


def test_labels_and_send_as(service: Any, gateway: GmailGateway) -> None:
    assert {"INBOX", "SENT", "TRASH", "SPAM", "DRAFT"} <= set(gateway.labels())
    assert USER in gateway.aliases()


def test_a_sent_mail_is_in_sent_and_in_its_thread(service: Any) -> None:
    (first,) = _ids(service, q="subject:Hello")
    thread = _get(service, first, format="minimal")["threadId"]
    reply = mail(
        USER, "carla@acme.example", "Re: Hello", In_Reply_To="<first@acme.example>",
        References="<first@acme.example>", Message_ID="<reply@lealup.example>",
    )  # fmt: skip
    sent = _send(service, reply, threadId=thread)
    assert sent["threadId"] == thread
    assert "SENT" in _get(service, sent["id"], format="minimal")["labelIds"]
    whole = service.users().threads().get(userId="me", id=thread, format="minimal").execute()
    assert [message["id"] for message in whole["messages"]] == [first, sent["id"]]


def test_history_tells_what_was_added_since(service: Any, gateway: GmailGateway) -> None:
    begin = max(int(_get(service, id_, format="minimal")["historyId"]) for id_ in _ids(service))
    sent = _send(service, mail(USER, "carla@acme.example", "New"))
    pages = list(gateway.history(begin))
    added = {
        event["message"]["id"] for page in pages for record in page.records for event in record.get("messagesAdded", [])
    }
    assert added == {sent["id"]}
    assert pages[-1].history_id >= begin


def test_the_production_field_mask_is_taken(service: Any) -> None:
    """A Gmail may ignore the mask; what it names must be there."""
    answer = _get(service, _report_id(service), format="full", fields=METADATA_FIELDS)
    assert {"id", "threadId", "labelIds", "payload"} <= set(answer)
    assert {part["filename"] for part in answer["payload"]["parts"]} == {"", "report.pdf"}
