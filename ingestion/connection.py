"""Connecting a mailbox: consent with PKCE and a one-time state, disconnecting, and credentials for the hands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.database import Database
from crm.errors import InputError, LealUpError, NotConnected, OAuthRefused
from crm.identity import Principal, principal_by_id
from crm.secret_box import SecretBox
from gmail.gateway import GmailGateway
from gmail.oauth import Grant, OAuthClient, can_send, new_secret
from gmail.quota import TokenBucket
from gmail.service import build_service

_ATTEMPT_LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class GmailAccess:
    """Opens Gmail for a mailbox. `buckets` makes all work on one mailbox share one quota budget."""

    database: Database
    clock: Clock
    box: SecretBox
    client: Callable[[], OAuthClient]
    google_url: str
    bucket: Callable[[int], TokenBucket]

    def start(self, principal: Principal, *, redirect_uri: str, send: bool) -> str:
        """The consent URL for this user. A later `finish` must bring its state back, once, within 10 minutes."""
        state, verifier = new_secret(), new_secret()
        with self.database.write() as session:
            session.add(
                schema.OAuthAttempt(
                    state=state,
                    user_id=principal.user_id,
                    sealed_verifier=self.box.seal(verifier),
                    redirect_uri=redirect_uri,
                    created_at=self.clock(),
                )
            )
        return self.client().consent_url(
            state=state, verifier=verifier, redirect_uri=redirect_uri, send=send, login_hint=principal.email
        )

    def finish(self, *, state: str, code: str, error: str = "") -> str:
        """Redeem the callback and store the mailbox; returns its address. A denied or repeated callback raises."""
        attempt = self._use(state)
        if error or not code:
            raise OAuthRefused(error or "no code")
        grant = self.client().exchange(
            code=code, verifier=self.box.open(attempt.sealed_verifier), redirect_uri=attempt.redirect_uri
        )
        service = build_service(self.client().credentials(grant), self.google_url)
        gateway = GmailGateway(service, self.bucket(0), clock=self.clock)
        address, _ = gateway.profile()
        aliases = gateway.aliases()
        with self.database.write() as session:
            principal = principal_by_id(session, attempt.user_id)
            self._save(session, principal, address, aliases, grant)
        return address

    def service(self, mailbox: schema.Mailbox) -> Any:
        """A Gmail client with the mailbox's own token. Raises `NotConnected` when there is none."""
        if not mailbox.sealed_token:
            raise NotConnected(mailbox.email)
        grant = Grant.from_json(self.box.open(mailbox.sealed_token))
        return build_service(self.client().credentials(grant), self.google_url)

    def gateway(self, mailbox: schema.Mailbox) -> GmailGateway:
        return GmailGateway(self.service(mailbox), self.bucket(mailbox.id), clock=self.clock)

    def disconnect(self, principal: Principal, mailbox_id: int) -> None:
        """Revoke at Google, forget the token, keep the indexed mail (C5)."""
        with self.database.read() as session:
            mailbox = session.get(schema.Mailbox, mailbox_id)
        if mailbox is None or mailbox.user_id != principal.user_id:
            raise NotConnected(str(mailbox_id))
        if mailbox.sealed_token:
            try:
                grant = Grant.from_json(self.box.open(mailbox.sealed_token))
                self.client().revoke(grant)
            except LealUpError as error:
                raise LealUpError(
                    str(error),
                    sentence="Google could not be told to revoke the access.",
                    next_step="Try again, or revoke it at myaccount.google.com/permissions.",
                ) from None
        with self.database.write() as session:
            row = session.get_one(schema.Mailbox, mailbox_id)
            row.sealed_token, row.state, row.cause = "", "disconnected", "You disconnected it."
            audit.record(
                session, self.clock, workspace_id=row.workspace_id, user_id=principal.user_id,
                action="gmail.disconnect", subject=row.email,
            )  # fmt: skip

    def _use(self, state: str) -> schema.OAuthAttempt:
        with self.database.write() as session:
            attempt = session.get(schema.OAuthAttempt, state)
            now = self.clock()
            if attempt is None or attempt.used_at is not None or attempt.created_at + _ATTEMPT_LIFETIME < now:
                raise OAuthRefused(
                    "state",
                    sentence="This connection link was already used or is too old.",
                    next_step="Start the connection again.",
                )
            attempt.used_at = now
            return attempt

    def _save(
        self, session: Session, principal: Principal, address: str, aliases: tuple[str, ...], grant: Grant
    ) -> None:
        mailbox = session.scalar(
            select(schema.Mailbox).where(
                schema.Mailbox.workspace_id == principal.workspace_id, schema.Mailbox.email == address
            )
        )
        if mailbox is not None and mailbox.user_id != principal.user_id:
            raise InputError(address, sentence="That Gmail account is connected by another user of this workspace.")
        if mailbox is None:
            mailbox = schema.Mailbox(
                workspace_id=principal.workspace_id, user_id=principal.user_id, email=address, created_at=self.clock()
            )
            session.add(mailbox)
        mailbox.aliases = list(aliases)
        mailbox.scopes = list(grant.scopes)
        mailbox.sealed_token = self.box.seal(grant.to_json())
        mailbox.state, mailbox.cause = "connected", ""
        session.flush()
        audit.record(
            session, self.clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
            action="gmail.connect", subject=address, send=can_send(grant.scopes),
        )  # fmt: skip
