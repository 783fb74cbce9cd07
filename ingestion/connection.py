"""Connecting a mailbox: consent with PKCE and a one-time state, disconnecting, and credentials for the hands."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.database import Database
from crm.errors import Disconnected, GoogleUnavailable, InputError, NotAllowed, NotConnected, OAuthRefused, SettingError
from crm.identity import Principal, principal_by_id
from crm.secret_box import SecretBox
from gmail.gateway import GmailGateway
from gmail.oauth import Grant, OAuthClient, can_read, can_send, new_secret
from gmail.quota import TokenBucket
from gmail.service import build_service

_ATTEMPT_LIFETIME = timedelta(minutes=10)
Revoked = Literal["yes", "waiting", "lost"]


@dataclass(frozen=True, kw_only=True)
class GmailAccess:
    """Opens Gmail for a mailbox. `buckets` makes all work on one mailbox share one quota budget."""

    database: Database
    clock: Clock
    box: SecretBox
    client: Callable[[], OAuthClient]
    google_url: str
    bucket: Callable[[int], TokenBucket]

    def start(self, principal: Principal, *, redirect_uri: str, send: bool, mailbox: str = "") -> str:
        """The consent URL for this user. A later `finish` must bring its state back, once, within 10 minutes.

        `mailbox` is the address that is to be reconnected, or to get the permission to send: no other may come back.
        Raises `NotConnected` when it is none of this user's.
        """
        if mailbox:
            with self.database.read() as session:
                own = _find(session, principal.workspace_id, mailbox.lower())
            if own is None or own.user_id != principal.user_id:
                raise NotConnected(mailbox)
            send = send or can_send(own.scopes)  # who could reply does not lose it by reconnecting
        state, verifier = new_secret(), new_secret()
        with self.database.write() as session:
            session.add(
                schema.OAuthAttempt(
                    state=state,
                    user_id=principal.user_id,
                    sealed_verifier=self.box.seal(verifier),
                    redirect_uri=redirect_uri,
                    mailbox_email=mailbox.lower(),
                    created_at=self.clock(),
                )
            )
        return self.client().consent_url(
            state=state, verifier=verifier, redirect_uri=redirect_uri, send=send, login_hint=mailbox or principal.email
        )

    def finish(self, *, state: str, code: str, error: str = "") -> str:
        """Redeem the callback and store the mailbox; returns its address. A denied or repeated callback raises."""
        attempt = self._use(state)
        if error or not code:
            raise _refused(error)
        grant = self.client().exchange(
            code=code, verifier=self.box.open(attempt.sealed_verifier), redirect_uri=attempt.redirect_uri
        )
        if not can_read(grant.scopes):  # Google lets a user untick each permission
            raise OAuthRefused("scope", sentence="The permission to read mail was not granted.")
        service = build_service(self.client().credentials(grant), self.google_url)
        gateway = GmailGateway(service, self.bucket(0), clock=self.clock)
        address, _ = gateway.profile()
        if attempt.mailbox_email and address != attempt.mailbox_email:
            self._give_back(address, grant)
            raise OAuthRefused(
                "another account",
                sentence=f"{address} was chosen at Google, but it is {attempt.mailbox_email} that was to be reconnected.",
                next_step=f"Try again and choose {attempt.mailbox_email}, or connect {address} as another account.",
            )
        aliases = gateway.aliases()
        try:
            with self.database.write() as session:
                principal = principal_by_id(session, attempt.user_id)
                self._save(session, principal, address, aliases, grant)
        except InputError:
            self._give_back(address, grant)
            raise
        return address

    def service(self, mailbox: schema.Mailbox) -> Any:
        """A Gmail client with the mailbox's own token. Raises `NotConnected` when there is none that can be opened."""
        if not mailbox.sealed_token:
            raise NotConnected(mailbox.email)
        return build_service(self.client().credentials(self._grant(mailbox.sealed_token)), self.google_url)

    def gateway(self, mailbox: schema.Mailbox) -> GmailGateway:
        return GmailGateway(self.service(mailbox), self.bucket(mailbox.id), clock=self.clock)

    def disconnect(self, principal: Principal, mailbox_id: int) -> Revoked:
        """Stop reading at once, revoke at Google, keep the indexed mail (C5).

        When Google is away the mailbox is disconnected all the same, and the token is kept for one thing only: `revoke_waiting`
        repeats the revocation until Google has heard it. "lost": no key opens the token, so only the user can revoke it.
        """
        with self.database.write() as session:
            row = session.get(schema.Mailbox, mailbox_id)
            if row is None or row.user_id != principal.user_id or row.workspace_id != principal.workspace_id:
                raise NotConnected(str(mailbox_id))
            cut_off(session, row, "You disconnected it.")
            audit.record(
                session, self.clock, workspace_id=row.workspace_id, user_id=principal.user_id,
                action="gmail.disconnect", subject=row.email,
            )  # fmt: skip
        return self.revoke(mailbox_id)

    def revoke(self, mailbox_id: int) -> Revoked:
        """Tell Google about the token that is to be revoked, and forget it once Google knows."""
        with self.database.read() as session:
            sealed = session.get_one(schema.Mailbox, mailbox_id).sealed_revocation
        if not sealed:
            return "yes"
        outcome: Revoked = "yes"
        try:
            token = self.box.open(sealed)
        except SettingError:
            outcome = "lost"
        else:
            try:
                self.client().revoke(Grant.from_json(token))
            except (GoogleUnavailable, SettingError):  # or this process has no OAuth client: another one may
                return "waiting"
        with self.database.write() as session:
            row = session.get_one(schema.Mailbox, mailbox_id)
            if row.sealed_revocation == sealed:
                row.sealed_revocation = ""
        return outcome

    def revoke_waiting(self) -> int:
        """Repeat the revocations that Google has not heard yet. Returns how many it has heard now."""
        with self.database.read() as session:
            waiting = session.scalars(select(schema.Mailbox.id).where(schema.Mailbox.sealed_revocation != "")).all()
        return sum(self.revoke(mailbox_id) != "waiting" for mailbox_id in waiting)

    def _grant(self, sealed: str) -> Grant:
        try:
            return Grant.from_json(self.box.open(sealed))
        except SettingError as error:
            raise Disconnected(
                "no key fits",
                sentence="The key that this mailbox's access was encrypted with is lost.",
                next_step=error.next_step,
            ) from None

    def _give_back(self, address: str, grant: Grant) -> None:
        """Revoke a grant that is not kept. Revoking ends all of an account's grants to us, so not one that is in use."""
        with self.database.read() as session:
            used = session.scalar(
                select(schema.Mailbox.id)
                .where(schema.Mailbox.email == address, schema.Mailbox.sealed_token != "")
                .limit(1)
            )
        if used is None:
            with contextlib.suppress(GoogleUnavailable):  # its tokens are forgotten with this call
                self.client().revoke(grant)

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
        mailbox = _find(session, principal.workspace_id, address)
        if mailbox is not None and mailbox.user_id != principal.user_id:
            raise InputError(address, sentence="That Gmail account is connected by another user of this workspace.")
        if mailbox is None:
            mailbox = schema.Mailbox(
                workspace_id=principal.workspace_id, user_id=principal.user_id, email=address, created_at=self.clock()
            )
            session.add(mailbox)
        elif _is_being_deleted(session, mailbox.id):
            raise InputError(
                address, sentence="The data of that mailbox is being deleted.",
                next_step="Connect it again when `lealup delete-data --status` says done.",
            )  # fmt: skip
        mailbox.aliases = list(aliases)
        mailbox.scopes = list(grant.scopes)  # what Google granted in sum, whatever was asked for
        mailbox.sealed_token = self.box.seal(grant.to_json())
        mailbox.sealed_revocation = ""  # revoking the former token would end this one too
        mailbox.state, mailbox.cause = "connected", ""
        session.flush()
        audit.record(
            session, self.clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
            action="gmail.connect", subject=address, send=can_send(grant.scopes),
        )  # fmt: skip


def cut_off(session: Session, row: schema.Mailbox, cause: str) -> None:
    """No sync opens the mailbox any more; its token waits only to be revoked."""
    row.sealed_revocation = row.sealed_token or row.sealed_revocation
    row.sealed_token = ""  # its scopes stay, for a reconnection that asks for the same
    row.state, row.cause = "disconnected", cause


def own_mailbox(session: Session, principal: Principal, mailbox_id: int) -> schema.Mailbox:
    """Raises `NotAllowed` for anybody else's (C1)."""
    row = session.get(schema.Mailbox, mailbox_id)
    if row is None or (row.workspace_id, row.user_id) != (principal.workspace_id, principal.user_id):
        raise NotAllowed(str(mailbox_id))
    return row


def _find(session: Session, workspace_id: int, address: str) -> schema.Mailbox | None:
    same = (schema.Mailbox.workspace_id == workspace_id) & (schema.Mailbox.email == address)
    return session.scalar(select(schema.Mailbox).where(same))


def _is_being_deleted(session: Session, mailbox_id: int) -> bool:
    request = schema.DeletionRequest
    open_ = select(request.id).where(request.mailbox_id == mailbox_id, request.state != "done").limit(1)
    return session.scalar(open_) is not None


def _refused(error: str) -> OAuthRefused:
    if error in ("admin_policy_enforced", "org_internal"):
        return OAuthRefused(
            error, sentence="Your Google Workspace admin does not allow LealUp to access Gmail.",
            next_step="Ask the admin to allow it, then start the connection again.",
        )  # fmt: skip
    return OAuthRefused(error or "no code")
