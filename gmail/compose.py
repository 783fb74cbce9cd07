"""Writing a reply as RFC 5322 bytes, and reading it back: threading headers, plain text, safe HTML, files."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parsedate_to_datetime

from crm.mail import Address

DRAFT_HEADER = "X-LealUp-Draft"
_UNNAMED = "attachment"
_LONGEST_NAME = 150  # characters of a file's name


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that a human put in. `type` is a MIME type."""

    name: str
    type: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What goes out. `references` is the whole chain, oldest first, ending with `in_reply_to` (RFC 5322 §3.6.4)."""

    sender: Address
    to: Sequence[Address]
    cc: Sequence[Address]
    bcc: Sequence[Address]
    subject: str
    text: str
    in_reply_to: str
    references: Sequence[str]
    draft_id: str
    date: datetime
    files: Sequence[File] = ()


def compose(reply: Reply) -> bytes:
    """The exact bytes to show, hash, approve and send."""
    message = EmailMessage(policy=policy.SMTP.clone(max_line_length=998))
    message["From"] = _header(reply.sender)
    for name, addresses in (("To", reply.to), ("Cc", reply.cc), ("Bcc", reply.bcc)):
        if addresses:
            message[name] = [_header(address) for address in addresses]
    message["Subject"] = _one_line(reply.subject)
    message["Date"] = format_datetime(reply.date)
    message["Message-ID"] = make_msgid(domain=reply.sender.email.rpartition("@")[2])
    if reply.in_reply_to:
        message["In-Reply-To"] = _one_line(reply.in_reply_to)
    if reply.references:
        message["References"] = " ".join(_one_line(reference) for reference in reply.references)
    message[DRAFT_HEADER] = reply.draft_id
    message.set_content(reply.text, subtype="plain", charset="utf-8", cte="quoted-printable")
    message.add_alternative(to_html(reply.text), subtype="html", charset="utf-8", cte="quoted-printable")
    for file in reply.files:
        kind, _, subtype = _safe_type(file.type).partition("/")
        message.add_attachment(file.data, maintype=kind, subtype=subtype, filename=safe_name(file.name))
    return message.as_bytes()


def read_reply(raw: bytes) -> Reply:
    """What composed bytes say: the inverse of `compose`, and what every face shows."""
    message: EmailMessage = message_from_bytes(raw, policy=policy.default)
    body = message.get_body(("plain",))
    return Reply(
        sender=_addresses(message["From"])[0],
        to=_addresses(message["To"]),
        cc=_addresses(message["Cc"]),
        bcc=_addresses(message["Bcc"]),
        subject=str(message["Subject"]),
        text=str(body.get_content()).replace("\r\n", "\n") if body is not None else "",
        in_reply_to=str(message["In-Reply-To"] or ""),
        references=str(message["References"] or "").split(),
        draft_id=str(message[DRAFT_HEADER]),
        date=parsedate_to_datetime(str(message["Date"])),
        files=[
            File(
                name=part.get_filename() or _UNNAMED,
                type=part.get_content_type(),
                data=part.get_payload(decode=True) or b"",  # type: ignore[arg-type]
            )
            for part in message.iter_attachments()
        ],
    )


def shown(address: Address) -> str:
    """As a mail program writes it: `Maria Silva <maria@globex.example>`."""
    return str(_header(address))


def to_html(text: str) -> str:
    """Paragraphs and line breaks, everything else escaped: a draft can't carry active content."""
    paragraphs = [part for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    return "\n".join(f"<p>{html.escape(part.strip()).replace(chr(10), '<br>')}</p>" for part in paragraphs)


def safe_name(name: str) -> str:
    """A file's name without a path, without controls, and without marks that make `exe.pdf` read the other way round."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(char for char in bare if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    return _one_line(kept)[-_LONGEST_NAME:].strip() or _UNNAMED


def _safe_type(type_: str) -> str:
    """A type whose content is plain bytes: nested messages would be parsed, and a wrong type would not."""
    kind, slash, subtype = type_.strip().lower().partition("/")
    plain = slash and kind in ("application", "audio", "font", "image", "text", "video")
    token = all(char.isascii() and (char.isalnum() or char in "!#$&^_.+-") for char in subtype)
    return f"{kind}/{subtype}" if plain and subtype and token else "application/octet-stream"


def _addresses(header: object) -> list[Address]:
    return [
        Address(name=str(getattr(held, "display_name", "")), email=str(getattr(held, "addr_spec", "")).lower())
        for held in getattr(header, "addresses", ())
    ]


def _header(address: Address) -> HeaderAddress:
    local, _, domain = _one_line(address.email).rpartition("@")
    return HeaderAddress(display_name=_one_line(address.name), username=local, domain=domain)


def _one_line(value: str) -> str:
    """A line break in a header would start another header."""
    return " ".join(value.split())
