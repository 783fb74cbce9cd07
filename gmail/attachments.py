"""The files of a message of the Gmail API, and what their content can be asked for by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crm.mail import Attachment
from gmail.body import attachment
from gmail.payload import leaf

_DEEPEST = 100


@dataclass(frozen=True, kw_only=True)
class File:
    """`attachment_id` is worth something for minutes only: Gmail gives another one at each reading of the message.

    It is empty where the content came along: then `content` holds it.
    """

    attachment: Attachment
    attachment_id: str
    content: bytes | None


def files(message: Mapping[str, Any]) -> tuple[File, ...]:
    """Every part of a `users.messages` resource (format=full, whole or masked) that could be a file, in reading order."""
    payload = message.get("payload")
    return tuple(_walk(payload, 0)) if isinstance(payload, Mapping) else ()


def _walk(payload: Mapping[str, Any], depth: int) -> Iterator[File]:
    children = [part for part in payload.get("parts") or () if isinstance(part, Mapping)]
    kind = str(payload.get("mimeType") or "").lower()
    if not children and not kind.startswith("multipart/"):
        part = leaf(payload)
        body = payload.get("body")
        id_ = str(body.get("attachmentId") or "") if isinstance(body, Mapping) else ""
        yield File(attachment=attachment(part), attachment_id=id_, content=None if id_ else part.content)
    if kind == "message/rfc822" or depth >= _DEEPEST:  # the files of an attached mail are that mail's
        return
    for child in children:
        yield from _walk(child, depth + 1)
