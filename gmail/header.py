"""Mail headers to text, addresses, ids and dates, however broken they arrive."""

import base64
import binascii
import inspect
import quopri
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime

from crm.mail import Address
from gmail import charset

_ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=")
_COMMAS = re.compile(r",[\s,]+")
_FOLD = re.compile(r"[\r\n]+[ \t]*")
# It begins where a word begins: from every letter of a long word it would not be linear.
_EMAIL = re.compile(r"(?<![^\s<>\"(),:;\[\]])[^\s<>\"(),:;\[\]]{1,250}@[^\s<>\"(),:;]{1,250}")
_MESSAGE_ID = re.compile(r"<([^<>]{1,990})>")
# Newer Pythons refuse a whole header for one doubtful address; a mail in hand is read as far as it goes.
_LENIENT = {"strict": False} if "strict" in inspect.signature(getaddresses).parameters else {}
# No real header is longer, nor all of one name together; the standard parsers are not linear in it.
_LONGEST = 256 * 1024
_LONGEST_ADDRESS = 320  # 64 + "@" + 255, RFC 3696 (3); a longer one is nobody's


def text(value: str) -> str:
    """Return a header's value as readable text: unfolded, raw 8-bit bytes and RFC 2047 words decoded."""
    return " ".join(_words(unfold(value)).split())


def unfold(value: str) -> str:
    """Join folded lines; bytes outside ASCII (surrogates from the parser) become letters."""
    value = value[:_LONGEST]
    if any("\udc80" <= character <= "\udcff" for character in value):
        value = charset.decode(value.encode("utf-8", "surrogateescape"), None)[0]
    return _FOLD.sub(" ", value).strip()


def _words(value: str) -> str:
    """Decode RFC 2047 words; neighbours in one charset are joined first, for a letter may be split
    between them.
    """
    if "=?" not in value:
        return value
    out: list[str] = []
    pending, label, end = b"", "", 0
    for match in _ENCODED_WORD.finditer(value):
        between = value[end : match.start()]
        adjacent = bool(label) and not between.strip()
        if not (adjacent and match[1].lower() == label):
            out.append(charset.decode(pending, label or None)[0])
            pending = b""
        if not adjacent:
            out.append(between)
        pending, label, end = pending + _word_bytes(match[2], match[3]), match[1].lower(), match.end()
    out.append(charset.decode(pending, label or None)[0])
    return "".join(out) + value[end:]


def _word_bytes(encoding: str, content: str) -> bytes:
    raw = content.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(raw.replace(b"_", b"=20"))
    try:
        return base64.b64decode(raw + b"=" * (-len(raw.rstrip(b"=")) % 4))
    except (binascii.Error, ValueError):
        return raw


def addresses(values: Iterable[str]) -> tuple[Address, ...]:
    """Return every address of one or several headers, in order, without repeats; groups are opened."""
    found: dict[str, Address] = {}
    left = _LONGEST
    for value in values:
        value = unfold(value)[:left]
        left -= len(value)
        for name, raw in _pairs(_COMMAS.sub(", ", value)):
            email = _words(raw).strip().strip("<>'\"").lower()
            if " " in email and (bare := _EMAIL.search(email)):
                name, email = name or email[: bare.start()].title(), bare[0]
            if "@" in email and len(email) <= _LONGEST_ADDRESS and not any(map(str.isspace, email)):
                found.setdefault(email, Address(name=" ".join(_words(name).strip("'\" ").split()), email=email))
    return tuple(found.values())


def _pairs(value: str) -> list[tuple[str, str]]:
    try:
        pairs = getaddresses([value], **_LENIENT)
    except (RecursionError, ValueError, IndexError, TypeError, AttributeError):
        pairs = []
    if any("@" in email for _, email in pairs):
        return pairs
    return [("", email) for email in _EMAIL.findall(_words(value))]


def message_ids(value: str) -> tuple[str, ...]:
    """Return the ids of References, In-Reply-To or Message-ID with their angle brackets."""
    value = unfold(value)
    found = _MESSAGE_ID.findall(value)
    if not found:
        found = [word for word in value.split() if "@" in word]
    return tuple(dict.fromkeys(f"<{''.join(word.split())}>" for word in found if word.strip()))


def date(value: str) -> datetime | None:
    """Return the instant in UTC, or None where it cannot be read; a date without a zone is taken as UTC."""
    value = unfold(value)[:200]
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            parsed = read(value)
            return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
            continue
    return None
