"""Which workers are alive: a row each, renewed every few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from crm import schema
from crm.clock import Clock
from crm.database import Database
from ingestion.processes import is_gone

BEAT = 5.0  # seconds
DEAD_AFTER = timedelta(seconds=40)  # longer than a lease (30 s), so that what a dead worker held is free by then
_REMEMBERED = timedelta(days=1)  # a dead worker's row: `lealup doctor` tells when the last one was seen


@dataclass(frozen=True, kw_only=True)
class Heartbeat:
    """`name` is the worker's own, from `ingestion.processes.new_name`."""

    database: Database
    clock: Clock
    name: str

    def beat(self) -> None:
        """Say that this worker lives. A worker that was paused for so long that its row is gone says it anew."""
        now = self.clock()
        with self.database.write() as session:
            mine = update(schema.Worker).where(schema.Worker.name == self.name).values(beat_at=now)
            if not getattr(session.execute(mine), "rowcount", 0):
                session.add(schema.Worker(name=self.name, started_at=now, beat_at=now))
            session.execute(delete(schema.Worker).where(schema.Worker.beat_at < now - _REMEMBERED))

    def leave(self) -> None:
        """A worker that ends in peace leaves nothing behind."""
        with self.database.write() as session:
            session.execute(delete(schema.Worker).where(schema.Worker.name == self.name))

    def living(self) -> set[str]:
        """The names of all workers that are not known to be dead."""
        with self.database.read() as session:
            return living_workers(session, self.clock())


def living_workers(session: Session, now: datetime) -> set[str]:
    """Dead is who has not beaten for `DEAD_AFTER`, and at once whose process on this machine no longer exists."""
    fresh = session.scalars(select(schema.Worker.name).where(schema.Worker.beat_at > now - DEAD_AFTER))
    return {name for name in fresh if not is_gone(name)}


def last_beat(session: Session) -> datetime | None:
    """When any worker was last alive; None when none is remembered."""
    return session.scalar(select(func.max(schema.Worker.beat_at)))
