"""Comparing the store with Gmail itself and with the indexes: what the coverage promises, looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from crm import schema
from crm.database import Database
from crm.errors import HistoryExpired
from crm.index.chunks import chunks
from crm.index.vectors import VectorIndex
from crm.mails import visible
from crm.slices import slices
from gmail.gateway import GmailGateway
from ingestion.history import Change, fold
from ingestion.reasons import HIDING_LABELS

_SHOWN = 100  # ids of each kind in a report; the counts are whole
_EDGE = timedelta(seconds=1)  # Gmail's `after:` knows seconds only


@dataclass(frozen=True, kw_only=True)
class MailboxCheck:
    """Gmail's listing of the window against the rows. Only `missing` and `gone` are wrong; `coming` the next sync reads."""

    at_gmail: int
    missing: tuple[str, ...]
    gone: tuple[str, ...]
    coming: int
    history_expired: bool

    @property
    def ok(self) -> bool:
        return not self.missing and not self.gone

    def as_json(self) -> dict[str, Any]:
        return {
            "at_gmail": self.at_gmail,
            "missing": len(self.missing),
            "missing_ids": list(self.missing[:_SHOWN]),
            "gone": len(self.gone),
            "gone_ids": list(self.gone[:_SHOWN]),
            "coming": self.coming,
            "history_expired": self.history_expired,
            "ok": self.ok,
        }


@dataclass(frozen=True, kw_only=True)
class IndexCheck:
    """Visible mails against both indexes. `unindexed` wait for a sync; the others mean that an index lost or kept mails."""

    visible: int
    unindexed: tuple[str, ...]
    not_lexical: tuple[str, ...]
    not_vector: tuple[str, ...]
    only_lexical: tuple[str, ...]
    only_vector: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.unindexed and self.indexes_ok

    @property
    def indexes_ok(self) -> bool:
        return not (self.not_lexical or self.not_vector or self.only_lexical or self.only_vector)

    def as_json(self) -> dict[str, Any]:
        kinds = ("unindexed", "not_lexical", "not_vector", "only_lexical", "only_vector")
        found: dict[str, Any] = {"visible": self.visible, "ok": self.ok}
        for kind in kinds:
            ids = getattr(self, kind)
            found |= {kind: len(ids), f"{kind}_ids": list(ids[:_SHOWN])}
        return found


def check_mailbox(database: Database, gateway: GmailGateway, mailbox_id: int) -> MailboxCheck:
    """List the window again (5 units for 500 ids) and compare. Nothing is changed. Raises `LealUpError`.

    What Gmail's history reports since the last sync is not missing, it is on its way.
    """
    with database.read() as session:
        mailbox = session.get_one(schema.Mailbox, mailbox_id)
    changes, expired = _since(gateway, mailbox)
    listed = _listed(gateway, mailbox)
    with database.read() as session:
        known = _known(session, mailbox_id)
        expected = _expected(session, mailbox)
    unknown = listed - known
    return MailboxCheck(
        at_gmail=len(listed),
        missing=tuple(sorted(unknown - changes.keys())),
        gone=tuple(sorted(expected - listed - changes.keys())),
        coming=len(unknown & changes.keys()) + len((expected - listed) & changes.keys()),
        history_expired=expired,
    )


def check_indexes(database: Database, vectors: VectorIndex, workspace_id: int) -> IndexCheck:
    """Every visible mail is in both indexes, and nothing else is."""
    with database.read() as session:
        condition = visible(workspace_id)
        shown = set(session.scalars(select(schema.Mail.id).where(condition)))
        due = schema.Mail.indexed_at.is_(None) | (schema.Mail.indexed_at == schema.OUTDATED)
        unindexed = set(session.scalars(select(schema.Mail.id).where(condition, due)))
        rows = session.execute(text("SELECT mail_id FROM mail_lexical WHERE workspace_id = :id"), {"id": workspace_id})
        lexical = {str(mail_id) for (mail_id,) in rows}
        dense = vectors.ids(workspace_id)
        wordless = _wordless(session, shown - dense)
    return IndexCheck(
        visible=len(shown),
        unindexed=tuple(sorted(unindexed)),
        not_lexical=tuple(sorted(shown - lexical - unindexed)),
        not_vector=tuple(sorted(shown - dense - unindexed - wordless)),
        only_lexical=tuple(sorted(lexical - shown)),
        only_vector=tuple(sorted(dense - shown)),
    )


def _since(gateway: GmailGateway, mailbox: schema.Mailbox) -> tuple[dict[str, Change], bool]:
    start = mailbox.history_id or mailbox.pinned_history_id
    if not start:
        return {}, False
    try:
        return fold(record for page in gateway.history(int(start)) for record in page.records), False
    except HistoryExpired:
        return {}, True


def _listed(gateway: GmailGateway, mailbox: schema.Mailbox) -> set[str]:
    if mailbox.window_start is None:
        return set()
    query, token = f"after:{int(mailbox.window_start.timestamp())}", ""
    found: set[str] = set()
    while True:
        page = gateway.list_messages(query, token)
        found.update(page.ids)
        token = page.next_token
        if not token:
            return found


def _known(session: Session, mailbox_id: int) -> set[str]:
    copy, pending = schema.Message, schema.Pending
    return {
        *session.scalars(select(copy.gmail_id).where(copy.mailbox_id == mailbox_id)),
        *session.scalars(select(pending.gmail_id).where(pending.mailbox_id == mailbox_id)),
    }


def _expected(session: Session, mailbox: schema.Mailbox) -> set[str]:
    """What a listing of the window must show: not deleted, not in spam or trash, and not older."""
    if mailbox.window_start is None:
        return set()
    copy, mail = schema.Message, schema.Mail
    return set(
        session.scalars(
            select(copy.gmail_id)
            .join(mail, mail.id == copy.mail_id)
            .where(
                copy.mailbox_id == mailbox.id,
                copy.status != "deleted",
                copy.reason.not_in(list(HIDING_LABELS.values())),
                mail.sent_at >= mailbox.window_start + _EDGE,
            )
        )
    )


def _wordless(session: Session, mail_ids: set[str]) -> set[str]:
    """Mails without a word: there is nothing a vector could stand for."""
    found: set[str] = set()
    for piece in slices(mail_ids):
        query = select(schema.Mail.id, schema.Mail.subject, schema.Mail.new_text).where(schema.Mail.id.in_(piece))
        found.update(mail_id for mail_id, subject, new_text in session.execute(query) if not chunks(subject, new_text))
    return found
