"""Google's OAuth 2.0 rules without HTTP: codes, grants, tokens, revocation.

RFC 6749, RFC 7636, RFC 7009; https://developers.google.com/identity/protocols/oauth2/native-app
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from sandbox.gmail import scopes
from sandbox.gmail.clock import SandboxClock

ACCESS_SECONDS = 3600
_CODE_SECONDS = 600
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class OAuthError(Exception):
    """An answer of the token or revocation endpoint: `error` and `error_description`."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the consent page was asked for."""

    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    challenge: str
    challenge_method: str
    is_offline: bool
    forces_consent: bool
    adds_granted: bool


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """`expires_at` in Unix seconds by the sandbox clock."""

    email: str
    client_id: str
    scopes: frozenset[str]
    expires_at: float


@dataclass(frozen=True, kw_only=True)
class _Code:
    email: str
    request: Request
    scopes: frozenset[str]
    expires_at: float


@dataclass(kw_only=True)
class _Grant:
    """What one user gave one client; revoking any of its tokens ends all of them."""

    scopes: frozenset[str] = frozenset()
    refresh_tokens: dict[str, frozenset[str]] = field(default_factory=dict)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)


class Authority:
    """Tokens are random, so that one of an earlier run never opens a mailbox of this one."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._codes: dict[str, _Code] = {}
        self._grants: dict[tuple[str, str], _Grant] = {}

    def consent(self, email: str, request: Request, granted: frozenset[str]) -> tuple[str, frozenset[str]]:
        """The user agrees to `granted`. Returns a one-time code and all scopes it will give."""
        before = self._grants.get((email, request.client_id), _Grant()).scopes
        total = granted | before if request.adds_granted else granted
        code = f"4/0{secrets.token_urlsafe(32)}"
        expires_at = self._clock.now() + _CODE_SECONDS
        self._codes[code] = _Code(email=email, request=request, scopes=total, expires_at=expires_at)
        return code, total

    def exchange(self, *, code: str, client_id: str, redirect_uri: str, verifier: str) -> dict[str, object]:
        """Redeem a code; it works once, even when the attempt fails. Raises `OAuthError`."""
        found = self._codes.pop(code, None)
        if found is None:
            raise OAuthError("invalid_grant", "Malformed auth code.")
        if found.expires_at <= self._clock.now() or found.request.client_id != client_id:
            raise OAuthError("invalid_grant", "Bad Request")
        if found.request.redirect_uri != redirect_uri:
            raise OAuthError("redirect_uri_mismatch", "Bad Request")
        _check_verifier(found.request, verifier)
        grant = self._grants.setdefault((found.email, client_id), _Grant())
        is_first = not grant.refresh_tokens
        grant.scopes |= found.scopes
        answer = self._access(grant, found.email, client_id, found.scopes)
        # Google hands out a refresh token at the first consent only, or when consent was asked for again.
        if found.request.is_offline and (is_first or found.request.forces_consent):
            refresh_token = f"1//0{secrets.token_urlsafe(48)}"
            grant.refresh_tokens[refresh_token] = found.scopes
            answer["refresh_token"] = refresh_token
        return answer

    def refresh(self, *, refresh_token: str, client_id: str, scope: str) -> dict[str, object]:
        """A new access token, with fewer scopes if asked. Raises `OAuthError`."""
        for (email, owner), grant in self._grants.items():
            held = grant.refresh_tokens.get(refresh_token)
            if held is not None and owner == client_id:
                wanted = scopes.expand(scope) if scope else held
                if not wanted <= held:
                    raise OAuthError("invalid_scope", "Some requested scopes were invalid or not granted.")
                return self._access(grant, email, client_id, wanted)
        raise OAuthError("invalid_grant", "Token has been expired or revoked.")

    def revoke(self, token: str) -> str:
        """End the grant behind an access or refresh token and return its user. Raises `OAuthError`."""
        for (email, client_id), grant in self._grants.items():
            access = grant.access_tokens.get(token)
            if token in grant.refresh_tokens or (access is not None and access.expires_at > self._clock.now()):
                del self._grants[email, client_id]
                return email
        raise OAuthError("invalid_token", "Token expired or revoked")

    def revoke_user(self, email: str) -> int:
        """The user removes the app's access, or an administrator does. Returns how many grants ended."""
        ended = [key for key in self._grants if key[0] == email]
        for key in ended:
            del self._grants[key]
        return len(ended)

    def access(self, token: str) -> AccessToken | None:
        """What a live access token opens."""
        for grant in self._grants.values():
            found = grant.access_tokens.get(token)
            if found is not None and found.expires_at > self._clock.now():
                return found
        return None

    def _access(self, grant: _Grant, email: str, client_id: str, granted: frozenset[str]) -> dict[str, object]:
        now = self._clock.now()
        grant.access_tokens = {old: kept for old, kept in grant.access_tokens.items() if kept.expires_at > now}
        token = f"ya29.{secrets.token_urlsafe(48)}"
        grant.access_tokens[token] = AccessToken(
            email=email, client_id=client_id, scopes=granted, expires_at=now + ACCESS_SECONDS
        )
        scope = " ".join(sorted(granted))
        return {"access_token": token, "expires_in": ACCESS_SECONDS, "scope": scope, "token_type": "Bearer"}


def _check_verifier(request: Request, verifier: str) -> None:
    if not request.challenge:
        if verifier:
            raise OAuthError("invalid_grant", "code_verifier or verifier is not needed.")
        return
    if not verifier:
        raise OAuthError("invalid_grant", "Missing code verifier.")
    if not _VERIFIER.fullmatch(verifier):
        raise OAuthError("invalid_grant", "Malformed code verifier.")
    computed = verifier
    if request.challenge_method == "S256":
        digest = hashlib.sha256(verifier.encode("ascii")).digest()
        computed = base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
    if not hmac.compare_digest(computed, request.challenge):
        raise OAuthError("invalid_grant", "Invalid code verifier.")
