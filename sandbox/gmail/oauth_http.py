"""The OAuth endpoints: consent, token, revocation, tokeninfo, userinfo."""

import asyncio
import base64
import binascii
import hashlib
import re
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.gmail import scopes
from sandbox.gmail.consent import consent_page, error_page
from sandbox.gmail.errors import ConnectionDroppedError, insufficient_scope, unauthenticated
from sandbox.gmail.faults import FaultQueue
from sandbox.gmail.log import Entry, RequestLog
from sandbox.gmail.oauth import AccessToken, Authority, OAuthError, Request
from sandbox.gmail.settings import Settings
from sandbox.gmail.store import Store

Form = dict[str, str]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class _BlockedError(Exception):
    """The consent request is wrong in a way that must not redirect."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class OAuthHttp:
    def __init__(
        self, store: Store, authority: Authority, settings: Settings, faults: FaultQueue, log: RequestLog
    ) -> None:
        self._store = store
        self._authority = authority
        self._settings = settings
        self._faults = faults
        self._log = log

    def routes(self) -> list[Route]:
        consent = self._logged("oauth.auth", self._consent)
        tokeninfo = self._logged("oauth.tokeninfo", self._tokeninfo)
        userinfo = self._logged("oauth.userinfo", self._userinfo)
        return [
            Route("/o/oauth2/v2/auth", consent, methods=["GET", "POST"]),
            Route("/o/oauth2/auth", consent, methods=["GET", "POST"]),
            Route("/token", self._logged("oauth.token", self._token), methods=["POST"]),
            Route("/revoke", self._logged("oauth.revoke", self._revoke), methods=["POST"]),
            Route("/tokeninfo", tokeninfo, methods=["GET", "POST"]),
            Route("/oauth2/v3/tokeninfo", tokeninfo, methods=["GET", "POST"]),
            Route("/oauth2/v3/userinfo", userinfo, methods=["GET", "POST"]),
            Route("/v1/userinfo", userinfo, methods=["GET", "POST"]),
        ]

    def _logged(
        self, method: str, endpoint: Callable[[HttpRequest, Entry], Awaitable[Response]]
    ) -> Callable[[HttpRequest], Awaitable[Response]]:
        """With a log entry, and with faults (`reason` becomes the OAuth error)."""

        async def run(request: HttpRequest) -> Response:
            entry = self._log.open(
                Entry(at=self._store.clock.now(), method=method, verb=request.method, path=request.url.path)
            )
            fault = self._faults.take(method=method, verb=request.method, path=request.url.path, user="")
            if fault is not None:
                entry.fault = fault.kind
                await asyncio.sleep(fault.delay)
                if fault.kind == "drop" or fault.drop:
                    raise ConnectionDroppedError
                entry.status, entry.reason = fault.status, fault.reason or "internal_failure"
                body = {"error": entry.reason, "error_description": fault.text}
                return JSONResponse(body, status_code=fault.status, headers=fault.headers)
            try:
                response = await endpoint(request, entry)
            except OAuthError as error:
                entry.reason = error.error
                body = {"error": error.error, "error_description": error.description}
                response = JSONResponse(body, status_code=error.status)
            except _BlockedError as error:
                entry.reason = error.error
                response = HTMLResponse(error_page(error.error, error.description), status_code=400)
            response.headers["Cache-Control"] = "no-store"
            entry.status = response.status_code
            return response

        return run

    async def _consent(self, http: HttpRequest, entry: Entry) -> Response:
        form = await _form(http)
        asked = self._consent_request(form)
        account = self._account(form)
        entry.user = account
        granted = asked.scopes
        if http.method == "POST":
            granted &= frozenset(parse_qs((await http.body()).decode("utf-8", "replace")).get("granted", []))
            if form.get("decision") != "allow" or not granted:
                return _redirect(asked.redirect_uri, {"error": "access_denied"}, form)
        elif not self._settings.auto_consent:
            kept = {name: value for name, value in form.items() if name != "login_hint"}
            page = consent_page(
                client_id=asked.client_id,
                accounts=self._store.mailboxes,
                chosen=account,
                asked=asked.scopes,
                request=kept,
            )
            return HTMLResponse(page)
        code, total = self._authority.consent(account, asked, granted)
        return _redirect(asked.redirect_uri, {"code": code, "scope": " ".join(sorted(total))}, form)

    def _consent_request(self, form: Form) -> Request:
        """Raises `_BlockedError`, as Google does, rather than redirect."""
        if form.get("client_id") != self._settings.client_id:
            raise _BlockedError("invalid_client", "The OAuth client was not found.")
        redirect_uri = form.get("redirect_uri", "")
        if not self._is_registered(redirect_uri):
            raise _BlockedError("redirect_uri_mismatch", f"The redirect URI is not registered: {redirect_uri}")
        if form.get("response_type") != "code":
            raise _BlockedError("unsupported_response_type", "Only response_type=code is served.")
        names = form.get("scope", "").split()
        if not names:
            raise _BlockedError("invalid_request", "Missing required parameter: scope")
        unknown = [name for name in names if name not in scopes.KNOWN]
        if unknown:
            raise _BlockedError("invalid_scope", f"Some requested scopes were invalid: {' '.join(unknown)}")
        method = form.get("code_challenge_method", "plain")
        challenge = form.get("code_challenge", "")
        if challenge and (method not in ("S256", "plain") or not _CHALLENGE.fullmatch(challenge)):
            raise _BlockedError("invalid_request", "Invalid code_challenge or code_challenge_method.")
        if form.get("prompt", "consent") == "none":
            raise _BlockedError("interaction_required", "The sandbox serves no prompt=none.")
        return Request(
            client_id=form["client_id"],
            redirect_uri=redirect_uri,
            scopes=scopes.expand(form["scope"]),
            challenge=challenge,
            challenge_method=method,
            is_offline=form.get("access_type") == "offline",
            forces_consent="consent" in form.get("prompt", "").split(),
            adds_granted=form.get("include_granted_scopes") == "true",
        )

    def _is_registered(self, redirect_uri: str) -> bool:
        if redirect_uri in self._settings.redirect_uris:
            return True
        address = urlsplit(redirect_uri)
        return address.scheme in ("http", "https") and address.hostname in _LOOPBACK and not address.fragment

    def _account(self, form: Form) -> str:
        """The account chosen on the page, hinted at, or the first. An alias belongs to its account."""
        wanted = form.get("account") or form.get("login_hint") or next(iter(self._store.mailboxes), "")
        owner = self._store.owner_of(wanted)
        if owner is None:
            raise _BlockedError("invalid_request", f"No sandbox mailbox {wanted or 'at all'}.")
        return owner.email

    async def _token(self, http: HttpRequest, entry: Entry) -> Response:
        form = await _form(http)
        client_id = self._client(http, form)
        grant_type = form.get("grant_type", "")
        if grant_type == "authorization_code":
            answer = self._authority.exchange(
                code=form.get("code", ""),
                client_id=client_id,
                redirect_uri=form.get("redirect_uri", ""),
                verifier=form.get("code_verifier", ""),
            )
        elif grant_type == "refresh_token":
            answer = self._authority.refresh(
                refresh_token=form.get("refresh_token", ""), client_id=client_id, scope=form.get("scope", "")
            )
        else:
            raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {grant_type}")
        access = self._authority.access(str(answer["access_token"]))
        entry.user = access.email if access else ""
        entry.query = f"grant_type={grant_type}"
        return JSONResponse(answer)

    def _client(self, http: HttpRequest, form: Form) -> str:
        """The client, by HTTP Basic or in the body. Raises `OAuthError`."""
        scheme, _, value = http.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                client_id, _, secret = base64.b64decode(value).decode("utf-8").partition(":")
            except (binascii.Error, UnicodeDecodeError):
                raise OAuthError("invalid_client", "Unauthorized", status=401) from None
            client_id, secret = unquote(client_id), unquote(secret)
        else:
            client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        if not client_id:
            raise OAuthError("invalid_request", "Could not determine client ID from request.")
        if client_id != self._settings.client_id:
            raise OAuthError("invalid_client", "The OAuth client was not found.", status=401)
        if not secret:
            raise OAuthError("invalid_request", "client_secret is missing.")
        if secret != self._settings.client_secret:
            raise OAuthError("invalid_client", "The provided client secret is invalid.", status=401)
        return client_id

    async def _revoke(self, http: HttpRequest, entry: Entry) -> Response:
        entry.user = self._authority.revoke((await _form(http)).get("token", ""))
        return JSONResponse({})

    async def _tokeninfo(self, http: HttpRequest, entry: Entry) -> Response:
        token = self._authority.access((await _form(http)).get("access_token", ""))
        if token is None:
            raise OAuthError("invalid_token", "Invalid Value")
        entry.user = token.email
        answer = {
            "azp": token.client_id,
            "aud": token.client_id,
            "scope": " ".join(sorted(token.scopes)),
            "exp": str(int(token.expires_at)),
            "expires_in": str(int(token.expires_at - self._store.clock.now())),
            "access_type": "offline",
        }
        if scopes.EMAIL in token.scopes:
            answer |= _identity(token) | {"email_verified": "true"}
        return JSONResponse(answer)

    async def _userinfo(self, http: HttpRequest, entry: Entry) -> Response:
        value = http.headers.get("Authorization", "").partition(" ")[2]
        token = self._authority.access(value)
        failure = unauthenticated() if token is None else None
        if token is not None and not token.scopes & {scopes.EMAIL, scopes.PROFILE, "openid"}:
            failure = insufficient_scope(frozenset({scopes.EMAIL}))
        if token is None or failure is not None:
            failure = failure or unauthenticated()
            return JSONResponse(failure.body(), status_code=failure.code, headers=failure.headers)
        entry.user = token.email
        return JSONResponse(_identity(token) | {"email_verified": True})


def _identity(token: AccessToken) -> dict[str, str]:
    subject = str(int(hashlib.sha256(token.email.encode()).hexdigest()[:16], 16))
    return {"sub": subject, "email": token.email}


def _redirect(redirect_uri: str, answer: Form, form: Form) -> Response:
    if "state" in form:
        answer = {"state": form["state"], **answer}
    separator = "&" if urlsplit(redirect_uri).query else "?"
    return RedirectResponse(f"{redirect_uri}{separator}{urlencode(answer)}", status_code=302)


async def _form(http: HttpRequest) -> Form:
    """The query string, overlaid with an urlencoded body; the last of a repeated name counts."""
    body = (await http.body()).decode("utf-8", "replace")
    pairs = {**parse_qs(http.url.query, keep_blank_values=True), **parse_qs(body, keep_blank_values=True)}
    return {name: values[-1] for name, values in pairs.items()}
