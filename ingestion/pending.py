"""Gmail ids that are known and not yet stored, or to be fetched again: durable before anything passes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from crm import schema
from crm.slices import slices
from ingestion.reasons import HIDING_LABELS

DOUBTED = "doubted"  # marks a pending row whose message may no longer exist


def add_pending(session: Session, mailbox: schema.Mailbox, gmail_ids: Iterable[str]) -> int:
    """Make ids durable before anything passes them. Known ones are skipped; returns how many are new to this mailbox."""
    wanted = list(dict.fromkeys(gmail_ids))
    known = {*_known(session, schema.Message, mailbox.id, wanted), *_known(session, schema.Pending, mailbox.id, wanted)}
    fresh = _insert(session, mailbox.id, [gmail_id for gmail_id in wanted if gmail_id not in known])
    mailbox.listed_total += fresh
    return fresh


def fetch_again(session: Session, mailbox_id: int, gmail_ids: Iterable[str]) -> None:
    """Queue messages that are already stored: their labels or their customers changed."""
    wanted = sorted(set(gmail_ids))
    queued = set(_known(session, schema.Pending, mailbox_id, wanted))
    for piece in slices(sorted(queued)):
        # one that waits only for a listing to show it must be fetched whatever the listing shows
        session.execute(
            update(schema.Pending)
            .where(schema.Pending.mailbox_id == mailbox_id, schema.Pending.gmail_id.in_(piece))
            .where(schema.Pending.error == DOUBTED)
            .values(error="")
        )
    _insert(session, mailbox_id, [gmail_id for gmail_id in wanted if gmail_id not in queued])


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
    _insert(session, mailbox.id, [gmail_id for gmail_id in inside if gmail_id not in queued], error=DOUBTED)


def confirm(session: Session, mailbox_id: int, gmail_ids: Collection[str]) -> None:
    """A listing shows them, so they still exist. Those that labels hid stay queued: a listing shows no spam or trash."""
    hidden = select(schema.Message.gmail_id).where(
        schema.Message.mailbox_id == mailbox_id, schema.Message.reason.in_(HIDING_LABELS.values())
    )
    for shown in slices(gmail_ids):
        session.execute(
            delete(schema.Pending).where(
                schema.Pending.mailbox_id == mailbox_id,
                schema.Pending.error == DOUBTED,
                schema.Pending.gmail_id.in_(shown),
                schema.Pending.gmail_id.not_in(hidden),
            )
        )


def done(session: Session, mailbox_id: int, gmail_id: str) -> None:
    session.execute(
        delete(schema.Pending).where(schema.Pending.mailbox_id == mailbox_id, schema.Pending.gmail_id == gmail_id)
    )


def _insert(session: Session, mailbox_id: int, gmail_ids: Sequence[str], *, error: str = "") -> int:
    rows = [{"mailbox_id": mailbox_id, "gmail_id": gmail_id, "attempts": 0, "error": error} for gmail_id in gmail_ids]
    if rows:
        session.execute(insert(schema.Pending), rows)
    return len(rows)


def _known(
    session: Session, table: type[schema.Message] | type[schema.Pending], mailbox_id: int, gmail_ids: Sequence[str]
) -> list[str]:
    """Which of them are there. Looked up before anything is inserted: PostgreSQL plans once for the table as it finds it."""
    found: list[str] = []
    for piece in slices(gmail_ids):
        query = select(table.gmail_id).where(table.mailbox_id == mailbox_id, table.gmail_id.in_(piece))
        found += session.scalars(query)
    return found
