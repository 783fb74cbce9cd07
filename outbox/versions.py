"""The versions of a draft: each kept as it was, with who made it and how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import schema
from crm.clock import Clock
from crm.errors import NotFound

ASSISTANT = "assistant"


@dataclass(frozen=True, kw_only=True)
class Version:
    """`author` is "assistant" or the human's address; `how` a word such as edit, shorter or "from 2". Aware UTC."""

    number: int
    sha256: str
    raw: bytes
    author: str
    how: str
    created_at: datetime


def keep(session: Session, clock: Clock, row: schema.Draft, *, author: str, how: str) -> None:
    """Write down the version that `row` now is."""
    session.add(
        schema.DraftVersion(
            draft_id=row.id, version=row.version, raw=row.raw, sha256=row.sha256, author=author, how=how,
            created_at=clock(),
        )
    )  # fmt: skip


def versions_of(session: Session, draft_id: str) -> tuple[Version, ...]:
    """Newest first. The caller has made sure whose draft it is."""
    query = (
        select(schema.DraftVersion)
        .where(schema.DraftVersion.draft_id == draft_id)
        .order_by(schema.DraftVersion.version.desc())
    )
    return tuple(
        Version(
            number=held.version, sha256=held.sha256, raw=held.raw, author=held.author, how=held.how,
            created_at=held.created_at,
        )
        for held in session.scalars(query)
    )  # fmt: skip


def version_of(session: Session, draft_id: str, number: int) -> Version:
    """Raises `NotFound`."""
    for held in versions_of(session, draft_id):
        if held.number == number:
            return held
    raise NotFound(str(number), sentence="There is no such version of this draft.")
