"""Who asks. A `Principal` is made at the edge of a face and travels down; it never comes from the model."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.clock import Clock
from crm.errors import InputError, NotFound
from crm.schema import User, Workspace


@dataclass(frozen=True, kw_only=True)
class Principal:
    """An authenticated user in a workspace. `timezone` is the workspace's IANA zone."""

    workspace_id: int
    user_id: int
    email: str
    name: str
    timezone: str
    role: str = "csm"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def create_workspace(session: Session, clock: Clock, *, name: str, user_email: str, timezone: str) -> Principal:
    """Create a workspace with a first user, or add the user to the workspace of that name. Idempotent."""
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise InputError(
            timezone, sentence=f"“{timezone}” is not a time zone.", next_step="Use an IANA name such as Europe/Madrid."
        ) from None
    email = user_email.strip().lower()
    local, _, domain = email.partition("@")
    if not name.strip() or not local or "." not in domain:
        raise InputError(email, sentence="A workspace needs a name and a user with an e-mail address.")
    workspace = session.scalar(select(Workspace).where(Workspace.name == name))
    if workspace is None:
        workspace = Workspace(name=name, timezone=timezone, created_at=clock())
        session.add(workspace)
        session.flush()
    user = session.scalar(select(User).where(User.workspace_id == workspace.id, User.email == email))
    if user is None:
        first = session.scalar(select(User.id).where(User.workspace_id == workspace.id)) is None
        display = " ".join(part.capitalize() for part in local.replace("_", ".").split(".") if part)
        user = User(
            workspace_id=workspace.id, email=email, name=display, role="admin" if first else "csm", created_at=clock()
        )
        session.add(user)
        session.flush()
    return _principal(workspace, user)


def find_principal(session: Session, email: str | None = None) -> Principal:
    """The user with that address; without an address, the only user of an installation.

    Raises `NotFound` before `lealup init`, for an unknown address, and when several users make "the only one" ambiguous.
    """
    query = select(User, Workspace).join(Workspace, User.workspace_id == Workspace.id)
    if email:
        query = query.where(User.email == email.strip().lower())
    rows = session.execute(query.limit(2)).all()
    if len(rows) == 1:
        user, workspace = rows[0]
        return _principal(workspace, user)
    if rows:
        raise NotFound("several users", sentence="There are several users.", next_step="Name one with --user EMAIL.")
    if email:
        raise NotFound(email, sentence=f"No user has the address {email}.", next_step="Add it with `lealup init`.")
    raise NotFound("no user", sentence="There is no workspace yet.", next_step="Run `lealup init` first.")


def principal_by_id(session: Session, user_id: int) -> Principal:
    row = session.execute(
        select(User, Workspace).join(Workspace, User.workspace_id == Workspace.id).where(User.id == user_id)
    ).one_or_none()
    if row is None:
        raise NotFound(str(user_id))
    return _principal(row[1], row[0])


def _principal(workspace: Workspace, user: User) -> Principal:
    return Principal(
        workspace_id=workspace.id,
        user_id=user.id,
        email=user.email,
        name=user.name,
        timezone=workspace.timezone,
        role=user.role,
    )
