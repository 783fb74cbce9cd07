"""Mail as text for a model: each one behind its own reference, marked as material and not as instruction."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from crm.mails import StoredMail

REFERENCE = 8  # hex digits of a mail id: enough to be unique among the mails of one answer
_LONGEST = 2400  # characters of one mail's new text
_MARKER = re.compile(r"<(?=\s*/?\s*mail\b)", re.IGNORECASE)
_REFERENCE = re.compile(r"\[(?=\s*m\s*:)", re.IGNORECASE)


def reference(mail_id: str) -> str:
    """How an answer cites a mail: `[m:1a2b3c4d]`."""
    return f"[m:{mail_id[:REFERENCE]}]"


def inert(text: str) -> str:
    """Words of a mail in one of our lines: its own markers and references are broken up, and no line break is left."""
    return " ".join(_unmarked(text).split())


def _unmarked(text: str) -> str:
    return _REFERENCE.sub("(", _MARKER.sub("‹", text))


def heading(mail: StoredMail, zone: ZoneInfo) -> str:
    """One line: reference, local time, direction, people, customers, subject, marks."""
    recipients = inert(", ".join(person.name or person.email for person in mail.to))
    marks = [mark for mark, on in (("automatic", mail.automatic), ("bulk", mail.bulk), ("shared", mail.shared)) if on]
    marks += [f"tone {mail.tone}"] if mail.tone else []
    marks += [inert(f"attachments: {', '.join(file.name for file in mail.attachments)}")] if mail.attachments else []
    return " · ".join(
        [
            f"{reference(mail.id)} {mail.sent_at.astimezone(zone):%Y-%m-%d %H:%M}",
            f"{inert(mail.sender.name or mail.sender.email)} <{mail.sender.email}> → {recipients}",
            "/".join(mail.customers),
            f"“{inert(mail.subject)}”",
            *marks,
        ]
    )


def document(mail: StoredMail, zone: ZoneInfo) -> str:
    """Heading and new text between markers that a mail cannot forge: its own markers are broken up."""
    text = _unmarked(mail.new_text)
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + " […]"
    return f"{heading(mail, zone)}\n<mail>\n{text}\n</mail>"


def documents(mails: Iterable[StoredMail], zone: ZoneInfo) -> str:
    return "\n\n".join(document(mail, zone) for mail in mails)


def read_artifact(kind: str, mails: Iterable[StoredMail], **more: Any) -> dict[str, Any]:
    """What the graph remembers of a call: which mails were read, in order, and plain figures."""
    return {"kind": kind, "mails": [mail.id for mail in mails], **more}
