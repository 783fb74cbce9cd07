"""Messages of the Gmail API: re-encoded bodies, parts without data, masked responses."""

import base64
from datetime import UTC, datetime
from typing import Any

from crm.mail import Attachment
from gmail.payload import read


def data(content: bytes) -> dict[str, Any]:
    return {"size": len(content), "data": base64.urlsafe_b64encode(content).decode().rstrip("=")}


def message(**payload: Any) -> dict[str, Any]:
    headers = [
        {"name": "From", "value": "María <maria@globex.example>"},
        {"name": "To", "value": "luis@lealup.example, ana@lealup.example"},
        {"name": "Subject", "value": "Renovación"},
        {"name": "Date", "value": "Mon, 3 Mar 2025 10:00:00 +0100"},
        *payload.pop("headers", []),
    ]
    return {"internalDate": "1741000000000", "payload": {"headers": headers, **payload}}


def content_type(value: str) -> list[dict[str, str]]:
    return [{"name": "Content-Type", "value": value}]


def test_a_body_is_utf8_under_its_old_label() -> None:
    parsed = read(
        message(
            mimeType="text/plain",
            headers=content_type("text/plain; charset=iso-8859-1"),
            body=data("año".encode()),
        )
    )
    assert parsed.text == "año"
    assert parsed.subject == "Renovación"
    assert [address.email for address in parsed.to] == ["luis@lealup.example", "ana@lealup.example"]


def test_a_body_that_is_not_utf8_is_read_by_its_label() -> None:
    parsed = read(
        message(
            mimeType="text/plain",
            headers=content_type("text/plain; charset=iso-8859-1"),
            body=data(b"a\xf1o"),
        )
    )
    assert parsed.text == "año"


def test_internal_date_goes_before_the_date_header() -> None:
    parsed = read(message(mimeType="text/plain", body=data(b"x")))
    assert parsed.date == datetime.fromtimestamp(1741000000, UTC)


def test_attachments_come_without_data() -> None:
    parsed = read(
        message(
            mimeType="multipart/mixed",
            body={"size": 0},
            parts=[
                {"mimeType": "text/html", "headers": [], "body": data(b"<p>hello</p>")},
                {
                    "mimeType": "application/pdf",
                    "filename": "offer.pdf",
                    "body": {"attachmentId": "A1", "size": 9001},
                },
            ],
        )
    )
    assert parsed.text == "hello"
    assert parsed.attachments == (Attachment(name="offer.pdf", size=9001, type="application/pdf"),)


def test_a_masked_payload_gives_headers_and_names() -> None:
    parsed = read(
        message(
            mimeType="multipart/mixed",
            parts=[
                {"mimeType": "text/plain", "body": {"size": 12}},
                {"mimeType": "image/png", "filename": "a.png", "body": {"attachmentId": "A", "size": 3}},
            ],
        )
    )
    assert parsed.text == "" and parsed.error is None
    assert parsed.sender is not None and parsed.sender.email == "maria@globex.example"
    assert [attachment.name for attachment in parsed.attachments] == ["a.png"]


def test_never_raises_on_nonsense() -> None:
    assert read({}).error is not None
    assert read({"payload": {"headers": "no", "parts": [3], "body": []}, "internalDate": "soon"}).date is None
    assert read(message(mimeType="text/plain", body={"data": "%%%"})).text is not None
