"""The MIME tree of a mail as Gmail numbers it; damaged mails give what can be read."""

import email
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Entity

from sandbox.gmail.rfc822 import Headers, decoded, first, headers_of, text


@dataclass(frozen=True, kw_only=True)
class Part:
    """One MIME part. `content` is decoded from its transfer encoding, empty for a multipart with children."""

    part_id: str
    mime_type: str
    filename: str
    headers: tuple[tuple[str, str], ...]
    content: bytes
    charset: str | None
    disposition: str
    children: tuple["Part", ...]

    @property
    def is_inline_text(self) -> bool:
        """Its content travels inside the message, as UTF-8; everything else is fetched as an attachment."""
        is_text = self.mime_type.startswith(("text/", "multipart/"))
        return is_text and not self.filename and self.disposition != "attachment"

    @property
    def is_attachment(self) -> bool:
        """What `has:attachment` finds: a named part that is no picture inside the text."""
        has_id = any(name.lower() == "content-id" for name, _ in self.headers)
        is_embedded = has_id and self.mime_type.startswith("image/") and self.disposition != "attachment"
        return bool(self.filename) and not is_embedded

    def text(self) -> str:
        return _decode(self.content, self.charset)

    def attachment_id(self, message_id: str) -> str:
        return "ANGjdJ" + hashlib.sha256(f"{message_id}\0{self.part_id}".encode()).hexdigest()

    def walk(self) -> Iterator["Part"]:
        yield self
        for child in self.children:
            yield from child.walk()


def parse(raw: bytes) -> Part:
    """The tree of a whole mail."""
    try:
        return _part(email.message_from_bytes(raw), "")
    except RecursionError:  # nested deeper than any mail program goes
        return _unparsed(raw)


def _part(entity: Entity, part_id: str) -> Part:
    payload = entity.get_payload()
    children: tuple[Part, ...] = ()
    if isinstance(payload, list):
        prefix = f"{part_id}." if part_id else ""
        children = tuple(_part(child, f"{prefix}{number}") for number, child in enumerate(payload))
    is_mail = entity.get_content_maintype() == "message"
    return Part(
        part_id=part_id,
        mime_type=entity.get_content_type(),
        filename=_filename(entity),
        headers=_headers(entity),
        content=_embedded(payload) if is_mail and children else b"" if children else _content(entity),
        charset=_charset(entity),
        disposition=_disposition(entity),
        children=children,
    )


def _unparsed(raw: bytes) -> Part:
    return Part(
        part_id="", mime_type="text/plain", filename="", charset=None, disposition="", children=(), content=raw,
        headers=tuple((name, decoded(value, name=name)) for name, value in headers_of(raw)),
    )  # fmt: skip


def _headers(entity: Entity) -> tuple[tuple[str, str], ...]:
    return tuple((name, _header_text(name, str(value))) for name, value in entity.raw_items())


def _header_text(name: str, value: str) -> str:
    joined = value.replace("\r\n", "").replace("\n", "").strip()
    return decoded(joined.encode("utf-8", "surrogateescape"), name=name)


# The standard library raises these on damaged parameters and encodings that no code here can foresee.
_DAMAGED = (ValueError, LookupError, TypeError, AttributeError)


def _filename(entity: Entity) -> str:
    try:
        name = entity.get_filename() or ""
    except _DAMAGED:
        return ""
    return decoded(name.encode("utf-8", "surrogateescape")).replace("\r", "").replace("\n", "")


def _charset(entity: Entity) -> str | None:
    try:
        return entity.get_content_charset()
    except _DAMAGED:
        return None


def _disposition(entity: Entity) -> str:
    try:
        return entity.get_content_disposition() or ""
    except _DAMAGED:
        return ""


def _content(entity: Entity) -> bytes:
    try:
        content = entity.get_payload(decode=True)
    except _DAMAGED:
        content = None
    if isinstance(content, bytes):
        return content
    return str(entity.get_payload() or "").encode("utf-8", "surrogateescape")


def _embedded(payload: object) -> bytes:
    mails = payload if isinstance(payload, list) else []
    try:
        return b"\r\n".join(mail.as_bytes() for mail in mails)
    except _DAMAGED:
        return b""


def _decode(content: bytes, charset: str | None) -> str:
    """By the declared charset when that works, else UTF-8, else Windows-1252."""
    try:
        return content.decode(charset or "utf-8")
    except (LookupError, ValueError):
        return text(content)


def content_type(headers: Headers) -> str:
    """The MIME type a header block declares, text/plain by default."""
    entity = Entity()
    entity["Content-Type"] = text(first(headers, "content-type")) or "text/plain"
    return entity.get_content_type()
