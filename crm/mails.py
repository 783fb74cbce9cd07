"""Reading mail: one filter for the timeline, the search, the exhaustive scan and the health of a customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy import BindParameter, ColumnElement, Row, Select, and_, bindparam, exists, false, func, or_, select
from sqlalchemy.orm import Session

from crm import schema
from crm.errors import NotFound
from crm.mail import Address, Attachment
from crm.slices import slices

Direction = Literal["inbound", "outbound"]
_PAGE = 500  # mails whose texts are held at once
_Statement = Select[*tuple[Any, ...]]
_Row = Row[*tuple[Any, ...]]

_MAIL, _COPY, _PERSON, _MARK, _FILE = (
    schema.Mail, schema.Message, schema.Participant, schema.MailKeyword, schema.MailAttachment,
)  # fmt: skip
_HEAD = (
    _MAIL.id, _MAIL.sent_at, _MAIL.direction, _MAIL.sender_name, _MAIL.sender_email, _MAIL.subject, _MAIL.snippet,
    _MAIL.language, _MAIL.tone, _MAIL.tone_confidence, _MAIL.tone_sentences, _MAIL.tone_by, _MAIL.automatic, _MAIL.bulk,
    _MAIL.rfc_message_id, _MAIL.references,
)  # fmt: skip
_WHOLE = (*_HEAD, _MAIL.new_text, _MAIL.text, _MAIL.html)
# Statements that are built once are also compiled and keyed once.
_THESE: BindParameter[list[Any]] = bindparam("these", expanding=True)
_LINKS: _Statement = (
    select(schema.Link.mail_id, schema.Link.customer_id, schema.Customer.name, schema.Link.rule, schema.Link.detail)
    .join(schema.Customer, schema.Customer.id == schema.Link.customer_id)
    .where(schema.Link.mail_id.in_(_THESE))
)
_COPIES: _Statement = (
    select(_COPY.mail_id, _COPY.gmail_id, _COPY.gmail_thread_id, schema.Mailbox.email)
    .join(schema.Mailbox, schema.Mailbox.id == _COPY.mailbox_id)
    .where(_COPY.mail_id.in_(_THESE), _COPY.status == "stored")
    .order_by(_COPY.id)
)
_PEOPLE: _Statement = (
    select(_PERSON.mail_id, _PERSON.kind, _PERSON.name, _PERSON.email)
    .where(_PERSON.mail_id.in_(_THESE))
    .order_by(_PERSON.id)
)
_MARKS: _Statement = (
    select(
        _MARK.mail_id, _MARK.term, _MARK.form, _MARK.start, _MARK.end, _MARK.negated, _MARK.hypothetical, _MARK.sentence
    )
    .where(_MARK.mail_id.in_(_THESE))
    .order_by(_MARK.start, _MARK.id)
)
_FILES: _Statement = (
    select(_FILE.mail_id, _FILE.id, _FILE.name, _FILE.size, _FILE.type, _FILE.status)
    .where(_FILE.mail_id.in_(_THESE))
    .order_by(_FILE.id)
)
_TEXTS = select(schema.AttachmentText.attachment_id, schema.AttachmentText.text).where(
    schema.AttachmentText.attachment_id.in_(_THESE)
)
_HEADS_BY_ID, _BY_ID = (
    select(*columns).where(
        # By their ids alone: with `visible` SQLite would rather read all mail of the workspace.
        func.coalesce(_MAIL.workspace_id, 0) == bindparam("workspace"),
        _MAIL.has_body,
        _MAIL.id.in_(_THESE),
    )
    for columns in (_HEAD, _WHOLE)
)


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

    `people` are addresses: a mail passes when one of them is its sender or recipient. Mails from the domains `not_from` do not.
    """

    customer_ids: Collection[int] = ()
    people: Collection[str] = ()
    sent_by: Collection[str] = ()
    not_from: Collection[str] = ()
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
    """The SQL condition of a filter, visibility included; `found_by_id` as in `visible`: for a few mails that are named."""
    mail = schema.Mail
    conditions = [visible(workspace_id, found_by_id=found_by_id or bool(chosen.customer_ids))]
    if chosen.customer_ids:
        theirs = select(schema.Link.mail_id).where(schema.Link.customer_id.in_(chosen.customer_ids))
        # Which of few mails are theirs is asked of each: a list of all that is theirs may be long.
        linked = theirs.where(schema.Link.mail_id == mail.id).exists() if found_by_id else mail.id.in_(theirs)
        conditions.append(linked)
    if chosen.people:
        conditions.append(
            exists().where(schema.Participant.mail_id == mail.id, schema.Participant.email.in_(chosen.people))
        )
    if chosen.sent_by:
        conditions.append(mail.sender_email.in_(chosen.sent_by))
    conditions += [~mail.sender_email.endswith(f"@{domain}", autoescape=True) for domain in chosen.not_from]
    conditions += narrowed(mail, chosen)
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


class Narrowing(Protocol):
    """What a mail and its row on a timeline are narrowed by alike: `since` is inclusive, `until` exclusive; empty is any."""

    @property
    def since(self) -> datetime | None: ...
    @property
    def until(self) -> datetime | None: ...
    @property
    def direction(self) -> Direction | None: ...
    @property
    def tone(self) -> str | None: ...


def narrowed(row: type[schema.Mail | schema.TimelineRow], chosen: Narrowing) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.since:
        conditions.append(row.sent_at >= chosen.since)
    if chosen.until:
        conditions.append(row.sent_at < chosen.until)
    if chosen.direction:
        conditions.append(row.direction == chosen.direction)
    if chosen.tone:
        conditions.append(row.tone == chosen.tone)
    return conditions


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
    query = select(*_WHOLE).where(where(workspace_id, chosen)).order_by(*order).offset(offset).limit(limit)
    return _views(session, session.execute(query).all(), files=files)


def first_sent_at(session: Session, workspace_id: int) -> datetime | None:
    """When the oldest mail on any timeline was sent, aware UTC; None where there is none."""
    query = select(_MAIL.sent_at).where(where(workspace_id, MailFilter())).order_by(_MAIL.sent_at).limit(1)
    return session.scalar(query)


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
    query = select(*_WHOLE).where(visible(workspace_id), or_(schema.Mail.id == mail_id, copy)).limit(1)
    found = _views(session, session.execute(query).all(), files=True)
    if not found:
        raise NotFound(mail_id, sentence="That mail is not on any timeline here.")
    return found[0]


def get_mails(session: Session, workspace_id: int, mail_ids: Collection[str]) -> dict[str, StoredMail]:
    """Visible mails by id; ids that are not visible are absent."""
    found = _views(session, _by_id(session, workspace_id, _BY_ID, mail_ids), files=True)
    return {mail.id: mail for mail in found}


def get_heads(session: Session, workspace_id: int, mail_ids: Collection[str]) -> dict[str, StoredMail]:
    """The same without what the mails say: their `text`, `new_text` and `html` are "", only the snippet is read."""
    return {mail.id: mail for mail in _views(session, _by_id(session, workspace_id, _HEADS_BY_ID, mail_ids))}


def _by_id(session: Session, workspace_id: int, statement: _Statement, mail_ids: Collection[str]) -> list[_Row]:
    return [
        row
        for piece in slices(mail_ids)
        for row in session.execute(statement, {"workspace": workspace_id, "these": piece})
    ]


def thread_of(session: Session, workspace_id: int, mail_id: str) -> tuple[StoredMail, ...]:
    """The whole visible conversation of a mail, oldest first."""
    return list_mails(session, workspace_id, MailFilter(thread_of=mail_id), files=True)


def _views(session: Session, rows: Sequence[_Row], *, files: bool = False) -> tuple[StoredMail, ...]:
    """The rows with all that belongs to them, one statement each; a mail without a customer or a copy is on no timeline.

    Columns, not objects: of these a session would make a dozen a mail, which takes longer than reading them.
    """
    ids = [row.id for row in rows]
    links, copies, people, marks, attached = (
        _belonging(session, statement, ids) for statement in (_LINKS, _COPIES, _PEOPLE, _MARKS, _FILES)
    )
    texts = _file_texts(session, attached) if files else {}
    return tuple(
        _view(row, links[row.id], copies[row.id], people[row.id], marks[row.id], attached[row.id], texts)
        for row in rows
        if links[row.id] and copies[row.id]
    )


def _belonging(session: Session, statement: _Statement, mail_ids: Collection[str]) -> defaultdict[str, list[_Row]]:
    """Mail id → the rows of the statement that are its own, in the statement's order."""
    found: defaultdict[str, list[_Row]] = defaultdict(list)
    for piece in slices(mail_ids):
        for row in session.execute(statement, {"these": piece}):
            found[row[0]].append(row)
    return found


def _file_texts(session: Session, attached: Mapping[str, Sequence[_Row]]) -> dict[int, str]:
    """Attachment id → text, of the attachments that were read."""
    read = [held.id for rows in attached.values() for held in rows if held.status in ("done", "partial")]
    return {
        attachment_id: text
        for piece in slices(read)
        for attachment_id, text in session.execute(_TEXTS, {"these": piece})
    }


def _view(
    row: _Row, links: Sequence[_Row], copies: Sequence[_Row], people: Sequence[_Row],
    marks: Sequence[_Row], attached: Sequence[_Row], texts: Mapping[int, str],
) -> StoredMail:  # fmt: skip
    def to(kind: str) -> tuple[Address, ...]:
        return tuple(Address(name=held.name, email=held.email) for held in people if held.kind == kind)

    said = row._mapping
    return StoredMail(
        id=row.id,
        gmail_id=copies[0].gmail_id,
        gmail_thread_id=copies[0].gmail_thread_id,
        mailbox=copies[0].email,
        sent_at=row.sent_at,
        direction="outbound" if row.direction == "outbound" else "inbound",
        sender=Address(name=row.sender_name, email=row.sender_email),
        to=to("to"),
        cc=to("cc"),
        reply_to=to("reply_to"),
        subject=row.subject,
        snippet=row.snippet,
        new_text=said.get("new_text", ""),
        text=said.get("text", ""),
        html=said.get("html", ""),
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
            for held in attached
        ),
        keywords=tuple(
            KeywordMark(
                term=held.term, form=held.form, start=held.start, end=held.end, negated=held.negated,
                hypothetical=held.hypothetical, sentence=held.sentence,
            )
            for held in marks
        ),
        customer_ids=tuple(sorted(link.customer_id for link in links)),
        links=tuple(sorted((link.name, link.rule, link.detail) for link in links)),
        rfc_message_id=row.rfc_message_id,
        references=tuple(row.references),
    )  # fmt: skip
