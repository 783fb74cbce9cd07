"""Writing what Gmail said into rows. Everything here is an upsert: doing it twice changes nothing (S7)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import schema
from crm.association import Match
from crm.domains import canonical_address
from crm.mail import Address, ParsedMail
from ingestion.analysis import Analysis
from ingestion.judgement import Case, Verdict
from ingestion.pending import done
from ingestion.placement import as_match, erase_body, is_kept, place
from ingestion.reasons import DELETED, NO_CUSTOMER, hidden_by

_SENDER_NAME = 200
_SNIPPET = 160  # characters


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """One message on its way into the store; `analysis` is None while only metadata was read."""

    gmail_id: str
    gmail_thread_id: str
    label_ids: tuple[str, ...]
    date_header: str
    mail: ParsedMail
    analysis: Analysis | None = None


def addresses_of(mail: ParsedMail) -> tuple[str, ...]:
    """Sender and recipients. Reply-To is left out: anybody can write anything there."""
    people = ((mail.sender,) if mail.sender else ()) + mail.to + mail.cc + mail.bcc
    return tuple(dict.fromkeys(canonical_address(person.email) for person in people))


def case_of_fetched(mailbox: schema.Mailbox, fetched: Fetched) -> Case:
    """A message on its way into the store, as it is judged."""
    return Case(
        gmail_id=fetched.gmail_id,
        thread_id=fetched.gmail_thread_id,
        mail_id=canonical_id(mailbox.workspace_id, mailbox.email, fetched),
        label_ids=fetched.label_ids,
        people=addresses_of(fetched.mail),
        sent_at=fetched.mail.date,
    )


def save_message(
    session: Session,
    mailbox: schema.Mailbox,
    fetched: Fetched,
    matches: Sequence[Match],
    own: Collection[str],
    *,
    reason: str = "",
) -> schema.Message:
    """Upsert the mailbox's copy, the canonical mail and its links; the pending row goes in the same transaction.

    `reason` says why it is on no timeline; without one and without matches it belongs to no customer.
    """
    copy = _copy(session, mailbox.id, fetched.gmail_id)
    copy.gmail_thread_id, copy.label_ids = fetched.gmail_thread_id, sorted(fetched.label_ids)
    hidden = hidden_by(fetched.label_ids)
    if hidden:
        copy.status, copy.reason = "filtered", hidden
    else:
        mail = _save_mail(session, mailbox, fetched, own)
        copy.mail = mail
        verdict = Verdict(matches=tuple(matches), reason=reason or ("" if matches else NO_CUSTOMER))
        # another mailbox's copy may name people that this one hides (Bcc): what it justified stays
        found = {match.customer_id for match in matches}
        elsewhere = [
            as_match(link)
            for link in mail.links
            if link.rule in ("domain", "contact") and link.customer_id not in found
        ]
        place(mail, copy, verdict, threads=[fetched.gmail_thread_id], elsewhere=elsewhere)
    done(session, mailbox.id, fetched.gmail_id)
    session.flush()
    return copy


def forget_message(session: Session, mailbox: schema.Mailbox, gmail_id: str) -> None:
    """Gmail deleted it: a tombstone without body stays, so that it is not imported again (S6)."""
    copy = _copy(session, mailbox.id, gmail_id)
    copy.status, copy.reason = "deleted", DELETED
    done(session, mailbox.id, gmail_id)
    session.flush()
    if copy.mail is not None and not is_kept(copy.mail):
        erase_body(copy.mail)


def canonical_id(workspace_id: int, mailbox_email: str, fetched: Fetched) -> str:
    """One id for every copy of a mail: its Message-ID with a fingerprint, because Message-IDs get reused."""
    mail = fetched.mail
    parts = [str(workspace_id)]
    if mail.message_id:
        parts += [mail.message_id, mail.sender.email if mail.sender else "", mail.subject, fetched.date_header]
    else:
        parts += [mailbox_email, fetched.gmail_id]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _save_mail(session: Session, mailbox: schema.Mailbox, fetched: Fetched, own: Collection[str]) -> schema.Mail:
    parsed = fetched.mail
    mail_id = canonical_id(mailbox.workspace_id, mailbox.email, fetched)
    mail = session.get(schema.Mail, mail_id)
    if mail is None:
        mail = schema.Mail(id=mail_id, workspace_id=mailbox.workspace_id, sent_at=_sent_at(parsed), direction="inbound")
        session.add(mail)
    sender = parsed.sender or Address(name="", email="")
    mail.rfc_message_id, mail.in_reply_to = parsed.message_id or "", parsed.in_reply_to or ""
    mail.references, mail.subject = list(parsed.references), parsed.subject
    mail.sender_name, mail.sender_email = sender.name[:_SENDER_NAME], canonical_address(sender.email)
    outbound = "SENT" in fetched.label_ids or mail.sender_email in own
    mail.direction = "outbound" if outbound else "inbound"
    mail.automatic, mail.bulk = parsed.automatic, parsed.bulk
    _merge_participants(mail, parsed, alone=all(copy.mailbox_id == mailbox.id for copy in mail.copies))
    _merge_attachments(mail, parsed)
    if fetched.analysis is not None:
        _save_body(mail, parsed, fetched.analysis)
    return mail


def _merge_participants(mail: schema.Mail, parsed: ParsedMail, *, alone: bool) -> None:
    """The union over all copies: only the sender's own copy shows the Bcc."""
    found = {
        (kind, canonical_address(person.email)): person.name
        for kind, people in _people(parsed).items()
        for person in people
    }
    kept = [] if alone else [held for held in mail.participants if (held.kind, held.email) not in found]
    mail.participants = [
        *kept,
        *(schema.Participant(kind=kind, email=email, name=name) for (kind, email), name in found.items()),
    ]


def _merge_attachments(mail: schema.Mail, parsed: ParsedMail) -> None:
    """The files as the mail names them now; a row that stays keeps what was read of its file."""
    held = list(mail.attachments)
    files: list[schema.MailAttachment] = []
    for found in parsed.attachments:
        like = (row for row in held if (row.name, row.size, row.type) == (found.name, found.size, found.type))
        row = next(like, None)
        if row is None:
            row = schema.MailAttachment(name=found.name, size=found.size, type=found.type)
        else:
            held.remove(row)
        files.append(row)
    mail.attachments = files


def _save_body(mail: schema.Mail, parsed: ParsedMail, analysis: Analysis) -> None:
    if mail.new_text != parsed.new_text:
        mail.outdate()
    mail.has_body = True
    mail.text, mail.html = parsed.text, parsed.html or ""
    mail.new_text, mail.quoted_text, mail.signature = parsed.new_text, parsed.quoted_text, parsed.signature
    mail.snippet = " ".join(parsed.new_text.split())[:_SNIPPET]
    mail.parse_error = parsed.error or ""
    mail.language = analysis.language
    if not mail.tone_by:  # a human's word is never overwritten
        tone = analysis.tone
        mail.tone = tone.label if tone else ""
        mail.tone_confidence = tone.confidence if tone else 0.0
        mail.tone_sentences = list(tone.sentences) if tone else []
    mail.keywords = [
        schema.MailKeyword(
            term=hit.term, form=hit.form, start=hit.start, end=hit.end, negated=hit.negated,
            hypothetical=hit.hypothetical, sentence=hit.sentence,
        )
        for hit in analysis.keywords
    ]  # fmt: skip


def _people(parsed: ParsedMail) -> Mapping[str, tuple[Address, ...]]:
    return {
        "from": (parsed.sender,) if parsed.sender else (),
        "to": parsed.to,
        "cc": parsed.cc,
        "bcc": parsed.bcc,
        "reply_to": parsed.reply_to,
    }


def _sent_at(parsed: ParsedMail) -> datetime:
    if parsed.date is None:
        raise ValueError("a Gmail message without internalDate")
    return parsed.date


def _copy(session: Session, mailbox_id: int, gmail_id: str) -> schema.Message:
    copy = session.scalar(
        select(schema.Message).where(schema.Message.mailbox_id == mailbox_id, schema.Message.gmail_id == gmail_id)
    )
    if copy is None:
        copy = schema.Message(mailbox_id=mailbox_id, gmail_id=gmail_id, gmail_thread_id="", status="filtered")
        session.add(copy)
    return copy
