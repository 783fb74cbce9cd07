"""Writing a reply as RFC 5322 bytes: threading headers, plain text and HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from crm.mail import Address

DRAFT_HEADER = "X-LealUp-Draft"


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
    return message.as_bytes()


def to_html(text: str) -> str:
    """Paragraphs and line breaks, everything else escaped: a draft can't carry active content."""
    paragraphs = [part for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    return "\n".join(f"<p>{html.escape(part.strip()).replace(chr(10), '<br>')}</p>" for part in paragraphs)


def _header(address: Address) -> HeaderAddress:
    local, _, domain = _one_line(address.email).rpartition("@")
    return HeaderAddress(display_name=_one_line(address.name), username=local, domain=domain)


def _one_line(value: str) -> str:
    """A line break in a header would start another header."""
    return " ".join(value.split())
