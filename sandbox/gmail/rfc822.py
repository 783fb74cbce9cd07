"""Reading the header block of any mail, however broken: fast, and without ever raising."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import decode_header
from email.utils import parsedate_to_datetime

Headers = Sequence[tuple[str, bytes]]

# A mail without any readable date: fixed, so that two loads of one folder are equal.
UNDATED_MS = 1_577_836_800_000  # 2020-01-01T00:00:00Z

_NAME = re.compile(rb"([!-9;-~]+)[ \t]*:[ \t]*")
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_ENCODED_RUN = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=(?:\s+=\?[^?\s]+\?[bBqQ]\?[^?]*\?=)*")
# Every pattern runs in linear time: an unclosed quotation mark reaches to the end.
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"?')
_NO_ADDRESS = re.compile(r"""[\s<>,;:"()\[\]\\]+""")
_MESSAGE_ID = re.compile(r"<([^<>]+)>")
_PREFIXES = re.compile(r"(?:(?:re|fwd?|rv|res|enc|aw|wg|tr|antw) ?(?:\[\d+\] ?)?: ?)*", re.IGNORECASE)
_ADDRESS_HEADERS = frozenset({"from", "to", "cc", "bcc", "reply-to", "sender", "resent-to", "resent-from"})
_SPECIALS = frozenset('()<>[]:;@\\,."')


@dataclass(frozen=True, kw_only=True)
class Head:
    """What threading, labelling and delivery need of a mail. Addresses are lower case; ids come without brackets."""

    sender: tuple[str, ...]
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    subject: str
    message_id: str
    references: tuple[str, ...]
    date_ms: int | None
    labels: str | None
    thread: str

    @property
    def recipients(self) -> tuple[str, ...]:
        return (*self.to, *self.cc, *self.bcc)


def headers_of(raw: bytes) -> list[tuple[str, bytes]]:
    """(name, unfolded raw value) in order, up to the first line that is empty or no header."""
    found: list[tuple[str, bytes]] = []
    position = envelope_end(raw)
    while position < len(raw):
        end = _line_end(raw, position)
        match = _NAME.match(raw, position, end)
        if match is None:
            break
        while end < len(raw) and raw[end : end + 1] in (b" ", b"\t"):
            end = _line_end(raw, end)
        value = _FOLD.sub(b"", raw[match.end() : end].rstrip(b"\r\n"))
        found.append((match[1].decode("ascii"), value))
        position = end
    return found


def envelope_end(raw: bytes) -> int:
    """Where the mail begins: behind an mbox `From ` line, if there is one."""
    return _line_end(raw, 0) if raw.startswith(b"From ") else 0


def without_header(raw: bytes, name: str) -> bytes:
    """The mail with every header called `name` cut out, byte for byte otherwise."""
    kept = bytearray()
    position = 0
    while position < len(raw):
        end = _line_end(raw, position)
        match = _NAME.match(raw, position, end)
        if match is None:
            break
        while end < len(raw) and raw[end : end + 1] in (b" ", b"\t"):
            end = _line_end(raw, end)
        if match[1].decode("ascii").lower() != name.lower():
            kept += raw[position:end]
        position = end
    return bytes(kept) + raw[position:]


def head_of(raw: bytes) -> Head:
    headers = headers_of(raw)
    values: dict[str, bytes] = {}
    for name, value in headers:
        values.setdefault(name.lower(), value)
    identifiers = _MESSAGE_ID.findall(text(values.get("message-id")))
    references = _MESSAGE_ID.findall(text(values.get("references")))
    references += _MESSAGE_ID.findall(text(values.get("in-reply-to")))
    labels = values.get("x-gmail-labels")
    return Head(
        sender=addresses(headers, "from"),
        to=addresses(headers, "to"),
        cc=addresses(headers, "cc"),
        bcc=addresses(headers, "bcc"),
        subject=decoded(values.get("subject")),
        message_id=identifiers[0].strip() if identifiers else "",
        references=tuple(dict.fromkeys(item.strip() for item in references)),
        date_ms=_date_ms(values),
        labels=None if labels is None else decoded(labels),
        thread=text(values.get("x-gmail-thread-id")).strip(),
    )


def first(headers: Headers, name: str) -> bytes | None:
    return next((value for key, value in headers if key.lower() == name), None)


def addresses(headers: Headers, name: str) -> tuple[str, ...]:
    """Every address in every header called `name`, lower case, each once."""
    found: dict[str, None] = {}
    for key, value in headers:
        if key.lower() == name:
            plain = text(value).lower()
            words = _NO_ADDRESS.split(_QUOTED.sub(" ", plain)) if '"' in plain else _NO_ADDRESS.split(plain)
            found.update(dict.fromkeys(word for word in words if "@" in word[1:-1]))
    return tuple(found)


def text(value: bytes | None) -> str:
    """Header bytes as text: UTF-8 when they are, else Windows-1252."""
    if value is None:
        return ""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def decoded(value: bytes | None, *, name: str = "") -> str:
    """A header value with its encoded words (RFC 2047) decoded; an address header stays parseable."""
    plain = text(value)
    if "=?" not in plain:
        return plain
    is_address = name.lower() in _ADDRESS_HEADERS

    def replace(match: re.Match[str]) -> str:
        words = _decoded_words(match[0])
        if not is_address or not _SPECIALS.intersection(words):
            return words
        escaped = words.replace("\\", "\\\\").replace('"', '\\"')
        is_inside_quotes = plain.count('"', 0, match.start()) % 2 == 1
        return escaped if is_inside_quotes else f'"{escaped}"'

    return _ENCODED_RUN.sub(replace, plain)


def base_subject(subject: str) -> str:
    """The subject without reply and forward prefixes, case and extra spaces."""
    return _PREFIXES.sub("", " ".join(subject.split()), count=1).casefold()


def _decoded_words(run: str) -> str:
    try:
        pieces = decode_header(run)
    except ValueError:  # includes damaged base64
        return run
    words = []
    for piece, charset in pieces:
        if isinstance(piece, str):
            words.append(piece)
            continue
        try:
            words.append(piece.decode(charset or "ascii"))
        except (LookupError, UnicodeError):
            words.append(text(piece))
    return "".join(words)


def _date_ms(values: Mapping[str, bytes]) -> int | None:
    dated = parse_date_ms(text(values.get("date")))
    if dated is not None:
        return dated
    return parse_date_ms(text(values.get("received")).rpartition(";")[2])


def parse_date_ms(value: str) -> int | None:
    """Unix milliseconds of an RFC 5322 date (without a zone: UTC), never before 1970; None when unreadable."""
    try:
        moment = parsedate_to_datetime(value.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0, int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _line_end(raw: bytes, position: int) -> int:
    newline = raw.find(b"\n", position)
    return len(raw) if newline < 0 else newline + 1
