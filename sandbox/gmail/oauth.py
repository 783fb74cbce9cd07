"""Google's OAuth 2.0 without the HTTP: codes with PKCE, access and refresh tokens, scopes, revocation."""

import base64
import hashlib
import secrets
from dataclasses import dataclass

from sandbox.gmail.clock import SandboxClock

ACCESS_SECONDS = 3600
_CODE_SECONDS = 600


class OAuthError(Exception):
    """An error of the token endpoint: `error` and `error_description` of RFC 6749 §5.2, in Google's words."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a client asks of the user. `challenge` empty is a request without PKCE."""

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
    """Whom a token speaks for, and what it may do. `expires_at` in Unix seconds by the sandbox clock."""

    email: str
    client_id: str
    scopes: frozenset[str]
    expires_at: float


@dataclass(frozen=True, kw_only=True)
class _RefreshToken:
    email: str
    client_id: str
    scopes: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class _Code:
    request: Request
    email: str
    scopes: frozenset[str]
    has_refresh_token: bool
    expires_at: float


class Authority:
    """Every user's grants. Tokens are random and live in memory only."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, AccessToken] = {}
        self._refresh: dict[str, _RefreshToken] = {}
        self._granted: dict[str, frozenset[str]] = {}  # email -> every scope granted so far

    def consent(self, email: str, request: Request, granted: frozenset[str]) -> tuple[str, frozenset[str]]:
        """The user allows `granted`: a code, good once and for ten minutes, and the scopes it stands for."""
        before = self._granted.get(email, frozenset())
        scopes = granted | before if request.adds_granted else granted
        self._granted[email] = before | granted
        code = f"4/0{secrets.token_urlsafe(48)}"
        self._codes[code] = _Code(
            request=request,
            email=email,
            scopes=scopes,
            # Google gives a refresh token for the first consent only, unless asked to show the page again.
            has_refresh_token=request.is_offline and (request.forces_consent or not before),
            expires_at=self._clock.now() + _CODE_SECONDS,
        )
        return code, scopes

    def exchange(self, *, code: str, client_id: str, redirect_uri: str, verifier: str) -> dict[str, object]:
        """The token response for a code. Raises `OAuthError`; any attempt spends the code."""
        found = self._codes.pop(code, None)
        if found is None:
            raise OAuthError("invalid_grant", "Malformed auth code.")
        if found.expires_at <= self._clock.now() or found.request.client_id != client_id:
            raise OAuthError("invalid_grant", "Bad Request")
        if found.request.redirect_uri != redirect_uri:
            raise OAuthError("redirect_uri_mismatch", "Bad Request")
        _check_verifier(found.request, verifier)
        answer = self._new_access(found.email, client_id, found.scopes)
        if found.has_refresh_token:
            refresh_token = f"1//0{secrets.token_urlsafe(48)}"
            self._refresh[refresh_token] = _RefreshToken(
                email=found.email, client_id=client_id, scopes=found.scopes
            )
            answer["refresh_token"] = refresh_token
        return answer

    def refresh(self, *, refresh_token: str, client_id: str, scope: str) -> dict[str, object]:
        """A new access token for all the grant's scopes, or the part named in `scope`. Raises `OAuthError`."""
        found = self._refresh.get(refresh_token)
        if found is None:
            raise OAuthError("invalid_grant", "Token has been expired or revoked.")
        if found.client_id != client_id:
            raise OAuthError("unauthorized_client", "Unauthorized", status=401)
        wanted = frozenset(scope.split()) or found.scopes
        if not wanted <= found.scopes:
            raise OAuthError("invalid_scope", "Bad Request")
        return self._new_access(found.email, client_id, wanted)

    def access(self, token: str) -> AccessToken | None:
        """None when the token is unknown, expired or revoked."""
        found = self._access.get(token)
        return found if found is not None and found.expires_at > self._clock.now() else None

    def revoke(self, token: str) -> str:
        """End the whole grant behind either kind of token, and return its user. Raises `OAuthError`."""
        found = self._refresh.get(token) or self.access(token)
        if found is None:
            raise OAuthError("invalid_token", "Token expired or revoked")
        self.revoke_user(found.email)
        return found.email

    def revoke_user(self, email: str) -> int:
        """Every token of the user ends, refresh and access; how many there were."""
        access = [token for token, known in self._access.items() if known.email == email]
        refresh = [token for token, known in self._refresh.items() if known.email == email]
        for token in access:
            del self._access[token]
        for token in refresh:
            del self._refresh[token]
        for code in [code for code, known in self._codes.items() if known.email == email]:
            del self._codes[code]
        self._granted.pop(email, None)
        return len(access) + len(refresh)

    def _new_access(self, email: str, client_id: str, scopes: frozenset[str]) -> dict[str, object]:
        token = f"ya29.{secrets.token_urlsafe(48)}"
        expires_at = self._clock.now() + ACCESS_SECONDS
        self._access[token] = AccessToken(email=email, client_id=client_id, scopes=scopes, expires_at=expires_at)
        return {
            "access_token": token,
            "expires_in": ACCESS_SECONDS,
            "scope": " ".join(sorted(scopes)),
            "token_type": "Bearer",
        }


def _check_verifier(request: Request, verifier: str) -> None:
    """RFC 7636 §4.6. Raises `OAuthError`."""
    if not request.challenge:
        return
    if not verifier:
        raise OAuthError("invalid_grant", "Missing code verifier.")
    computed = verifier
    if request.challenge_method == "S256":
        computed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode("ascii")
    if computed != request.challenge:
        raise OAuthError("invalid_grant", "Invalid code verifier.")
