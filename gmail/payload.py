"""A message of the Gmail API (format=full, whole or masked) to a parsed mail."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import Message
from typing import Any

from crm.mail import ParsedMail
from gmail import header
from gmail.mime import assemble
from gmail.part import Part

_DEEPEST = 100


def read(message: Mapping[str, Any]) -> ParsedMail:
    """Return the mail in a `users.messages` resource; never raises.

    Bodies are UTF-8 under their original charset label. Parts without `body.data` (attachments, or a response
    masked by `fields`) give their name and size only. The date is `internalDate`, in UTC.
    """
    errors: list[str] = []
    payload = message.get("payload")
    root = _part(payload if isinstance(payload, Mapping) else {}, errors, 0)
    if not root.headers:
        errors.append("a mail without headers")
    return assemble(root, errors=errors, received=_received(message.get("internalDate")))


def leaf(payload: Mapping[str, Any]) -> Part:
    """One part of a message, without those below it."""
    return _part({**payload, "parts": ()}, [], 0)


def _received(value: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(str(value)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _part(payload: Mapping[str, Any], errors: list[str], depth: int) -> Part:
    headers = _headers(payload)
    body = payload.get("body")
    body = body if isinstance(body, Mapping) else {}
    content = _data(body.get("data"), errors)
    children: tuple[Part, ...] = ()
    if depth < _DEEPEST:
        children = tuple(
            _part(part, errors, depth + 1) for part in payload.get("parts") or () if isinstance(part, Mapping)
        )
    typed = _typed(headers)
    kind = str(payload.get("mimeType") or "text/plain").lower()
    if kind == "message/rfc822" and children and not children[0].headers:
        children = ()
    size = body.get("size")
    return Part(
        type=kind,
        charset=_parameter(typed, "charset"),
        filename=header.text(str(payload.get("filename") or "")) or None,
        disposition=typed.get_content_disposition(),
        content_id=typed.get("content-id"),
        size=len(content) if content is not None else size if isinstance(size, int) else 0,
        content=content,
        children=children,
        headers=headers,
        flowed=(_parameter(typed, "format") or "").lower() == "flowed",
        delete_space=(_parameter(typed, "delsp") or "").lower() == "yes",
        utf8=True,
    )


def _headers(payload: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    found = payload.get("headers")
    if not isinstance(found, list):
        return ()
    return tuple(
        (str(item.get("name") or ""), str(item.get("value") or "")) for item in found if isinstance(item, Mapping)
    )


def _typed(headers: tuple[tuple[str, str], ...]) -> Message:
    """The part's own content headers, for the parameter parser."""
    typed = Message()
    for name, value in headers:
        if name.lower() in ("content-type", "content-disposition", "content-id") and name not in typed:
            typed[name] = header.unfold(value)[:8192]
    return typed


def _parameter(typed: Message, name: str) -> str | None:
    try:
        value = typed.get_param(name)
    except (ValueError, TypeError, IndexError, LookupError):
        return None
    return value[2] if isinstance(value, tuple) else value or None


def _data(value: object, errors: list[str]) -> bytes | None:
    if not isinstance(value, str):
        return None
    try:
        return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except (binascii.Error, ValueError):
        errors.append("damaged base64")
        return b""
