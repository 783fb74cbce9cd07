"""Real and tortured mail: no exception, and the headers that the standard library's own header registry reads."""

from __future__ import annotations

import email
from collections.abc import Iterator
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from pathlib import Path

from crm.mail import ParsedMail
from evals.understanding import real_data
from evals.understanding.score import Score, absent
from gmail.mime import parse

FOLDERS = ("mime", "enron", "spamassassin")
LEAST_HEADERS = 0.99
_FAILED = "unreadable structure"


def measure(sample: int | None = None) -> list[Score]:
    """For each folder the share of files read without a failure inside, and the share of headers that agree."""
    return [score for folder in FOLDERS for score in _folder(folder, sample)]


def _folder(folder: str, sample: int | None) -> list[Score]:
    paths = real_data.sample(real_data.files(folder), sample)
    if not paths:
        return [absent(f"{folder}/read", folder), absent(f"{folder}/headers", folder)]
    failed: list[str] = []
    compared, differ = 0, []
    for path in paths:
        raw = path.read_bytes()
        mail = parse(raw)
        if _FAILED in (mail.error or ""):
            failed.append(path.name)
        for name, agrees in agreements(raw, mail):
            compared += 1
            if not agrees:
                differ.append(f"{_short(path)} {name}")
    return [
        _share(f"{folder}/read", failed, len(paths), 1.0),
        _share(f"{folder}/headers", differ, compared, LEAST_HEADERS),
    ]


def _share(part: str, wrong: list[str], size: int, least: float) -> Score:
    value = 1 - len(wrong) / max(1, size)
    return Score(part=part, measure="share", value=value, least=least, size=size, language="any", wrong=tuple(wrong))


def _short(path: Path) -> str:
    return "/".join(path.parts[-2:])


def agreements(raw: bytes, mail: ParsedMail) -> Iterator[tuple[str, bool]]:
    """Yield each header and attachment name the standard library reads soundly, and whether we read the same.

    What it cannot read (raw 8-bit bytes, defective addresses and dates) is left out: there it is no measure.
    """
    try:
        yield from _compared(_standard(raw), mail)
    except (MessageError, ValueError, AttributeError, LookupError, TypeError):
        return


def _standard(raw: bytes) -> EmailMessage:
    raw = raw.lstrip()
    if raw.startswith(b"From "):
        raw = raw.partition(b"\n")[2]
    return email.message_from_bytes(raw, policy=policy.default)


def _compared(standard: EmailMessage, mail: ParsedMail) -> Iterator[tuple[str, bool]]:
    subject = _flat(standard["subject"])
    if subject and _is_sound(subject):
        yield "Subject", mail.subject == subject
    senders = _emails(standard, "from")
    if senders and all(map(_is_sound, senders)):
        yield "From", mail.sender is not None and mail.sender.email == senders[0]
    recipients = _emails(standard, "to")
    if recipients and all(map(_is_sound, recipients)):
        yield "To", [address.email for address in mail.to] == recipients
    instant = _instant(standard)
    if instant is not None:
        yield "Date", mail.date == instant
    attached = {attachment.name for attachment in mail.attachments}
    for name in _names(standard):
        yield f"attachment {name}", name in attached


def _flat(value: object) -> str:
    return " ".join(str(value or "").split())


def _is_sound(text: str) -> bool:
    """Neither a replacement for an unreadable byte nor a byte passed through."""
    return not any(character == "\ufffd" or "\udc80" <= character <= "\udcff" for character in text)


def _emails(standard: EmailMessage, name: str) -> list[str]:
    found = [address for header in standard.get_all(name) or () for address in header.addresses]
    return list(dict.fromkeys(address.addr_spec.lower() for address in found if address.username and address.domain))


def _instant(standard: EmailMessage) -> datetime | None:
    header = standard["date"]
    found = header.datetime if header is not None else None
    if not isinstance(found, datetime):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _names(standard: EmailMessage) -> Iterator[str]:
    """The names of parts that are attached; a mail that is one named text is read, not attached."""
    if not standard.is_multipart():
        return
    waiting = list(standard.iter_parts())
    while waiting:
        part = waiting.pop()
        if part.get_content_maintype() == "multipart":
            waiting.extend(part.iter_parts())
            continue
        name = _flat(part.get_filename() or "")
        if name and _is_sound(name) and not name.startswith("C:") and "/" not in name:
            yield name
