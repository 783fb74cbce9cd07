"""Messages as the API shows them: full, metadata, minimal, raw."""

import base64
import html
from collections.abc import Collection
from typing import Any

from sandbox.gmail import mime
from sandbox.gmail.errors import invalid_argument, not_found
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.message import Message
from sandbox.gmail.rfc822 import decoded, headers_of
from sandbox.gmail.searchable import visible

Json = dict[str, Any]
FORMATS = ("full", "metadata", "minimal", "raw")
_SNIPPET_LENGTH = 200


def base64url(content: bytes) -> str:
    """Padded, as Gmail sends it."""
    return base64.urlsafe_b64encode(content).decode("ascii")


def message_json(message: Message, *, form: str, metadata_headers: Collection[str] = ()) -> Json:
    """The `Message` resource. Raises an ApiError for an unknown format."""
    if form not in FORMATS:
        raise invalid_argument(f"Invalid value at 'format', {form!r}")
    root = mime.parse(message.raw)
    shown: Json = {
        "id": message.id,
        "threadId": message.thread_id,
        "labelIds": sorted(message.labels),
        "snippet": snippet(root),
        "historyId": str(message.history_id),
        "internalDate": str(message.internal_date),
        "sizeEstimate": len(message.raw),
    }
    if form == "raw":
        shown["raw"] = base64url(message.raw)
    elif form == "metadata":
        shown["payload"] = _metadata(message, {name.lower() for name in metadata_headers})
    elif form == "full":
        shown["payload"] = _payload(root, message.id)
    return shown


def reference(message: Message) -> Json:
    return {"id": message.id, "threadId": message.thread_id}


def attachment_json(mailbox: Mailbox, message_id: str, attachment_id: str) -> Json:
    message = mailbox.messages.get(message_id)
    if message is None:
        raise not_found()
    for part in mime.parse(message.raw).walk():
        if part.attachment_id(message.id) == attachment_id:
            return {"size": len(part.content), "data": base64url(part.content)}
    raise invalid_argument("Invalid attachment token")


def snippet(root: mime.Part) -> str:
    """The beginning of the text on one line, escaped for HTML as Gmail does."""
    texts = [part for part in root.walk() if part.is_inline_text and not part.children]
    best = next((part for part in texts if part.mime_type == "text/plain"), texts[0] if texts else None)
    if best is None:
        return ""
    beginning = best.text()[: 50 * _SNIPPET_LENGTH]
    readable = html.unescape(visible(beginning)) if best.mime_type == "text/html" else beginning
    return html.escape(" ".join(readable.split())[:_SNIPPET_LENGTH].rstrip())


def _metadata(message: Message, wanted: set[str]) -> Json:
    headers = headers_of(message.raw)
    return {
        "mimeType": mime.content_type(headers),
        "headers": [
            {"name": name, "value": decoded(value, name=name)}
            for name, value in headers
            if not wanted or name.lower() in wanted
        ],
    }


def _payload(part: mime.Part, message_id: str) -> Json:
    shown: Json = {
        "partId": part.part_id,
        "mimeType": part.mime_type,
        "filename": part.filename,
        "headers": [{"name": name, "value": value} for name, value in part.headers],
        "body": _body(part, message_id),
    }
    if part.children:
        shown["parts"] = [_payload(child, message_id) for child in part.children]
    return shown


def _body(part: mime.Part, message_id: str) -> Json:
    if part.children and not part.content:
        return {"size": 0}
    if not part.is_inline_text:
        return {"attachmentId": part.attachment_id(message_id), "size": len(part.content)}
    # UTF-8 whatever the part's own charset label says: Gmail converts the text and keeps the header.
    content = part.text().encode("utf-8", "replace")
    return {"size": len(content), "data": base64url(content)} if content else {"size": 0}
