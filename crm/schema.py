"""The relational schema. Rows are the truth; the lexical and the vector index are rebuilt from them.

Instants are aware UTC. Every table carries its workspace, directly or through its parent, and repositories filter by it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from crm.folding import UNSTORABLE

OUTDATED = datetime(1970, 1, 1, tzinfo=UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. SQLite drops time zones, so they are normalised to UTC going in and put back coming out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CleanText(TypeDecorator[str]):
    """Text from outside. PostgreSQL refuses NUL and neither database takes a lone surrogate: U+FFFD stands for them.

    One for one, so that offsets into the text stay right.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)


_EXACT = CleanText().with_variant(Text(collation="C"), "postgresql")  # ordered as Python orders


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (read by SQLAlchemy)
        datetime: UtcDateTime(),
        str: CleanText(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
    }


class Workspace(Base):
    __tablename__ = "workspaces"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    timezone: Mapped[str]
    index_attachments: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class User(Base):
    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("workspace_id", "email"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    email: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    role: Mapped[str] = mapped_column(default="csm")
    signature: Mapped[str] = mapped_column(default="", server_default="")  # below every new reply
    created_at: Mapped[datetime]


class Mailbox(Base):
    """One connected Gmail account of one user."""

    __tablename__ = "mailboxes"
    __table_args__ = (UniqueConstraint("workspace_id", "email"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    email: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(default="connected")  # connected | backfilling | syncing | slowed | disconnected
    cause: Mapped[str] = mapped_column(default="")  # why it is disconnected or slowed, for the user
    scopes: Mapped[list[str]] = mapped_column(default=list)
    sealed_token: Mapped[str] = mapped_column(default="")
    sealed_revocation: Mapped[str] = mapped_column(default="")  # a token that Google has yet to be told to revoke
    history_id: Mapped[str] = mapped_column(default="")  # uint64 as decimal text: SQL integers are signed
    pinned_history_id: Mapped[str] = mapped_column(default="")
    page_token: Mapped[str] = mapped_column(default="")
    listing_done: Mapped[bool] = mapped_column(default=False)
    listed_total: Mapped[int] = mapped_column(default=0)
    window_start: Mapped[datetime | None]  # the backfill's oldest instant
    backfill_done_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    directory_key: Mapped[str] = mapped_column(default="")  # the customers and filters the stored links were made with
    judging_key: Mapped[str] = mapped_column(default="")  # those of a re-association that is not finished,
    judged_after: Mapped[str] = mapped_column(default="")  # and the Gmail thread it has come to
    label_names: Mapped[dict[str, Any]] = mapped_column(default=dict)  # Gmail label id → name, when a filter needs them
    expired_at: Mapped[datetime | None]  # when Gmail last had forgotten the history,
    expired_again_at: Mapped[datetime | None]  # and when it last did so twice within the hour
    swept_at: Mapped[datetime | None]  # when hidden mail last left the indexes; None: something changed since
    lease_owner: Mapped[str] = mapped_column(default="")  # the process that syncs this mailbox now
    lease_until: Mapped[datetime | None]
    reading_since: Mapped[datetime | None]  # when the last sync that had mail to read began to,
    reading_from: Mapped[int] = mapped_column(default=0)  # and how many there were
    polled_at: Mapped[datetime | None]  # when a sync was last queued; empty: it is due
    created_at: Mapped[datetime]


class Worker(Base):
    """A process that runs syncs, for as long as it says that it lives (ingestion.heartbeat)."""

    __tablename__ = "workers"
    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]


class OAuthAttempt(Base):
    """A started connection: `state` is used once, within minutes, by the user who started it."""

    __tablename__ = "oauth_attempts"
    state: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    sealed_verifier: Mapped[str]
    redirect_uri: Mapped[str]
    mailbox_email: Mapped[str] = mapped_column(default="")  # the account it must bring back; "" for any
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Customer(Base):
    __tablename__ = "customers"
    __table_args__ = (UniqueConstraint("workspace_id", "name_key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    name: Mapped[str]
    name_key: Mapped[str]  # folded: lower case, no accents
    aliases: Mapped[list[str]] = mapped_column(default=list)
    arr: Mapped[float | None]  # per year, in the workspace's currency
    plan: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="active")
    renewal_date: Mapped[date | None]
    segment: Mapped[str] = mapped_column(default="")
    owner: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    domains: Mapped[list[CustomerDomain]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    contacts: Mapped[list[Contact]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class CustomerDomain(Base):
    __tablename__ = "customer_domains"
    __table_args__ = (UniqueConstraint("workspace_id", "domain"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    domain: Mapped[str]


class Contact(Base):
    __tablename__ = "contacts"
    __table_args__ = (
        UniqueConstraint("customer_id", "email"),
        Index("ix_contacts_workspace_email", "workspace_id", "email"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    name: Mapped[str]
    email: Mapped[str]
    role: Mapped[str] = mapped_column(default="")  # Champion | Stakeholder | Billing | Technical | ""


class Mail(Base):
    """One canonical mail of the workspace, however many mailboxes hold a copy of it."""

    __tablename__ = "mails"
    __table_args__ = (
        Index("ix_mails_workspace_sent", "workspace_id", "sent_at"),
        Index("ix_mails_workspace_due", "workspace_id", "has_body", "indexed_at"),  # what waits for the indexes
        Index("ix_mails_workspace_sender", "workspace_id", "direction", "sender_email", "sender_name"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    rfc_message_id: Mapped[str] = mapped_column(default="")
    in_reply_to: Mapped[str] = mapped_column(default="")
    references: Mapped[list[str]] = mapped_column(default=list)
    sent_at: Mapped[datetime]  # Gmail's internalDate of the first copy seen
    direction: Mapped[str]  # inbound | outbound
    sender_name: Mapped[str] = mapped_column(default="")  # 200 characters at most, and an address 320: they are indexed
    sender_email: Mapped[str] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(default="")
    snippet: Mapped[str] = mapped_column(default="")
    has_body: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(default="")
    html: Mapped[str] = mapped_column(default="")
    new_text: Mapped[str] = mapped_column(default="")
    quoted_text: Mapped[str] = mapped_column(default="")
    signature: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    tone: Mapped[str] = mapped_column(default="")  # positive | neutral | negative | "" when not measured
    tone_confidence: Mapped[float] = mapped_column(default=0.0)
    tone_sentences: Mapped[list[str]] = mapped_column(default=list)
    tone_by: Mapped[str] = mapped_column(default="")  # the address of the human who set it; "" when it was measured
    automatic: Mapped[bool] = mapped_column(default=False)
    bulk: Mapped[bool] = mapped_column(default=False)
    parse_error: Mapped[str] = mapped_column(default="")
    indexed_at: Mapped[datetime | None]  # searchable only when set; OUTDATED: in the indexes, to be indexed again
    participants: Mapped[list[Participant]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    attachments: Mapped[list[MailAttachment]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    keywords: Mapped[list[MailKeyword]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    links: Mapped[list[Link]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    copies: Mapped[list[Message]] = relationship(back_populates="mail", lazy="selectin")

    def outdate(self) -> None:
        """Its text or its customers changed: what the indexes hold of it must be replaced, or dropped if it is hidden."""
        if self.indexed_at is not None:
            self.indexed_at = OUTDATED


class Participant(Base):
    __tablename__ = "participants"
    __table_args__ = (Index("ix_participants_mail", "mail_id", "email"), Index("ix_participants_email", "email"))
    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[str] = mapped_column(ForeignKey("mails.id"))
    kind: Mapped[str]  # from | to | cc | bcc | reply_to
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str]


class MailAttachment(Base):
    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_mail", "mail_id"), Index("ix_attachments_status", "status"))
    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[str] = mapped_column(ForeignKey("mails.id"))
    name: Mapped[str]
    size: Mapped[int]  # decoded bytes
    type: Mapped[str]
    # "" not read | done | partial | too_large | encrypted | unreadable | timeout | unsupported | no_text | gone
    status: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    content: Mapped[AttachmentText | None] = relationship(cascade="all, delete-orphan", lazy="select")


class AttachmentText(Base):
    """What a file says, apart from its row so that a timeline does not load it."""

    __tablename__ = "attachment_texts"
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachments.id"), primary_key=True)
    text: Mapped[str]


class MailVector(Base):
    """The vectors of a mail, as they are in the index, where those of a few mails are read in milliseconds."""

    __tablename__ = "mail_vectors"
    mail_id: Mapped[str] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"), primary_key=True)
    embedder: Mapped[str]
    rows: Mapped[bytes]  # 16-bit floats, row by row


class MailKeyword(Base):
    __tablename__ = "mail_keywords"
    __table_args__ = (Index("ix_mail_keywords_mail", "mail_id"), Index("ix_mail_keywords_term", "term"))
    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[str] = mapped_column(ForeignKey("mails.id"))
    term: Mapped[str]
    form: Mapped[str]
    start: Mapped[int]  # offsets into `Mail.new_text`, in code points
    end: Mapped[int]
    negated: Mapped[bool]
    hypothetical: Mapped[bool]
    sentence: Mapped[str]


class Link(Base):
    """A mail on a customer's timeline, with the rule that put it there."""

    __tablename__ = "links"
    __table_args__ = (Index("ix_links_customer", "customer_id"),)
    mail_id: Mapped[str] = mapped_column(ForeignKey("mails.id"), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    rule: Mapped[str]  # domain | contact | thread | manual
    detail: Mapped[str]  # what matched: the domain, the address, the thread


class TimelineRow(Base):
    """A visible mail on a customer's timeline, once for each facet: "" for itself, `p:` and an address for everybody who
    wrote or received it, `w:` and a term for its critical words. Written by triggers (migration 0009), never by code.
    """

    __tablename__ = "timeline"
    __table_args__ = (Index("ix_timeline_mail", "mail_id", "customer_id", "facet"),)
    customer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    facet: Mapped[str] = mapped_column(_EXACT, primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(primary_key=True)
    mail_id: Mapped[str] = mapped_column(_EXACT, primary_key=True)
    direction: Mapped[str]
    tone: Mapped[str]
    attached: Mapped[bool] = mapped_column(default=False)
    shared: Mapped[bool] = mapped_column(default=False)
    automatic: Mapped[bool] = mapped_column(default=False)  # or bulk


class LinkChoice(Base):
    """A human's word on a mail, or on all mails of a Gmail thread, and a customer. It wins over every rule.

    Links are derived from it, so it outlives them: a body that is erased and fetched again keeps its choice.
    """

    __tablename__ = "link_choices"
    __table_args__ = (
        Index("ix_link_choices_mail", "mail_id"),
        Index("ix_link_choices_thread", "mailbox_id", "gmail_thread_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    mail_id: Mapped[str | None] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"))  # a mail …
    mailbox_id: Mapped[int | None] = mapped_column(ForeignKey("mailboxes.id"))  # … or a thread of a mailbox
    gmail_thread_id: Mapped[str] = mapped_column(default="")
    linked: Mapped[bool]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    chosen_at: Mapped[datetime]


class Note(Base):
    """What somebody of the team wrote on a customer; `mail_id` is the mail it is about."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_customer", "customer_id", "created_at"), Index("ix_notes_mail", "mail_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    mail_id: Mapped[str | None] = mapped_column(ForeignKey("mails.id", ondelete="SET NULL"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str]
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]


class PrivateThread(Base):
    """A thread of a mailbox that its owner keeps off every timeline."""

    __tablename__ = "private_threads"
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailboxes.id"), primary_key=True)
    gmail_thread_id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]


class NeverLogEntry(Base):
    """Mail with this address, domain or label is never logged: in every mailbox, or in those of one user."""

    __tablename__ = "never_log"
    __table_args__ = (Index("ix_never_log_workspace", "workspace_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: everybody's mailboxes
    kind: Mapped[str]  # address | domain | label
    value: Mapped[str]
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class Message(Base):
    """One mailbox's copy of a mail."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("mailbox_id", "gmail_id"),
        Index("ix_messages_mailbox_thread", "mailbox_id", "gmail_thread_id"),
        Index("ix_messages_mail", "mail_id"),
        Index("ix_messages_mailbox_status", "mailbox_id", "status", "reason"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailboxes.id"))
    gmail_id: Mapped[str]
    gmail_thread_id: Mapped[str]
    mail_id: Mapped[str | None] = mapped_column(ForeignKey("mails.id"))
    label_ids: Mapped[list[str]] = mapped_column(default=list)
    status: Mapped[str]  # stored | filtered | deleted
    reason: Mapped[str] = mapped_column(default="")  # why it is not stored; the names are in ingestion.reasons
    mail: Mapped[Mail | None] = relationship(back_populates="copies")


class Pending(Base):
    """A Gmail id that is known but not yet stored. The cursor never passes an id that is not here or in `messages`."""

    __tablename__ = "pending"
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailboxes.id"), primary_key=True)
    gmail_id: Mapped[str] = mapped_column(primary_key=True)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")
    quarantined_at: Mapped[datetime | None]


class KeywordTerm(Base):
    """A workspace's own critical word beside the built-in lists."""

    __tablename__ = "keyword_terms"
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    form: Mapped[str] = mapped_column(primary_key=True)
    term: Mapped[str]


class HealthSettings(Base):
    """What a workspace decided about its health score; without a row the defaults of `crm.health.policy` hold."""

    __tablename__ = "health_settings"
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    weights: Mapped[dict[str, Any]] = mapped_column(default=dict)  # dimension → points, 0 and more
    opens: Mapped[str] = mapped_column(default="09:00")  # business hours, in the workspace's time zone
    closes: Mapped[str] = mapped_column(default="18:00")
    weekdays: Mapped[list[int]] = mapped_column(JSON, default=list)  # 0 is Monday
    country: Mapped[str] = mapped_column(default="")  # ISO 3166, whose public holidays are no business days: ES, ES-MD


class DimensionValue(Base):
    """A dimension that is measured elsewhere (usage, support, …), on a day of the workspace's time zone."""

    __tablename__ = "dimension_values"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[float]  # 0–100
    source: Mapped[str]  # csv | api
    fed_at: Mapped[datetime]


class HealthSnapshot(Base):
    __tablename__ = "health_snapshots"
    __table_args__ = (Index("ix_health_snapshots_day", "day"),)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)  # in the workspace's time zone
    score: Mapped[float | None]
    engagement: Mapped[float | None]
    sentiment: Mapped[float | None]
    dimensions: Mapped[dict[str, Any]] = mapped_column(default=dict)  # name → {value, weight}
    cause: Mapped[str] = mapped_column(default="")  # the part that moved the score most since the day before,
    cause_mail_ids: Mapped[list[str]] = mapped_column(default=list)  # and its mails
    computed_at: Mapped[datetime | None]


class HealthDue(Base):
    """A customer whose health has changed since an instant. Written by triggers (migration 0007), so that no path forgets it.

    Rows are only ever added, and removed by the refresh that read them: two writers never wait for each other.
    """

    __tablename__ = "health_due"
    __table_args__ = (Index("ix_health_due_customer", "customer_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]
    since: Mapped[datetime]


class ApiToken(Base):
    """A secret with which another system feeds dimensions, stored as its SHA-256."""

    __tablename__ = "api_tokens"
    __table_args__ = (UniqueConstraint("sha256"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    sha256: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AlertSettings(Base):
    """What a workspace decided about alerts; without a row the defaults of `crm.alerts.rules` hold."""

    __tablename__ = "alert_settings"
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict)  # as `crm.alerts.rules.Rules.as_json`


class Alert(Base):
    """One episode of one condition of a customer. It holds ids and numbers, never the text of a mail.

    `episode` names it among those of its kind: its mail, or its number. The unique key makes it one, whoever writes.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("customer_id", "kind", "episode"),
        Index("ix_alerts_workspace_opened", "workspace_id", "opened_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    kind: Mapped[str]  # drop | threshold | negative | silence | keyword | unanswered
    episode: Mapped[str]
    term: Mapped[str] = mapped_column(default="")  # of a keyword
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the numbers its sentence tells
    mail_ids: Mapped[list[str]] = mapped_column(default=list)
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # when the condition was seen to be over
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # the owner
    assigned: Mapped[bool] = mapped_column(default=False)  # by hand: the customer's owner no longer decides
    snoozed_until: Mapped[datetime | None]
    dismissed_at: Mapped[datetime | None]
    handled_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # who snoozed or dismissed it last
    occasion: Mapped[str] = mapped_column(default="opened")  # what is to be told: opened | snooze … | assigned …,
    tell_at: Mapped[datetime]  # and from when on


class AlertDelivery(Base):
    """An alert told in Slack, once for each occasion. The row is the claim: it is written before anything is posted."""

    __tablename__ = "alert_deliveries"
    __table_args__ = (UniqueConstraint("alert_id", "occasion"), Index("ix_alert_deliveries_state", "state"))
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    occasion: Mapped[str]
    state: Mapped[str]  # posting | posted | failed (to be tried again) | lost (not known, or given up)
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime]
    retry_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")  # a word of Slack's or ours
    channel: Mapped[str] = mapped_column(default="")
    ts: Mapped[str] = mapped_column(default="")
    shown: Mapped[str] = mapped_column(
        default=""
    )  # the state of the alert that the message shows; list: one of many in it


class Draft(Base):
    """A reply waiting for a human. `raw` is exactly what is shown, hashed, approved and sent."""

    __tablename__ = "drafts"
    __table_args__ = (Index("ix_drafts_due", "status", "send_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailboxes.id"))
    mail_id: Mapped[str] = mapped_column(ForeignKey("mails.id"))  # the mail it answers
    gmail_thread_id: Mapped[str]
    status: Mapped[str]  # draft | approved | sending | sent | uncertain | discarded
    version: Mapped[int] = mapped_column(default=1)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSON(), default=list)  # as last shown (outbox.warning)
    send_at: Mapped[datetime | None]  # of an approved one: not before
    asked: Mapped[str] = mapped_column(default="", server_default="")  # what the human asked the assistant for
    sources: Mapped[list[str]] = mapped_column(default=list, server_default="[]")  # mails and customers it had read
    gmail_id: Mapped[str] = mapped_column(default="")
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DraftVersion(Base):
    """What a draft was at one of its versions. Written once, never changed."""

    __tablename__ = "draft_versions"
    draft_id: Mapped[str] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    author: Mapped[str]  # assistant | the address of the human | "" (from before versions were kept)
    how: Mapped[str]  # reply | edit | shorter | warmer | en | es | pt | from 2 | attach …
    created_at: Mapped[datetime]


class Approval(Base):
    """A human's yes to exact bytes, under the warnings that were shown, for one sending."""

    __tablename__ = "approvals"
    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[str] = mapped_column(ForeignKey("drafts.id"))
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    sha256: Mapped[str]
    face: Mapped[str]  # web | slack | terminal
    approved_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    warned: Mapped[str] = mapped_column(default="", server_default="")  # fingerprint of the warnings
    ended_at: Mapped[datetime | None]  # undone, superseded by an edit, or used by a sending


class SavedPrompt(Base):
    """A question somebody keeps, with places such as {customer} to fill; a shared one is the whole workspace's."""

    __tablename__ = "saved_prompts"
    __table_args__ = (Index("ix_saved_prompts_workspace", "workspace_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    text: Mapped[str]
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class StoredAnswer(Base):
    """An answer as its reader saw it. It quotes mail: it goes with the mail it was made of (`AnswerMail`)."""

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_user_thread", "user_id", "thread"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))  # who asked
    thread: Mapped[str]
    question: Mapped[str]
    said: Mapped[dict[str, Any]] = mapped_column(default=dict)  # as `agent.answer.Answer.as_json`
    model: Mapped[str]
    trace_id: Mapped[str]
    tokens_in: Mapped[int] = mapped_column(default=0)
    tokens_out: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]


class AnswerMail(Base):
    """A mail that was read for an answer, cited or not."""

    __tablename__ = "answer_mails"
    __table_args__ = (Index("ix_answer_mails_mail", "mail_id"),)
    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True)
    mail_id: Mapped[str] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"), primary_key=True)


class Feedback(Base):
    """One person's vote on one answer, which can be changed."""

    __tablename__ = "feedback"
    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    verdict: Mapped[str]  # up | down
    comment: Mapped[str] = mapped_column(default="")
    face: Mapped[str]  # web | slack | terminal
    voted_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class SlackLink(Base):
    __tablename__ = "slack_links"
    team_id: Mapped[str] = mapped_column(primary_key=True)
    slack_user_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class SlackLinkCode(Base):
    """A one-time linking URL's secret, stored as its SHA-256."""

    __tablename__ = "slack_link_codes"
    code_sha256: Mapped[str] = mapped_column(primary_key=True)
    team_id: Mapped[str]
    slack_user_id: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class DeletionRequest(Base):
    """A request to delete a mailbox's data, and its receipt. It outlives everything it deletes."""

    __tablename__ = "deletion_requests"
    __table_args__ = (Index("ix_deletion_requests_user", "user_id"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailboxes.id"))
    mailbox: Mapped[str]
    state: Mapped[str]  # requested | running | done
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # place → [before, after]; after is None until done
    revoked: Mapped[str] = mapped_column(default="")  # what became of the access at Google: "" | yes | waiting | lost
    requested_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    trace_id: Mapped[str]


class AuditEvent(Base):
    __tablename__ = "audit_events"
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    trace_id: Mapped[str]
