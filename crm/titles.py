"""What people sign with: the job title below their name, read from their own latest mails."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import schema
from crm.customers import Contact
from crm.folding import fold
from crm.mails import MailFilter, list_mails
from crm.signals.injection import speaks_to_an_assistant

_LATEST = 6  # mails of one person that are looked at: a short reply is often not signed
_TAIL = 10  # lines at the end of a mail where its sender may sign
_BELOW = 2  # lines below the name
_LONGEST = 70  # characters of a title
_PIECES = re.compile(r"\s*(?:[|·•,/]| [-–—] )\s*")
_NO_TITLE = re.compile(r"\d{3}|@|https?:|www\.|[?!:]|\.\s|\.$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Title:
    """`text` as signed ("Chief Financial Officer"); `mail_id` is the newest mail signed so."""

    text: str
    mail_id: str


def signed_titles(
    session: Session, workspace_id: int, contacts: Iterable[Contact], *, until: datetime
) -> dict[str, Title]:
    """The title of each contact that signs with one, by address; of mails before `until` (aware)."""
    found = {contact.email: _title_of(session, workspace_id, contact, until) for contact in contacts if contact.name}
    return {email: title for email, title in found.items() if title}


def _title_of(session: Session, workspace_id: int, contact: Contact, until: datetime) -> Title | None:
    theirs = MailFilter(customer_ids=(contact.customer_id,), sent_by=(contact.email,), until=until)
    mails = list_mails(session, workspace_id, theirs, newest_first=True, limit=_LATEST)
    query = select(schema.Mail.id, schema.Mail.signature).where(schema.Mail.id.in_([mail.id for mail in mails]))
    signatures = {row.id: row.signature for row in session.execute(query)}
    for mail in mails:
        title = title_in(f"{mail.new_text}\n{signatures.get(mail.id, '')}", contact.name, contact.customer)
        if title:
            return Title(text=title, mail_id=mail.id)
    return None


def title_in(text: str, name: str, company: str) -> str:
    """The title somebody called `name` signs with at the end of a mail, without the name of the company; "" for none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()][-_TAIL:]
    for place in range(len(lines) - 1, -1, -1):
        if not _is_name(_PIECES.split(lines[place])[0], name):
            continue
        beside = _PIECES.split(lines[place])[1:]
        for line in ([" · ".join(beside)] if beside else []) + lines[place + 1 : place + 1 + _BELOW]:
            title = _title(line, company)
            if title:
                return title
    return ""


def _is_name(line: str, name: str) -> bool:
    """The full name, with or without a second surname."""
    signed, known = fold(line).split(), fold(name).split()
    return len(signed) > 1 and signed[: len(known)] == known and len(signed) <= len(known) + 2


def _title(line: str, company: str) -> str:
    """The pieces of a line that are no company, address or number."""
    if len(line) > _LONGEST or _NO_TITLE.search(line) or speaks_to_an_assistant(line):
        return ""
    of_company = set(re.findall(r"\w{3,}", fold(company)))
    pieces = [
        piece for piece in _PIECES.split(line) if piece and not of_company & set(re.findall(r"\w{3,}", fold(piece)))
    ]
    return pieces[0] if pieces else ""
