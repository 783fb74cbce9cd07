"""Reading mail: one filter for the timeline, the search, the exhaustive scan and the health of a customer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session, defer

from crm import schema
from crm.errors import NotFound
from crm.mail import Address, Attachment

Direction = Literal["inbound", "outbound"]
_PAGE = 500  # ids in one statement


@dataclass(frozen=True, kw_only=True)
class KeywordMark:
    term: str
    form: str
    start: int
    end: int
    negated: bool
    hypothetical: bool
    sentence: str


@dataclass(frozen=True, kw_only=True)
class StoredMail:
    """A mail on a timeline. `sent_at` is aware UTC; `links` maps a customer's name to the rule that put it there."""

    id: str
    gmail_id: str
    gmail_thread_id: str
    mailbox: str
    sent_at: datetime
    direction: Direction
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    subject: str
    snippet: str
    new_text: str
    text: str
    html: str
    language: str
    tone: str
    tone_confidence: float
    tone_sentences: tuple[str, ...]
    tone_by: str
    automatic: bool
    bulk: bool
    attachments: tuple[Attachment, ...]
    keywords: tuple[KeywordMark, ...]
    customer_ids: tuple[int, ...]
    links: tuple[tuple[str, str, str], ...]  # (customer, rule, detail)
    rfc_message_id: str
    references: tuple[str, ...]

    @property
    def shared(self) -> bool:
        return len(self.customer_ids) > 1

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """(name, text) of every attachment whose text was read and loaded."""
        return tuple((held.name, held.text) for held in self.attachments if held.text)

    @property
    def customers(self) -> tuple[str, ...]:
        return tuple(name for name, _, _ in self.links)


@dataclass(frozen=True, kw_only=True)
class MailFilter:
    """Which mails. `since` is inclusive, `until` exclusive, both aware; empty collections mean "any".

    `people` are addresses: a mail passes when one of them is its sender or recipient.
    """

    customer_ids: Collection[int] = ()
    people: Collection[str] = ()
    sent_by: Collection[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    direction: Direction | None = None
    tone: str | None = None
    keyword: str | None = None
    with_attachment: bool = False
    thread_of: str | None = None
    human_only: bool = False


def visible(workspace_id: int, *, found_by_id: bool = False) -> ColumnElement[bool]:
    """On a timeline: linked to a customer, its body read, and still in somebody's mailbox.

    `found_by_id` keeps SQLite, which knows no numbers of rows, from walking through all mails of the workspace instead.
    """
    workspace = func.coalesce(schema.Mail.workspace_id, 0) if found_by_id else schema.Mail.workspace_id
    linked = exists().where(schema.Link.mail_id == schema.Mail.id)
    kept = exists().where(schema.Message.mail_id == schema.Mail.id, schema.Message.status == "stored")
    return and_(workspace == workspace_id, schema.Mail.has_body, linked, kept)


def where(workspace_id: int, chosen: MailFilter, *, found_by_id: bool = False) -> ColumnElement[bool]:
    """The SQL condition of a filter, visibility included; `found_by_id` as in `visible`."""
    mail = schema.Mail
    conditions = [visible(workspace_id, found_by_id=found_by_id or bool(chosen.customer_ids))]
    if chosen.customer_ids:
        theirs = select(schema.Link.mail_id).where(schema.Link.customer_id.in_(chosen.customer_ids))
        conditions.append(mail.id.in_(theirs))
    if chosen.people:
        conditions.append(
            exists().where(schema.Participant.mail_id == mail.id, schema.Participant.email.in_(chosen.people))
        )
    if chosen.sent_by:
        conditions.append(mail.sender_email.in_(chosen.sent_by))
    if chosen.since:
        conditions.append(mail.sent_at >= chosen.since)
    if chosen.until:
        conditions.append(mail.sent_at < chosen.until)
    if chosen.direction:
        conditions.append(mail.direction == chosen.direction)
    if chosen.tone:
        conditions.append(mail.tone == chosen.tone)
    if chosen.keyword:
        hit = schema.MailKeyword
        conditions.append(exists().where(hit.mail_id == mail.id, hit.term == chosen.keyword, hit.negated == false()))
    if chosen.with_attachment:
        conditions.append(exists().where(schema.MailAttachment.mail_id == mail.id))
    if chosen.human_only:
        conditions += [mail.automatic == false(), mail.bulk == false()]
    if chosen.thread_of:
        conditions.append(mail.id.in_(_conversation(chosen.thread_of)))
    return and_(*conditions)


def _conversation(mail_id: str) -> Select[tuple[str | None]]:
    """Mails that share a Gmail thread with this one, in any mailbox that holds it."""
    here, there = schema.Message, schema.Message.__table__.alias("there")
    return (
        select(there.c.mail_id)
        .join(here, and_(here.mailbox_id == there.c.mailbox_id, here.gmail_thread_id == there.c.gmail_thread_id))
        .where(here.mail_id == mail_id)
    )


def list_mails(
    session: Session,
    workspace_id: int,
    chosen: MailFilter,
    *,
    newest_first: bool = False,
    limit: int | None = None,
    offset: int = 0,
    files: bool = False,
) -> tuple[StoredMail, ...]:
    """The mails that pass, in order of time. `files` loads the texts of their attachments too."""
    order = (
        (schema.Mail.sent_at.desc(), schema.Mail.id.desc()) if newest_first else (schema.Mail.sent_at, schema.Mail.id)
    )
    query = select(schema.Mail).where(where(workspace_id, chosen)).order_by(*order).offset(offset).limit(limit)
    return _views(session, workspace_id, session.scalars(query).all(), files=files)


def count_mails(session: Session, workspace_id: int, chosen: MailFilter) -> int:
    """Along the timelines, which hold the visible mails with all that most filters ask for."""
    if chosen.people or chosen.sent_by or chosen.thread_of or chosen.human_only or chosen.with_attachment:
        return session.scalar(select(func.count()).select_from(schema.Mail).where(where(workspace_id, chosen))) or 0
    row, customer = schema.TimelineRow, schema.Customer
    theirs = select(customer.id).where(customer.workspace_id == workspace_id)
    if chosen.customer_ids:
        theirs = theirs.where(customer.id.in_(chosen.customer_ids))
    conditions = [row.customer_id.in_(theirs), row.facet == (f"w:{chosen.keyword}" if chosen.keyword else "")]
    if chosen.since:
        conditions.append(row.sent_at >= chosen.since)
    if chosen.until:
        conditions.append(row.sent_at < chosen.until)
    if chosen.direction:
        conditions.append(row.direction == chosen.direction)
    if chosen.tone:
        conditions.append(row.tone == chosen.tone)
    # Mails of several customers stand on the timeline of each; the others are counted without looking at them.
    alone = select(func.count()).select_from(row).where(*conditions, row.shared.is_(False))
    shared = select(func.count(row.mail_id.distinct())).where(*conditions, row.shared.is_(True))
    return (session.scalar(alone) or 0) + (session.scalar(shared) or 0)


def read_texts(session: Session, workspace_id: int, chosen: MailFilter) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """What each mail that passes says, oldest first: its id, and ("", subject), ("", new text) and (name, text) of its files."""
    mail, held, content = schema.Mail, schema.MailAttachment, schema.AttachmentText
    order = (mail.sent_at, mail.id)
    passing = select(mail.id, mail.subject, mail.new_text).where(where(workspace_id, chosen)).order_by(*order)
    for page in session.execute(passing.execution_options(yield_per=_PAGE)).partitions():
        attached = (
            select(held.mail_id, held.name, content.text)
            .join(content, content.attachment_id == held.id)
            .where(held.mail_id.in_([mail_id for mail_id, _, _ in page]), held.status.in_(("done", "partial")))
            .order_by(held.id)
        )
        files: dict[str, list[tuple[str, str]]] = {}
        for mail_id, name, text in session.execute(attached):
            files.setdefault(mail_id, []).append((name, text))
        for mail_id, subject, new_text in page:
            yield mail_id, [("", subject), ("", new_text), *files.get(mail_id, ())]


def get_mail(session: Session, workspace_id: int, mail_id: str) -> StoredMail:
    """A visible mail by its id or by any copy's Gmail id. Raises `NotFound`."""
    copy = exists().where(schema.Message.mail_id == schema.Mail.id, schema.Message.gmail_id == mail_id)
    query = select(schema.Mail).where(visible(workspace_id), or_(schema.Mail.id == mail_id, copy)).limit(1)
    row = session.scalar(query)
    if row is None:
        raise NotFound(mail_id, sentence="That mail is not on any timeline here.")
    return _views(session, workspace_id, [row], files=True)[0]


def get_mails(session: Session, workspace_id: int, mail_ids: Collection[str]) -> dict[str, StoredMail]:
    """Visible mails by id; ids that are not visible are absent."""
    query = select(schema.Mail).where(visible(workspace_id, found_by_id=True), schema.Mail.id.in_(mail_ids))
    return {mail.id: mail for mail in _views(session, workspace_id, session.scalars(query).all(), files=True)}


def get_heads(session: Session, workspace_id: int, mail_ids: Collection[str]) -> dict[str, StoredMail]:
    """The same without what the mails say: their `text`, `new_text` and `html` are "", only the snippet is read."""
    if not mail_ids:
        return {}
    row = schema.Mail
    unread = [
        defer(held, raiseload=True) for held in (row.text, row.html, row.new_text, row.quoted_text, row.signature)
    ]
    # By their ids alone: with `visible` SQLite would rather read all mail of the workspace.
    found = session.scalars(select(row).where(row.id.in_(mail_ids)).options(*unread)).all()
    shown = [mail for mail in found if mail.workspace_id == workspace_id and _is_visible(mail)]
    # A session that has such a mail already gives it as it is; a view without bodies is the same either way.
    return {mail.id: mail for mail in _views(session, workspace_id, shown, bodies=False)}


def _is_visible(mail: schema.Mail) -> bool:
    return mail.has_body and bool(mail.links) and any(copy.status == "stored" for copy in mail.copies)


def thread_of(session: Session, workspace_id: int, mail_id: str) -> tuple[StoredMail, ...]:
    """The whole visible conversation of a mail, oldest first."""
    return list_mails(session, workspace_id, MailFilter(thread_of=mail_id), files=True)


def _views(
    session: Session, workspace_id: int, rows: Sequence[schema.Mail], *, files: bool = False, bodies: bool = True
) -> tuple[StoredMail, ...]:
    if not rows:
        return ()
    names = {
        row.id: row.name
        for row in session.execute(
            select(schema.Customer.id, schema.Customer.name).where(schema.Customer.workspace_id == workspace_id)
        )
    }
    boxes = {
        row.id: row.email
        for row in session.execute(
            select(schema.Mailbox.id, schema.Mailbox.email).where(schema.Mailbox.workspace_id == workspace_id)
        )
    }
    texts = _file_texts(session, rows) if files else {}
    return tuple(_view(row, names, boxes, texts, bodies=bodies) for row in rows)


def _file_texts(session: Session, rows: Sequence[schema.Mail]) -> dict[int, str]:
    """Attachment id → text, of the attachments that were read."""
    read = [held.id for row in rows for held in row.attachments if held.status in ("done", "partial")]
    found: dict[int, str] = {}
    for begin in range(0, len(read), _PAGE):
        wanted = schema.AttachmentText.attachment_id.in_(read[begin : begin + _PAGE])
        found |= {
            held.attachment_id: held.text for held in session.scalars(select(schema.AttachmentText).where(wanted))
        }
    return found


def _view(
    row: schema.Mail, names: dict[int, str], boxes: dict[int, str], texts: dict[int, str], *, bodies: bool
) -> StoredMail:
    def people(kind: str) -> tuple[Address, ...]:
        chosen = sorted((held for held in row.participants if held.kind == kind), key=lambda held: held.id)
        return tuple(Address(name=held.name, email=held.email) for held in chosen)

    copy = min((held for held in row.copies if held.status == "stored"), key=lambda held: held.id)
    links = sorted((names[link.customer_id], link.rule, link.detail) for link in row.links)
    return StoredMail(
        id=row.id,
        gmail_id=copy.gmail_id,
        gmail_thread_id=copy.gmail_thread_id,
        mailbox=boxes[copy.mailbox_id],
        sent_at=row.sent_at,
        direction="outbound" if row.direction == "outbound" else "inbound",
        sender=Address(name=row.sender_name, email=row.sender_email),
        to=people("to"),
        cc=people("cc"),
        reply_to=people("reply_to"),
        subject=row.subject,
        snippet=row.snippet,
        new_text=row.new_text if bodies else "",
        text=row.text if bodies else "",
        html=row.html if bodies else "",
        language=row.language,
        tone=row.tone,
        tone_confidence=row.tone_confidence,
        tone_sentences=tuple(row.tone_sentences),
        tone_by=row.tone_by,
        automatic=row.automatic,
        bulk=row.bulk,
        attachments=tuple(
            Attachment(
                name=held.name, size=held.size, type=held.type, status=held.status, text=texts.get(held.id, "")
            )
            for held in row.attachments
        ),
        keywords=tuple(
            KeywordMark(
                term=held.term, form=held.form, start=held.start, end=held.end, negated=held.negated,
                hypothetical=held.hypothetical, sentence=held.sentence,
            )
            for held in sorted(row.keywords, key=lambda held: held.start)
        ),
        customer_ids=tuple(sorted(link.customer_id for link in row.links)),
        links=tuple(links),
        rfc_message_id=row.rfc_message_id,
        references=tuple(row.references),
    )  # fmt: skip
