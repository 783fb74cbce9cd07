"""RFC 822 bytes to a parsed mail: never raises, linear in the size of the mail."""

import base64
import quopri
import re
from datetime import datetime
from email import policy
from email.errors import (
    InvalidBase64CharactersDefect,
    InvalidBase64LengthDefect,
    MultipartInvariantViolationDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
from email.header import Header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.utils import collapse_rfc2231_value

from crm.mail import ParsedMail
from crm.signals import automatic
from gmail import body, header
from gmail.html import sanitise, to_text
from gmail.newtext import split
from gmail.part import Part

_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)
# The standard parser tests every line against every open boundary: this bounds the product.
_MOST_WORK = 10_000_000
# As Outlook and its kin write it in the three languages, and their neighbours.
_FORWARDED = re.compile(r"\W*(?:fwd?|rv|enc|tr|wg|i|vs|reenv(?:[íi]o|iado)?|encaminhad[oa])\s*:", re.IGNORECASE)
_LONGEST_PARAMETERS = 8192
# As deep as a message of the Gmail API is read.
_DEEPEST = 100
_TOKEN = re.compile(r"[\w-]+")
_DEFECTS = {
    StartBoundaryNotFoundDefect: "a multipart whose boundary never appears",
    NoBoundaryInMultipartDefect: "a multipart without a boundary",
    MultipartInvariantViolationDefect: "a multipart without parts",
    InvalidBase64CharactersDefect: "damaged base64",
    InvalidBase64LengthDefect: "truncated base64",
}
# Lower-cased names, or beginnings of names, that tell automatic and bulk mail.
_TELLING = ("auto-submitted", "precedence", "list-", "x-auto", "x-mail-auto", "x-fc-machine", "x-failed-recipients", "feedback-id",
"x-mailer",
            "return-path", "from", "x-campaign", "x-loop", "x-ms-exchange-inbox-rules-loop")  # fmt: skip


class _Lenient(policy.Compat32):
    """Gives the parameter parser, which is not linear, bounded values, and unfolded ones: a boundary may be folded."""

    def header_fetch_parse(self, name: str, value: str) -> str | Header:  # type: ignore[override]
        if name.lower() in ("content-type", "content-disposition"):
            return header.unfold(value)[:_LONGEST_PARAMETERS]
        if name.lower() == "content-transfer-encoding":
            return (_TOKEN.search(value[:_LONGEST_PARAMETERS]) or [""])[0]
        return super().header_fetch_parse(name, value)


_LENIENT = _Lenient()


def parse(raw: bytes) -> ParsedMail:
    """Return the mail in `raw`; what is malformed is read as far as possible and named in `error`."""
    errors: list[str] = []
    try:
        return assemble(_tree(raw, errors), errors=errors)
    except Exception as error:  # noqa: BLE001 — a mail is never lost to a parser: its source is shown as its text
        errors.append(f"unreadable structure ({type(error).__name__})")
    return assemble(_flat(raw), errors=errors)


def assemble(root: Part, *, errors: list[str], received: datetime | None = None) -> ParsedMail:
    """Return the parsed mail of a message's tree; `received`, where known, is trusted before the Date
    header.
    """
    content = body.read(root)
    text = content.plain.strip() or (to_text(content.html) if content.html else "")
    subject = header.text(root.header("subject"))
    forwarded = bool(_FORWARDED.match(subject))
    parts = split(text, content.html, forwarded=forwarded)
    telling = _telling(root)
    is_automatic, is_bulk = automatic.classify(
        telling, subject, parts.new_text, "" if forwarded else f"{parts.new_text}\n{parts.signature}"
    )
    sender = header.addresses(root.header_values("from")) or header.addresses(root.header_values("sender"))
    reply = header.message_ids(root.header("in-reply-to"))
    own = header.message_ids(root.header("message-id"))
    return ParsedMail(
        message_id=own[0] if own else None,
        subject=subject,
        sender=sender[0] if sender else None,
        to=header.addresses(root.header_values("to")),
        cc=header.addresses(root.header_values("cc")),
        bcc=header.addresses(root.header_values("bcc")),
        reply_to=header.addresses(root.header_values("reply-to")),
        date=received or header.date(root.header("date")),
        in_reply_to=reply[0] if reply else None,
        references=header.message_ids(" ".join(root.header_values("references"))),
        headers=telling,
        charset=content.charset,
        text=_paragraphs(text, content.forwarded),
        html=sanitise(content.html) if content.html else None,
        new_text=_paragraphs(parts.new_text, content.forwarded),
        quoted_text=parts.quoted_text,
        signature=parts.signature,
        attachments=content.attachments,
        automatic=is_automatic,
        bulk=is_bulk,
        error="; ".join(dict.fromkeys(errors)) or None,
    )


def _paragraphs(*pieces: str) -> str:
    return "\n\n".join(piece for piece in pieces if piece)


def _telling(root: Part) -> dict[str, str]:
    """Return the headers that tell automatic and bulk mail; `content-type` is a calendar part's where
    there is one.
    """
    telling = {
        key.lower(): header.text(value) for key, value in reversed(root.headers) if key.lower().startswith(_TELLING)
    }
    calendar = (part.header("content-type") for part in root.walk() if part.type == "text/calendar")
    telling["content-type"] = header.text(next(calendar, root.header("content-type")))
    return telling


def _tree(raw: bytes, errors: list[str], *, attached: bool = False, depth: int = 0) -> Part:
    raw = _without_envelope(raw)
    if not raw.strip():
        errors.append("an empty mail")
    boundaries = len(_BOUNDARY.findall(raw))
    if boundaries > 50 and boundaries * raw.count(b"\n") > _MOST_WORK:
        errors.append("too many nested parts")
        return _flat(raw)
    try:
        message = BytesParser(policy=_LENIENT).parsebytes(raw)
    except RecursionError:
        errors.append("too many nested parts")
        return _flat(raw)
    if not message.keys():
        errors.append("a mail without headers")
    return _part(message, errors, attached=attached, depth=depth)


def _without_envelope(raw: bytes) -> bytes:
    """Drop blank lines and an mbox "From " line before the headers."""
    raw = raw.lstrip(b"\r\n \t").removeprefix(b"\xef\xbb\xbf")
    return raw.partition(b"\n")[2] if raw.startswith((b"From ", b">From ")) else raw


def _flat(raw: bytes) -> Part:
    """The headers, and everything behind them as one text."""
    raw = _without_envelope(raw)
    headers, content = re.split(rb"\r?\n\r?\n", raw, maxsplit=1) if re.search(rb"\r?\n\r?\n", raw) else (raw, b"")
    message = BytesHeaderParser(policy=_LENIENT).parsebytes(headers)
    return Part(type="text/plain", size=len(content), content=content, headers=tuple(message.raw_items()))


def _part(message: Message, errors: list[str], *, attached: bool, depth: int) -> Part:
    """`attached`: below an attached mail, whose own size is all that is shown and holds those of its parts."""
    headers = tuple(message.raw_items())
    children: tuple[Part, ...] = ()
    content: bytes | None = None
    kind = message.get_content_type()
    if message.is_multipart() and kind != "message/delivery-status":
        is_mail = kind.startswith("message/")
        children = _children(message, errors, attached=attached or is_mail, depth=depth + 1)
        size = _source_size(message) if is_mail and not attached else 0
    else:
        content = _content(message)
        size = len(content)
    if kind == "message/rfc822" and depth < _DEEPEST and (encoded := content or _encoded(message)):
        children = (_tree(encoded, errors, attached=True, depth=depth + 1),)
    errors.extend(_DEFECTS[type(defect)] for defect in message.defects if type(defect) in _DEFECTS)
    if kind.startswith("multipart/") and not children:
        kind = "text/plain"
    return Part(
        type=kind,
        charset=_parameter(message, "charset"),
        filename=_filename(message),
        disposition=_disposition(message),
        content_id=message.get("content-id"),
        size=size,
        content=content,
        children=children,
        headers=headers,
        flowed=(_parameter(message, "format") or "").lower() == "flowed",
        delete_space=(_parameter(message, "delsp") or "").lower() == "yes",
    )


def _children(message: Message, errors: list[str], *, attached: bool, depth: int) -> tuple[Part, ...]:
    if depth > _DEEPEST:
        errors.append("too many nested parts")
        return ()
    found = (child for child in message.get_payload() if isinstance(child, Message))
    return tuple(_part(child, errors, attached=attached, depth=depth) for child in found)


def _content(message: Message) -> bytes:
    payload = message.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    blocks = (child for child in message.get_payload() if isinstance(child, Message))
    return "\n".join(map(_block, blocks)).encode("utf-8", "replace")


def _block(status: Message) -> str:
    """A block of a delivery status (RFC 3464) as it was written; the generator refuses malformed fields."""
    fields = "".join(f"{name}: {value}\n" for name, value in status.raw_items())
    payload = status.get_payload()
    return f"{fields}\n{payload}" if isinstance(payload, str) and payload else fields


def _encoded(message: Message) -> bytes | None:
    """The source of an attached mail that was sent encoded, against the standard: the parser took it for a body."""
    coding = str(message.get("content-transfer-encoding", "")).lower()
    if coding not in ("base64", "quoted-printable"):
        return None
    inner = message.get_payload(0)
    if not isinstance(inner, Message) or inner.keys() or inner.is_multipart():
        return None
    text = str(inner.get_payload()).encode("utf-8", "surrogateescape")
    try:
        return base64.b64decode(text) if coding == "base64" else quopri.decodestring(text)
    except ValueError:
        return None


def _source_size(message: Message) -> int:
    """The bytes of an attached mail; the generator fails on some malformed ones."""
    try:
        return sum(len(child.as_bytes()) for child in message.get_payload() if isinstance(child, Message))
    except Exception:  # noqa: BLE001 — the generator raises KeyError, UnicodeError, TypeError and more on malformed trees
        return 0


def _parameter(message: Message, name: str) -> str | None:
    try:
        value = message.get_param(name)
    except (ValueError, TypeError, IndexError, LookupError):
        return None
    if isinstance(value, tuple):
        value = value[2]
    return value.strip() if value else None


def _filename(message: Message) -> str | None:
    """The file's name by RFC 2231, which is the better one where both are given, or by RFC 2047 as many write it."""
    try:
        given = [*(message.get_params((), "content-disposition") or ()), *(message.get_params(()) or ())]
        international = (
            value for key, value in given if key.lower() in ("filename", "name") and isinstance(value, tuple)
        )
        name = next((collapse_rfc2231_value(value) for value in international), None) or message.get_filename()
    except (ValueError, TypeError, IndexError, LookupError):
        name = None
    return header.text(name) if name else None


def _disposition(message: Message) -> str | None:
    try:
        return message.get_content_disposition()
    except (ValueError, TypeError, IndexError, AttributeError):
        return None
