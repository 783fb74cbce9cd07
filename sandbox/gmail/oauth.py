"""Google OAuth 2.0 without the HTTP: codes with PKCE, access and refresh tokens, scopes, revocation."""

import base64
import hashlib
import secrets
from dataclasses import dataclass

from sandbox.gmail.clock import SandboxClock

_PREFIX = "https://www.googleapis.com/auth/"
FULL, MODIFY, READONLY, SEND, COMPOSE, LABELS = (
    "https://mail.google.com/", f"{_PREFIX}gmail.modify", f"{_PREFIX}gmail.readonly", f"{_PREFIX}gmail.send",
    f"{_PREFIX}gmail.compose", f"{_PREFIX}gmail.labels",
)  # fmt: skip
SCOPES = frozenset(
    {FULL, MODIFY, READONLY, SEND, COMPOSE, LABELS, "openid", f"{_PREFIX}userinfo.email", f"{_PREFIX}userinfo.profile"}
)
ACCESS_SECONDS = 3600
_CODE_SECONDS = 600


class OAuthError(Exception):
    """An error of the token endpoint: `error` and `error_description` of RFC 6749 §5.2, in Google's words."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What the user is asked for on the consent page."""

    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    state: str
    challenge: str
    is_offline: bool
    is_prompted: bool
    includes_granted: bool


@dataclass(frozen=True, kw_only=True)
class _Token:
    client_id: str
    email: str
    scopes: frozenset[str]
    expires: float | None


@dataclass(frozen=True, kw_only=True)
class _Code:
    consent: Consent
    email: str
    expires: float


@dataclass(frozen=True, kw_only=True)
class Access:
    """Whom an access token speaks for, and what it may do."""

    email: str
    scopes: frozenset[str]
    client_id: str
    expires_in: int


class OAuth:
    """Grants of all users to one client. Times are of the sandbox's clock."""

    def __init__(self, clock: SandboxClock, *, client_id: str, client_secret: str) -> None:
        self._clock = clock
        self.client_id = client_id
        self._client_secret = client_secret
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, _Token] = {}
        self._refresh: dict[str, _Token] = {}
        self._granted: dict[str, frozenset[str]] = {}  # email -> scopes

    def grant(self, consent: Consent, email: str) -> str:
        """The user allows it: a code, good once and for ten minutes."""
        code = f"4/0{secrets.token_urlsafe(32)}"
        self._codes[code] = _Code(consent=consent, email=email, expires=self._clock.now() + _CODE_SECONDS)
        return code

    def check_client(self, client_id: str, client_secret: str) -> None:
        if client_id != self.client_id:
            raise OAuthError("invalid_client", "The OAuth client was not found.", status=401)
        if not secrets.compare_digest(client_secret.encode(), self._client_secret.encode()):
            raise OAuthError("invalid_client", "Unauthorized", status=401)

    def redeem(self, *, code: str, redirect_uri: str, verifier: str) -> dict[str, object]:
        """The token response for a code. Raises `OAuthError`; a code is spent by the first attempt."""
        found = self._codes.pop(code, None)
        if found is None or found.expires <= self._clock.now():
            raise OAuthError("invalid_grant", "Malformed auth code." if found is None else "Bad Request")
        consent, email = found.consent, found.email
        if redirect_uri != consent.redirect_uri:
            raise OAuthError("redirect_uri_mismatch", "Bad Request")
        if consent.challenge and not verifier:
            raise OAuthError("invalid_grant", "Missing code verifier.")
        if consent.challenge and challenge_of(verifier) != consent.challenge:
            raise OAuthError("invalid_grant", "Invalid code verifier.")
        before = self._granted.get(email, frozenset())
        scopes = consent.scopes | before if consent.includes_granted else consent.scopes
        self._granted[email] = before | consent.scopes
        answer = self._new_access(email, scopes)
        if consent.is_offline and (consent.is_prompted or not before):
            refresh_token = f"1//0{secrets.token_urlsafe(48)}"
            self._refresh[refresh_token] = _Token(client_id=self.client_id, email=email, scopes=scopes, expires=None)
            answer["refresh_token"] = refresh_token
        return answer

    def refresh(self, refresh_token: str, scope: str) -> dict[str, object]:
        """A new access token, for all granted scopes or the part of them in `scope`."""
        token = self._refresh.get(refresh_token)
        if token is None:
            raise OAuthError("invalid_grant", "Token has been expired or revoked.")
        wanted = frozenset(scope.split()) or token.scopes
        if not wanted <= token.scopes:
            raise OAuthError("invalid_scope", "Some requested scopes were invalid or not granted.")
        return self._new_access(token.email, wanted)

    def access(self, token: str) -> Access | None:
        """None when the token is unknown, expired or revoked."""
        found = self._access.get(token)
        if found is None or found.expires is None:
            return None
        left = int(found.expires - self._clock.now())
        if left <= 0:
            return None
        return Access(email=found.email, scopes=found.scopes, client_id=found.client_id, expires_in=left)

    def revoke_token(self, token: str) -> bool:
        """The whole grant behind either kind of token ends, as at Google; False when there is none."""
        found = self._refresh.get(token) or self._access.get(token)
        if found is None:
            return False
        self.revoke_user(found.email)
        return True

    def revoke_user(self, email: str) -> None:
        self._granted.pop(email, None)
        self._access = {text: token for text, token in self._access.items() if token.email != email}
        self._refresh = {text: token for text, token in self._refresh.items() if token.email != email}

    def _new_access(self, email: str, scopes: frozenset[str]) -> dict[str, object]:
        text = f"ya29.{secrets.token_urlsafe(48)}"
        expires = self._clock.now() + ACCESS_SECONDS
        self._access[text] = _Token(client_id=self.client_id, email=email, scopes=scopes, expires=expires)
        return {
            "access_token": text,
            "expires_in": ACCESS_SECONDS,
            "scope": " ".join(sorted(scopes)),
            "token_type": "Bearer",
        }


def challenge_of(verifier: str) -> str:
    """The S256 code challenge of RFC 7636 §4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode("ascii")
