"""Tokens for other systems that feed dimensions: shown once, kept as a hash, revocable, and good for nothing else."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import schema
from crm.audit import record
from crm.clock import Clock
from crm.errors import InputError, NotAllowed, NotFound
from crm.identity import Principal, principal_by_id

_PREFIX = "lealup_"
_SEEN_EVERY = 60.0  # seconds between two notes of a token's use


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    """A token without its secret. Instants are aware UTC."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None


def create_token(session: Session, clock: Clock, principal: Principal, name: str) -> str:
    """The secret of a new token; it can't be read again. Raises `InputError` without a name, `NotAllowed` unless admin."""
    _only_admins(principal)
    if not name.strip():
        raise InputError(sentence="A token needs a name, such as the system that will use it.")
    secret = _PREFIX + secrets.token_urlsafe(32)
    session.add(
        schema.ApiToken(
            workspace_id=principal.workspace_id, user_id=principal.user_id, name=name.strip()[:100],
            sha256=_hash(secret), created_at=clock(),
        )
    )  # fmt: skip
    record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id, action="token created",
        subject=name.strip()[:100],
    )  # fmt: skip
    session.flush()
    return secret


def list_tokens(session: Session, workspace_id: int) -> tuple[ApiToken, ...]:
    rows = session.scalars(
        select(schema.ApiToken).where(schema.ApiToken.workspace_id == workspace_id).order_by(schema.ApiToken.id)
    )
    return tuple(ApiToken(id=row.id, name=row.name, created_at=row.created_at, used_at=row.used_at) for row in rows)


def revoke_token(session: Session, clock: Clock, principal: Principal, token_id: int) -> None:
    """It works no more. Raises `NotFound`, `NotAllowed` unless admin."""
    _only_admins(principal)
    row = session.get(schema.ApiToken, token_id)
    if row is None or row.workspace_id != principal.workspace_id:
        raise NotFound(str(token_id), sentence="There is no such token.")
    record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id, action="token revoked",
        subject=row.name,
    )  # fmt: skip
    session.delete(row)
    session.flush()


def token_owner(session: Session, clock: Clock, secret: str) -> Principal:
    """Who made the token. Raises `NotAllowed` for one that is unknown or revoked."""
    row = session.scalar(select(schema.ApiToken).where(schema.ApiToken.sha256 == _hash(secret)))
    if row is None:
        raise NotAllowed("token", sentence="This token is not known.", next_step="Make one in Settings → Health.")
    now = clock()
    if row.used_at is None or (now - row.used_at).total_seconds() > _SEEN_EVERY:
        row.used_at = now
    return principal_by_id(session, row.user_id)


def _only_admins(principal: Principal) -> None:
    if principal.role != "admin":
        raise NotAllowed("token", sentence="Only an admin may make or revoke tokens.", next_step="Ask your admin.")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
