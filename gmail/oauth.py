"""Google OAuth 2.0: authorization code with PKCE and one-time state (RFC 6749, RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx
from google.oauth2.credentials import Credentials

from crm.clock import Clock
from crm.errors import GoogleUnavailable, OAuthRefused

READONLY = "https://www.googleapis.com/auth/gmail.readonly"
SEND = "https://www.googleapis.com/auth/gmail.send"
_TIMEOUT = 20.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """Google's addresses, or one base address that serves them all (LEALUP_GOOGLE_URL)."""

    authorize: str
    token: str
    revoke: str

    @classmethod
    def at(cls, base: str) -> Endpoints:
        return cls(
            authorize=f"{base or 'https://accounts.google.com'}/o/oauth2/v2/auth",
            token=f"{base or 'https://oauth2.googleapis.com'}/token",
            revoke=f"{base or 'https://oauth2.googleapis.com'}/revoke",
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class Grant:
    """What Google granted. `expiry` is aware UTC. Never logged: `repr` shows nothing."""

    access_token: str
    refresh_token: str
    expiry: datetime
    scopes: tuple[str, ...]

    def to_json(self) -> str:
        return json.dumps(
            {
                "access_token": self.access_token,
                "refresh_token": self.refresh_token,
                "expiry": self.expiry.isoformat(),
                "scopes": list(self.scopes),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Grant:
        data = json.loads(text)
        return cls(
            access_token=data["access_token"],
            refresh_token=data["refresh_token"],
            expiry=datetime.fromisoformat(data["expiry"]),
            scopes=tuple(data["scopes"]),
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class OAuthClient:
    """One registered OAuth client at one Google."""

    client_id: str
    client_secret: str
    endpoints: Endpoints
    clock: Clock

    def consent_url(self, *, state: str, verifier: str, redirect_uri: str, send: bool, login_hint: str) -> str:
        """Where the user grants access; `send` asks for gmail.send on top of gmail.readonly (incremental consent)."""
        digest = hashlib.sha256(verifier.encode()).digest()
        return f"{self.endpoints.authorize}?" + urlencode(
            {
                "client_id": self.client_id,
                "redirect_uri": redirect_uri,
                "response_type": "code",
                "scope": " ".join(scopes_for(send)),
                "access_type": "offline",  # a refresh token
                "prompt": "consent",  # … on every connection, not only the first
                "include_granted_scopes": "true",
                "state": state,
                "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
                "code_challenge_method": "S256",
                "login_hint": login_hint,
            }
        )

    def exchange(self, *, code: str, verifier: str, redirect_uri: str) -> Grant:
        """Redeem a code. Raises `OAuthRefused` for a bad code, `GoogleUnavailable` when Google does not answer."""
        answer = self._post(
            self.endpoints.token,
            {
                "grant_type": "authorization_code",
                "code": code,
                "code_verifier": verifier,
                "redirect_uri": redirect_uri,
                "client_id": self.client_id,
                "client_secret": self.client_secret,
            },
        )
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise GoogleUnavailable(f"token endpoint answered {answer.status_code}")
        if answer.status_code != httpx.codes.OK:
            raise OAuthRefused(f"token endpoint answered {answer.status_code}")
        data = answer.json()
        if not data.get("refresh_token"):
            raise OAuthRefused("no refresh token")
        return Grant(
            access_token=data["access_token"],
            refresh_token=data["refresh_token"],
            expiry=self.clock() + timedelta(seconds=int(data.get("expires_in", 0))),
            scopes=tuple(sorted(str(data.get("scope", "")).split())),
        )

    def revoke(self, grant: Grant) -> None:
        """Withdraw the grant at Google; an already dead token counts as done."""
        answer = self._post(self.endpoints.revoke, {"token": grant.refresh_token})
        if (
            answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
            or answer.status_code == httpx.codes.TOO_MANY_REQUESTS
        ):
            raise GoogleUnavailable(f"revoke answered {answer.status_code}")

    def credentials(self, grant: Grant) -> Credentials:
        """google-auth credentials that refresh themselves at this Google."""
        return Credentials(  # type: ignore[no-untyped-call]
            token=grant.access_token,
            refresh_token=grant.refresh_token,
            token_uri=self.endpoints.token,
            client_id=self.client_id,
            client_secret=self.client_secret,
            scopes=list(grant.scopes),
            expiry=grant.expiry.astimezone(UTC).replace(tzinfo=None),  # google-auth wants naive UTC
        )

    def _post(self, url: str, form: dict[str, str]) -> httpx.Response:
        try:
            return httpx.post(url, data=form, timeout=_TIMEOUT)
        except httpx.HTTPError as error:
            raise GoogleUnavailable(type(error).__name__) from None


def scopes_for(send: bool) -> tuple[str, ...]:
    return (READONLY, SEND) if send else (READONLY,)


def can_read(scopes: Iterable[str]) -> bool:
    return READONLY in set(scopes)


def can_send(scopes: Iterable[str]) -> bool:
    return SEND in set(scopes)


def new_secret() -> str:
    """A fresh state or PKCE verifier: 43 url-safe characters, 256 bits (RFC 7636 §4.1)."""
    return secrets.token_urlsafe(32)
