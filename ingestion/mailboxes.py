"""The mailbox row: finding it, its state, and the fenced lease that keeps one sync per mailbox."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.database import Database
from crm.errors import LealUpError, NotConnected
from crm.identity import Principal
from ingestion.processes import is_gone, new_name

_log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
_HEARTBEAT = 8.0  # seconds
_held: ContextVar[str] = ContextVar("lease_owner", default="")  # by the sync that runs in this context


class SyncRunning(LealUpError):
    sentence = "A sync of this mailbox is already running."
    next_step = "Wait for it to finish; `lealup status` shows its progress."


class LeaseLost(LealUpError):
    """This process was paused for longer than a lease lasts, and another one goes on with the mailbox."""

    sentence = "The sync of this mailbox went on in another process."
    next_step = "Nothing is lost: `lealup status` shows where it stands."


class SyncStopped(LealUpError):
    sentence = "The sync was stopped because LealUp ends."
    next_step = "Nothing is lost: it goes on where it stopped when LealUp runs again."


def mailboxes_of(session: Session, principal: Principal) -> tuple[schema.Mailbox, ...]:
    """The user's own mailboxes. Nobody reads another's (C1)."""
    query = select(schema.Mailbox).where(
        schema.Mailbox.workspace_id == principal.workspace_id, schema.Mailbox.user_id == principal.user_id
    )
    return tuple(session.scalars(query.order_by(schema.Mailbox.id)))


def workspace_mailboxes(session: Session, workspace_id: int) -> list[int]:
    """Ids of every mailbox of the workspace, connected or not."""
    query = select(schema.Mailbox.id).where(schema.Mailbox.workspace_id == workspace_id)
    return list(session.scalars(query.order_by(schema.Mailbox.id)))


def connected_mailboxes(session: Session, principal: Principal) -> tuple[schema.Mailbox, ...]:
    """Raises `NotConnected` when there is none."""
    found = tuple(box for box in mailboxes_of(session, principal) if box.sealed_token)
    if not found:
        raise NotConnected(principal.email)
    return found


def take_due(session: Session, before: datetime, now: datetime) -> list[int]:
    """Ids of the connected mailboxes that were last queued by `before`, or never, who waits longest first.

    They count as queued from `now` on, before they are: a job that ends at once and makes its mailbox due again must not
    be overruled. One that somebody writes to at this moment is left to the next look: the tick waits for nobody.
    """
    due = or_(schema.Mailbox.polled_at.is_(None), schema.Mailbox.polled_at <= before)
    query = select(schema.Mailbox.id).where(schema.Mailbox.sealed_token != "", due)
    query = query.order_by(schema.Mailbox.polled_at.nulls_first(), schema.Mailbox.id)
    found = list(session.scalars(query.with_for_update(key_share=True, skip_locked=True)))
    if found:
        session.execute(update(schema.Mailbox).where(schema.Mailbox.id.in_(found)).values(polled_at=now))
    return found


def make_due(session: Session, mailbox_id: int) -> None:
    """The next tick queues it."""
    session.execute(update(schema.Mailbox).where(schema.Mailbox.id == mailbox_id).values(polled_at=None))


def set_state(session: Session, mailbox_id: int, state: str, cause: str = "") -> None:
    """What a failed sync leaves behind; a mailbox that is disconnected stays so until a sync succeeds or it is reconnected."""
    lives = (schema.Mailbox.id == mailbox_id) & (schema.Mailbox.state != "disconnected")
    session.execute(update(schema.Mailbox).where(lives).values(state=state, cause=cause))


def mark_disconnected(session: Session, clock: Clock, mailbox_id: int, cause: str) -> bool:
    """The access ended. Marks the mailbox and writes the one notice; False when it was marked already (C4)."""
    lives = (schema.Mailbox.id == mailbox_id) & (schema.Mailbox.state != "disconnected")
    changed = session.execute(update(schema.Mailbox).where(lives).values(state="disconnected", cause=cause))
    if not getattr(changed, "rowcount", 0):
        return False
    row = session.get_one(schema.Mailbox, mailbox_id)
    audit.record(
        session, clock, workspace_id=row.workspace_id, user_id=row.user_id, action="gmail.disconnected",
        subject=row.email, cause=cause,
    )  # fmt: skip
    return True


@contextmanager
def lease(
    database: Database,
    clock: Clock,
    mailbox_id: int,
    *,
    wait_seconds: float = 40.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the mailbox for the length of the block; a lease whose process died is taken over.

    What is written under it goes through `fenced`. Raises `SyncRunning` when another living process keeps it for longer
    than `wait_seconds`.
    """
    owner = new_name()
    waited = 0.0
    while not _claim(database, clock, mailbox_id, owner):
        if waited >= wait_seconds:
            raise SyncRunning(str(mailbox_id))
        sleep(0.5)
        waited += 0.5
    stop = threading.Event()
    beat = threading.Thread(target=_keep, args=(database, clock, mailbox_id, owner, stop), daemon=True)
    beat.start()
    holding = _held.set(owner)
    try:
        yield
    finally:
        _held.reset(holding)
        stop.set()
        beat.join()
        with database.write() as session:
            mine = (schema.Mailbox.id == mailbox_id) & (schema.Mailbox.lease_owner == owner)
            session.execute(update(schema.Mailbox).where(mine).values(lease_owner="", lease_until=None))


@contextmanager
def fenced(database: Database, mailbox_id: int) -> Iterator[Session]:
    """A write transaction of the process that holds the mailbox's lease, and of no other.

    The row stays locked until the commit, so that nobody can take the lease over in between. Raises `LeaseLost`, and
    nothing is written, when the lease is no longer that of the surrounding `lease` block.
    """
    with database.write() as session:
        owner = select(schema.Mailbox.lease_owner).where(schema.Mailbox.id == mailbox_id)
        # NO KEY UPDATE: rows that refer to the mailbox may still be inserted by others
        holder = session.scalar(owner.with_for_update(key_share=True))
        if not holder or holder != _held.get():
            raise LeaseLost(str(mailbox_id))
        yield session


def _claim(database: Database, clock: Clock, mailbox_id: int, owner: str) -> bool:
    with database.write() as session:
        holder = session.scalar(select(schema.Mailbox.lease_owner).where(schema.Mailbox.id == mailbox_id)) or ""
        free = or_(schema.Mailbox.lease_until.is_(None), schema.Mailbox.lease_until < clock())
        if holder and is_gone(holder):
            free = or_(free, schema.Mailbox.lease_owner == holder)
        claimed = session.execute(
            update(schema.Mailbox)
            .where(schema.Mailbox.id == mailbox_id, free)
            .values(lease_owner=owner, lease_until=clock() + LEASE)
        )
        return bool(getattr(claimed, "rowcount", 0))


def _keep(database: Database, clock: Clock, mailbox_id: int, owner: str, stop: threading.Event) -> None:
    mine = (schema.Mailbox.id == mailbox_id) & (schema.Mailbox.lease_owner == owner)
    while not stop.wait(_HEARTBEAT):
        try:
            with database.write() as session:
                session.execute(update(schema.Mailbox).where(mine).values(lease_until=clock() + LEASE))
        except OperationalError:  # the store is locked or away for the moment: the next beat tries again
            _log.warning("lease not renewed", extra={"fields": {"mailbox": mailbox_id}})
