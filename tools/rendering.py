"""Mail as text for a model: each one behind its own reference, marked as material and not as instruction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from crm.folding import fold
from crm.index.chunks import chunks
from crm.mails import StoredMail
from crm.notice import Notice
from crm.signals.lexicon import in_every_language

_SHOWN = 2
REFERENCE = 8  # hex digits of a mail id: enough to be unique among the mails of one answer
_LONGEST = 2400  # characters of one mail's new text
_LONGEST_FILE = 1600  # … and of each of its files
_MARKER = re.compile(r"<(?=\s*/?\s*(?:mail|attachment)\b)", re.IGNORECASE)
_REFERENCE = re.compile(r"\[(?=\s*m\s*:)", re.IGNORECASE)


def reference(mail_id: str) -> str:
    """How an answer cites a mail: `[m:1a2b3c4d]`."""
    return f"[m:{mail_id[:REFERENCE]}]"


def latest(mail_ids: Sequence[str]) -> list[str]:
    """The mails that a reason is shown with: the newest two, of ids in order of time."""
    return list(mail_ids)[-_SHOWN:]


def noticed(notice: Notice) -> dict[str, Any]:
    """What a customer wrote about leaving, as an artifact holds it."""
    return {
        "mail_ids": [notice.mail_id],
        "sent_at": notice.sent_at.isoformat(),
        "sender": notice.sender,
        "sentence": notice.sentence,
        "hypothetical": notice.hypothetical,
    }


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


def document(mail: StoredMail, zone: ZoneInfo, topic: str = "") -> str:
    """Heading, new text and files between markers that a mail cannot forge: its own markers are broken up.

    Of a long file the passages that share most words with `topic` are shown.
    """
    text = _unmarked(mail.new_text)
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + " […]"
    attached = "".join(
        f"\n<attachment {inert(name)}>\n{_unmarked(_passages(said, topic))}\n</attachment>" for name, said in mail.files
    )
    return f"{heading(mail, zone)}\n<mail>\n{text}{attached}\n</mail>"


def documents(mails: Iterable[StoredMail], zone: ZoneInfo, topic: str = "") -> str:
    return "\n\n".join(document(mail, zone, topic) for mail in mails)


def _passages(text: str, topic: str) -> str:
    """A file as it fits: whole, or its chunks nearest to the topic by words, in their order."""
    if len(text) <= _LONGEST_FILE:
        return text
    pieces = chunks("", text)
    wanted = {form for word in topic.split() for form in map(fold, in_every_language(word))}
    score = [sum(form in fold(piece) for form in wanted) for piece in pieces]
    chosen, room = set[int](), _LONGEST_FILE
    for place in sorted(range(len(pieces)), key=lambda place: (-score[place], place)):
        if len(pieces[place]) > room:
            break
        chosen.add(place)
        room -= len(pieces[place])
    return " […]\n".join(pieces[place] for place in sorted(chosen)) + " […]"


def read_artifact(kind: str, mails: Iterable[StoredMail], **more: Any) -> dict[str, Any]:
    """What the graph remembers of a call: which mails were read, in order, and plain figures."""
    return {"kind": kind, "mails": [mail.id for mail in mails], **more}
