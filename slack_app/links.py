"""Linking a Slack user to an app user: one-time codes, and who a Slack user is.

Never by matching e-mail addresses: mailboxes are private, and a Slack profile's address proves nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from crm import audit
from crm.clock import Clock
from crm.errors import NotFound
from crm.identity import Principal, principal_by_id
from crm.schema import SlackLink, SlackLinkCode

LIFETIME = timedelta(minutes=10)


class LinkExpired(NotFound):
    sentence = "This link was already used or has expired."
    next_step = "Type /csm link in Slack for a new one."


@dataclass(frozen=True, kw_only=True)
class SlackUser:
    """A person in one Slack workspace."""

    team_id: str
    user_id: str


def linked_principal(session: Session, user: SlackUser) -> Principal | None:
    """The app user this Slack user is linked to."""
    link = session.get(SlackLink, (user.team_id, user.user_id))
    return principal_by_id(session, link.user_id) if link else None


def issue_code(session: Session, clock: Clock, user: SlackUser) -> str:
    """A one-time secret (256 bits) that links this Slack user for ten minutes; earlier ones stop working."""
    session.execute(
        delete(SlackLinkCode).where(SlackLinkCode.team_id == user.team_id, SlackLinkCode.slack_user_id == user.user_id)
    )
    code = secrets.token_urlsafe(32)
    session.add(
        SlackLinkCode(
            code_sha256=_sha256(code),
            team_id=user.team_id,
            slack_user_id=user.user_id,
            expires_at=clock() + LIFETIME,
        )
    )
    return code


def user_of_code(session: Session, clock: Clock, code: str) -> SlackUser:
    """Whom an open code would link. Raises `LinkExpired`."""
    row = session.get(SlackLinkCode, _sha256(code))
    if row is None or row.used_at is not None or row.expires_at <= clock():
        raise LinkExpired("code")
    return SlackUser(team_id=row.team_id, user_id=row.slack_user_id)


def redeem(session: Session, clock: Clock, code: str, principal: Principal) -> SlackUser:
    """Use the code up and link its Slack user to `principal`, and to nobody else. Raises `LinkExpired`."""
    user = user_of_code(session, clock, code)
    used = session.execute(
        update(SlackLinkCode)
        .where(SlackLinkCode.code_sha256 == _sha256(code), SlackLinkCode.used_at.is_(None))
        .values(used_at=clock())
    )
    if not getattr(used, "rowcount", 0):
        raise LinkExpired("code")
    session.merge(SlackLink(team_id=user.team_id, slack_user_id=user.user_id, user_id=principal.user_id))
    audit.record(
        session,
        clock,
        workspace_id=principal.workspace_id,
        user_id=principal.user_id,
        action="slack.link",
        subject=f"{user.team_id}/{user.user_id}",
    )
    return user


def _sha256(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
