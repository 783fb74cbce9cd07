"""The mailbox row: finding it, its state, and the lease that keeps one sync per mailbox."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.database import Database
from crm.errors import LealUpError, NotConnected
from crm.identity import Principal

_log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
_HEARTBEAT = 8.0  # seconds


class SyncRunning(LealUpError):
    sentence = "A sync of this mailbox is already running."
    next_step = "Wait for it to finish; `lealup status` shows its progress."


def mailboxes_of(session: Session, principal: Principal) -> tuple[schema.Mailbox, ...]:
    """The user's own mailboxes. Nobody reads another's (C1)."""
    query = select(schema.Mailbox).where(
        schema.Mailbox.workspace_id == principal.workspace_id, schema.Mailbox.user_id == principal.user_id
    )
    return tuple(session.scalars(query.order_by(schema.Mailbox.id)))


def connected_mailboxes(session: Session, principal: Principal) -> tuple[schema.Mailbox, ...]:
    """Raises `NotConnected` when there is none."""
    found = tuple(box for box in mailboxes_of(session, principal) if box.sealed_token)
    if not found:
        raise NotConnected(principal.email)
    return found


def set_state(database: Database, mailbox_id: int, state: str, cause: str = "") -> None:
    """What a failed sync leaves behind; a mailbox that is disconnected stays so until a sync succeeds or it is reconnected."""
    lives = (schema.Mailbox.id == mailbox_id) & (schema.Mailbox.state != "disconnected")
    with database.write() as session:
        session.execute(update(schema.Mailbox).where(lives).values(state=state, cause=cause))


def mark_disconnected(database: Database, clock: Clock, mailbox_id: int, cause: str) -> bool:
    """The access ended. Marks the mailbox and writes the one notice; False when it was marked already (C4)."""
    lives = (schema.Mailbox.id == mailbox_id) & (schema.Mailbox.state != "disconnected")
    with database.write() as session:
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
    """Hold the mailbox for this process; a lease whose process died is taken over.

    Raises `SyncRunning` when another living process keeps it for longer than `wait_seconds`.
    """
    owner = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
    waited = 0.0
    while not _claim(database, clock, mailbox_id, owner):
        if waited >= wait_seconds:
            raise SyncRunning(str(mailbox_id))
        sleep(0.5)
        waited += 0.5
    stop = threading.Event()
    beat = threading.Thread(target=_keep, args=(database, clock, mailbox_id, owner, stop), daemon=True)
    beat.start()
    try:
        yield
    finally:
        stop.set()
        beat.join()
        with database.write() as session:
            mine = (schema.Mailbox.id == mailbox_id) & (schema.Mailbox.lease_owner == owner)
            session.execute(update(schema.Mailbox).where(mine).values(lease_owner="", lease_until=None))


def _claim(database: Database, clock: Clock, mailbox_id: int, owner: str) -> bool:
    with database.write() as session:
        holder = session.scalar(select(schema.Mailbox.lease_owner).where(schema.Mailbox.id == mailbox_id)) or ""
        free = or_(schema.Mailbox.lease_until.is_(None), schema.Mailbox.lease_until < clock())
        if holder and _is_dead(holder):
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


def _is_dead(owner: str) -> bool:
    host, pid, _ = owner.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
