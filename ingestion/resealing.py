"""Key rotation: every stored secret is sealed anew with the newest key."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select

from crm import schema
from crm.clock import Clock
from crm.database import Database
from crm.errors import SettingError
from crm.secret_box import SecretBox
from ingestion.mailboxes import mark_disconnected

_LOST = "The key that this mailbox's access was encrypted with is lost. Reconnect in Settings → Gmail, or put the former key back."


@dataclass(frozen=True, kw_only=True)
class Resealed:
    """`sealed` secrets carry the newest key; `lost` are mailboxes whose token no key opens: they are disconnected."""

    sealed: int
    lost: tuple[str, ...]


def reseal_everything(database: Database, clock: Clock, box: SecretBox) -> Resealed:
    """One transaction for each mailbox. Doing it twice changes nothing, and an interruption is made good by a second run."""
    sealed, lost = 0, list[str]()
    with database.read() as session:
        ids = session.scalars(select(schema.Mailbox.id).order_by(schema.Mailbox.id)).all()
    for mailbox_id in ids:
        try:
            sealed += _reseal(database, box, mailbox_id)
        except SettingError:
            with database.write() as session:
                mark_disconnected(session, clock, mailbox_id, _LOST)
                lost.append(session.get_one(schema.Mailbox, mailbox_id).email)
    with database.write() as session:
        # connections that are being started now: whoever is on Google's page starts again in the worst case
        for attempt in session.scalars(select(schema.OAuthAttempt).where(schema.OAuthAttempt.used_at.is_(None))):
            try:
                attempt.sealed_verifier = box.reseal(attempt.sealed_verifier)
            except SettingError:
                session.delete(attempt)
        session.execute(delete(schema.OAuthAttempt).where(schema.OAuthAttempt.used_at.is_not(None)))
    return Resealed(sealed=sealed, lost=tuple(lost))


def _reseal(database: Database, box: SecretBox, mailbox_id: int) -> int:
    sealed = 0
    with database.write() as session:
        row = session.get_one(schema.Mailbox, mailbox_id)
        if row.sealed_token:
            row.sealed_token = box.reseal(row.sealed_token)
            sealed += 1
        if row.sealed_revocation:
            row.sealed_revocation = box.reseal(row.sealed_revocation)
            sealed += 1
    return sealed
