"""The parsed mail: what every room of the house knows about one message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Address:
    """One mailbox of a header; `email` is lower-cased."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """Name, decoded size in bytes and MIME type; the content stays where the mail is stored.

    `status` is empty while the content is not read, `done`, `partial` (text kept up to a limit), or why there is no text.
    `text` is the content's text where it was read and asked for.
    """

    name: str
    size: int
    type: str
    status: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class ParsedMail:
    """One message, read.

    `date` is aware and in UTC. `headers` holds, under lower-cased names, only those headers that tell
    automatic
    and bulk mail. `text` is everything a human can read, `html` the sanitised markup for display, and
    `new_text`,
    `quoted_text` and `signature` are the parts of `text`. `error` says what was malformed; the other
    fields then
    hold what could be saved.
    """

    message_id: str | None
    subject: str
    sender: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    date: datetime | None
    in_reply_to: str | None
    references: tuple[str, ...]
    headers: Mapping[str, str]
    charset: str | None
    text: str
    html: str | None
    new_text: str
    quoted_text: str
    signature: str
    attachments: tuple[Attachment, ...]
    automatic: bool
    bulk: bool
    error: str | None
