"""Writing what Gmail said into rows. Everything here is an upsert: doing it twice changes nothing (S7)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from crm import schema
from crm.association import Directory, Match, associate
from crm.mail import Address, ParsedMail
from ingestion.analysis import Analysis

NO_CUSTOMER = "no_customer"
DOUBTED = "doubted"  # marks a pending row whose message may no longer exist
_HIDING_LABELS = {"DRAFT": "draft", "TRASH": "trash", "SPAM": "spam", "CHAT": "chat"}
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


def hidden_by(label_ids: Iterable[str]) -> str:
    """Why Gmail's labels keep a mail off the timeline, or ""."""
    return next((_HIDING_LABELS[label] for label in sorted(label_ids) if label in _HIDING_LABELS), "")


def addresses_of(mail: ParsedMail) -> tuple[str, ...]:
    """Sender and recipients. Reply-To is left out: anybody can write anything there."""
    people = ((mail.sender,) if mail.sender else ()) + mail.to + mail.cc + mail.bcc
    return tuple(dict.fromkeys(person.email for person in people))


def add_pending(session: Session, mailbox: schema.Mailbox, gmail_ids: Iterable[str]) -> int:
    """Make ids durable before anything passes them. Known ones are skipped; returns how many are new to this mailbox."""
    wanted = list(dict.fromkeys(gmail_ids))
    known = set(_known(session, schema.Message, mailbox.id, wanted)) | set(
        _known(session, schema.Pending, mailbox.id, wanted)
    )
    fresh = [gmail_id for gmail_id in wanted if gmail_id not in known]
    session.add_all(schema.Pending(mailbox_id=mailbox.id, gmail_id=gmail_id) for gmail_id in fresh)
    mailbox.listed_total += len(fresh)
    return len(fresh)


def fetch_again(session: Session, mailbox_id: int, gmail_ids: Iterable[str]) -> None:
    """Queue messages that are already stored: their labels or their customers changed."""
    wanted = set(gmail_ids)
    queued = set(_known(session, schema.Pending, mailbox_id, sorted(wanted)))
    session.add_all(schema.Pending(mailbox_id=mailbox_id, gmail_id=gmail_id) for gmail_id in sorted(wanted - queued))
    # one that waits only for a listing to show it must be fetched whatever the listing shows
    session.execute(
        update(schema.Pending)
        .where(schema.Pending.mailbox_id == mailbox_id, schema.Pending.gmail_id.in_(wanted & queued))
        .where(schema.Pending.error == DOUBTED)
        .values(error="")
    )


def doubt(session: Session, mailbox: schema.Mailbox) -> None:
    """Queue every known message of the window, for a listing to confirm: what it does not show is asked for by id."""
    copies = session.execute(
        select(schema.Message.gmail_id, schema.Mail.sent_at)
        .outerjoin(schema.Mail, schema.Mail.id == schema.Message.mail_id)
        .where(schema.Message.mailbox_id == mailbox.id, schema.Message.status != "deleted")
    ).all()
    start = mailbox.window_start
    inside = [gmail_id for gmail_id, sent_at in copies if sent_at is None or start is None or sent_at >= start]
    queued = set(session.scalars(select(schema.Pending.gmail_id).where(schema.Pending.mailbox_id == mailbox.id)))
    session.add_all(
        schema.Pending(mailbox_id=mailbox.id, gmail_id=gmail_id, error=DOUBTED)
        for gmail_id in inside
        if gmail_id not in queued
    )


def confirm(session: Session, mailbox_id: int, gmail_ids: Collection[str]) -> None:
    """A listing shows them, so they still exist. Those that labels hid stay queued: a listing shows no spam or trash."""
    hidden = select(schema.Message.gmail_id).where(
        schema.Message.mailbox_id == mailbox_id, schema.Message.reason.in_(_HIDING_LABELS.values())
    )
    session.execute(
        delete(schema.Pending).where(
            schema.Pending.mailbox_id == mailbox_id,
            schema.Pending.error == DOUBTED,
            schema.Pending.gmail_id.in_(gmail_ids),
            schema.Pending.gmail_id.not_in(hidden),
        )
    )


def thread_customers(session: Session, mailbox_id: int, thread_ids: Collection[str]) -> dict[str, dict[int, Match]]:
    """Customers of each Gmail thread of this mailbox, as the links its mails would inherit."""
    query = (
        select(schema.Message.gmail_thread_id, schema.Link.customer_id)
        .join(schema.Link, schema.Link.mail_id == schema.Message.mail_id)
        .where(
            schema.Message.mailbox_id == mailbox_id,
            schema.Message.gmail_thread_id.in_(thread_ids),
            schema.Link.rule != "thread",
        )
        .distinct()
    )
    found: dict[str, dict[int, Match]] = {}
    for thread_id, customer_id in session.execute(query):
        found.setdefault(thread_id, {})[customer_id] = Match(customer_id=customer_id, rule="thread", detail=thread_id)
    return found


def save_message(
    session: Session, mailbox: schema.Mailbox, fetched: Fetched, matches: Sequence[Match], own: Collection[str]
) -> schema.Message:
    """Upsert the mailbox's copy, the canonical mail and its links; the pending row goes in the same transaction."""
    copy = _copy(session, mailbox.id, fetched.gmail_id)
    copy.gmail_thread_id, copy.label_ids = fetched.gmail_thread_id, sorted(fetched.label_ids)
    reason = hidden_by(fetched.label_ids)
    if reason:
        copy.status, copy.reason = "filtered", reason
    else:
        mail = _save_mail(session, mailbox, fetched, own)
        copy.mail_id = mail.id
        elsewhere = [_as_match(link) for link in mail.links if link.rule in ("domain", "contact")]
        shared = any(other.mailbox_id != mailbox.id and other.status == "stored" for other in mail.copies)
        # another mailbox's copy may name people that this one hides (Bcc): what it justified stays
        set_links(mail, [*matches, *(elsewhere if shared else ())], threads=[fetched.gmail_thread_id])
        copy.status, copy.reason = ("stored", "") if mail.links else ("filtered", NO_CUSTOMER)
    _done(session, mailbox.id, fetched.gmail_id)
    session.flush()
    return copy


def set_links(mail: schema.Mail, matches: Sequence[Match], *, threads: Collection[str]) -> None:
    """Make the mail's links equal to `matches`, except for those that are not this mailbox's to judge.

    A human's own link always stays, and so does one that came with a thread other than `threads`: another mailbox may
    hold the part of a conversation that names the customer.
    """
    wanted = {match.customer_id: match for match in matches}
    before = {(link.customer_id, link.rule) for link in mail.links}
    mail.links = [
        link
        for link in mail.links
        if link.customer_id in wanted or link.rule == "manual" or (link.rule == "thread" and link.detail not in threads)
    ]
    held = {link.customer_id: link for link in mail.links}
    for customer_id, match in wanted.items():
        link = held.get(customer_id)
        if link is None:
            mail.links.append(schema.Link(customer_id=customer_id, rule=match.rule, detail=match.detail))
        elif link.rule != "manual":
            link.rule, link.detail = match.rule, match.detail
    if {(link.customer_id, link.rule) for link in mail.links} != before:
        mail.outdate()


def spread_threads(session: Session, mailbox: schema.Mailbox, thread_ids: Collection[str]) -> int:
    """Once a thread belongs to a customer, all its messages in this mailbox do (S4).

    Messages without a body are queued to be fetched again. Returns how many.
    """
    again = 0
    for thread_id, customers in sorted(thread_customers(session, mailbox.id, thread_ids).items()):
        copies = session.scalars(
            select(schema.Message).where(
                schema.Message.mailbox_id == mailbox.id,
                schema.Message.gmail_thread_id == thread_id,
                schema.Message.mail_id.is_not(None),
                schema.Message.status != "deleted",
            )
        ).all()
        for copy in copies:
            if copy.mail is None or hidden_by(copy.label_ids):
                continue
            missing = set(customers) - {link.customer_id for link in copy.mail.links}
            if missing and copy.mail.has_body:
                kept = [_as_match(link) for link in copy.mail.links]
                set_links(copy.mail, [*kept, *(customers[customer_id] for customer_id in sorted(missing))], threads=())
                copy.status, copy.reason = "stored", ""
            elif missing:
                fetch_again(session, mailbox.id, [copy.gmail_id])
                again += 1
    session.flush()
    return again


def forget_message(session: Session, mailbox: schema.Mailbox, gmail_id: str) -> None:
    """Gmail deleted it: a tombstone without body stays, so that it is not imported again (S6)."""
    copy = _copy(session, mailbox.id, gmail_id)
    copy.status, copy.reason = "deleted", "deleted"
    _done(session, mailbox.id, gmail_id)
    session.flush()
    if copy.mail is not None and all(other.status == "deleted" for other in copy.mail.copies):
        erase_body(copy.mail)


def erase_body(mail: schema.Mail) -> None:
    """Keep the row, drop all it said."""
    mail.has_body = False
    mail.text = mail.html = mail.new_text = mail.quoted_text = mail.signature = mail.snippet = ""
    mail.tone, mail.tone_confidence, mail.tone_sentences, mail.tone_by = "", 0.0, [], ""
    mail.keywords, mail.links = [], []


def reassociate(session: Session, mailbox: schema.Mailbox, directory: Directory) -> int:
    """Apply changed customers or contacts to what is already known (S8). Returns how many messages are queued."""
    copies = session.scalars(
        select(schema.Message).where(
            schema.Message.mailbox_id == mailbox.id,
            schema.Message.mail_id.is_not(None),
            schema.Message.status != "deleted",
        )
    ).all()
    again: list[str] = []
    threads = {copy.gmail_thread_id for copy in copies}
    shown = [(copy, copy.mail) for copy in copies if copy.mail is not None and not hidden_by(copy.label_ids)]
    for copy, mail in shown:
        people = [person.email for person in mail.participants if person.kind != "reply_to"]
        set_links(mail, associate(people, directory), threads=threads)
        if mail.links and not mail.has_body:
            again.append(copy.gmail_id)
    session.flush()
    spread = spread_threads(session, mailbox, threads)
    for copy, mail in shown:
        if not mail.links:
            copy.status, copy.reason = "filtered", NO_CUSTOMER
            if mail.has_body:
                erase_body(mail)
        elif mail.has_body:
            copy.status, copy.reason = "stored", ""
    fetch_again(session, mailbox.id, again)
    return len(again) + spread


def coverage(session: Session, mailbox: schema.Mailbox) -> dict[str, Any]:
    """listed = stored + filtered by reason + quarantined + pending; `listed` is counted apart, when ids become durable."""
    counts = session.execute(
        select(schema.Message.status, schema.Message.reason, func.count())
        .where(schema.Message.mailbox_id == mailbox.id)
        .group_by(schema.Message.status, schema.Message.reason)
    ).all()
    known = select(schema.Message.gmail_id).where(schema.Message.mailbox_id == mailbox.id)
    waiting = session.execute(
        select(schema.Pending.quarantined_at.is_not(None), func.count())
        .where(schema.Pending.mailbox_id == mailbox.id, schema.Pending.gmail_id.not_in(known))
        .group_by(schema.Pending.quarantined_at.is_not(None))
    ).all()
    by_quarantine = {bool(quarantined): count for quarantined, count in waiting}
    return {
        "listed": mailbox.listed_total,
        "stored": sum(count for status, _, count in counts if status == "stored"),
        "filtered": {reason: count for status, reason, count in sorted(counts) if status != "stored"},
        "quarantined": by_quarantine.get(True, 0),
        "pending": by_quarantine.get(False, 0),
    }


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
    mail.sender_name, mail.sender_email = sender.name, sender.email
    outbound = "SENT" in fetched.label_ids or sender.email in own
    mail.direction = "outbound" if outbound else "inbound"
    mail.automatic, mail.bulk = parsed.automatic, parsed.bulk
    _merge_participants(mail, parsed, alone=all(copy.mailbox_id == mailbox.id for copy in mail.copies))
    mail.attachments = [
        schema.MailAttachment(name=held.name, size=held.size, type=held.type) for held in parsed.attachments
    ]
    if fetched.analysis is not None:
        _save_body(mail, parsed, fetched.analysis)
    return mail


def _merge_participants(mail: schema.Mail, parsed: ParsedMail, *, alone: bool) -> None:
    """The union over all copies: only the sender's own copy shows the Bcc."""
    found = {(kind, person.email): person.name for kind, people in _people(parsed).items() for person in people}
    kept = [] if alone else [held for held in mail.participants if (held.kind, held.email) not in found]
    mail.participants = [
        *kept,
        *(schema.Participant(kind=kind, email=email, name=name) for (kind, email), name in found.items()),
    ]


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


def _done(session: Session, mailbox_id: int, gmail_id: str) -> None:
    session.execute(
        delete(schema.Pending).where(schema.Pending.mailbox_id == mailbox_id, schema.Pending.gmail_id == gmail_id)
    )


def _known(
    session: Session, table: type[schema.Message] | type[schema.Pending], mailbox_id: int, gmail_ids: Sequence[str]
) -> Sequence[str]:
    return session.scalars(
        select(table.gmail_id).where(table.mailbox_id == mailbox_id, table.gmail_id.in_(gmail_ids))
    ).all()


def _as_match(link: schema.Link) -> Match:
    rule = link.rule if link.rule in ("domain", "contact", "thread", "manual") else "thread"
    return Match(customer_id=link.customer_id, rule=rule, detail=link.detail)  # type: ignore[arg-type]
