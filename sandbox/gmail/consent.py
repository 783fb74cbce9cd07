"""The OAuth endpoints over HTTP: the consent page, /token, /revoke, /tokeninfo."""

import base64
import binascii
import html
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.gmail.oauth import SCOPES, Consent, OAuth, OAuthError
from sandbox.gmail.store import Store

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox consent</title>
<body><h1>{client} wants to access your Google Account</h1><form method="post" action="{action}">
<p><label>Account <select name="account">{accounts}</select></label></p><ul>{scopes}</ul>
<button name="decision" value="deny">Deny</button> <button name="decision" value="allow">Allow</button>
</form></body></html>"""


class _Refused(Exception):
    """A request that Google answers with its own error page instead of a redirect."""


@dataclass(kw_only=True)
class ConsentPages:
    """With `auto_consent` the user allows everything at once."""

    store: Store
    oauth: OAuth
    auto_consent: bool

    def routes(self) -> list[Route]:
        return [
            Route("/o/oauth2/v2/auth", self.authorize, methods=["GET", "POST"]),
            Route("/token", self.token, methods=["POST"]),
            Route("/revoke", self.revoke, methods=["POST"]),
            Route("/tokeninfo", self.tokeninfo, methods=["GET"]),
        ]

    async def authorize(self, request: Request) -> Response:
        """GET shows the page; its form posts the decision back to the same address."""
        asked = {key: value for key, value in request.query_params.items()}
        try:
            consent = self._consent(asked)
        except _Refused as refusal:
            return HTMLResponse(f"<h1>Access blocked: Authorization Error</h1><p>{html.escape(str(refusal))}</p>", 400)
        if request.method == "POST":
            form = _form(await request.body())
            if form.get("decision") != "allow":
                return _back(consent, error="access_denied")
            return self._allowed(consent, form.get("account", ""))
        hint = asked.get("login_hint", "").lower()
        email = hint if hint in self.store.mailboxes else next(iter(self.store.mailboxes), "")
        if self.auto_consent:
            return self._allowed(consent, email)
        accounts = "".join(
            f'<option{" selected" if address == email else ""}>{html.escape(address)}</option>'
            for address in self.store.mailboxes
        )
        scopes = "".join(f"<li>{html.escape(scope)}</li>" for scope in sorted(consent.scopes))
        action = html.escape(f"{request.url.path}?{request.url.query}")
        client = html.escape(consent.client_id)
        return HTMLResponse(_PAGE.format(client=client, action=action, accounts=accounts, scopes=scopes))

    async def token(self, request: Request) -> Response:
        form = _form(await request.body())
        try:
            self.oauth.check_client(*_client(request, form))
            return JSONResponse(self._tokens(form), headers={"Cache-Control": "no-store"})
        except OAuthError as error:
            return JSONResponse({"error": error.error, "error_description": error.description}, error.status)

    async def revoke(self, request: Request) -> Response:
        token = request.query_params.get("token") or _form(await request.body()).get("token", "")
        if not self.oauth.revoke_token(token):
            return JSONResponse(
                {"error": "invalid_token", "error_description": "Token expired or revoked"}, status_code=400
            )
        return JSONResponse({})

    async def tokeninfo(self, request: Request) -> Response:
        found = self.oauth.access(request.query_params.get("access_token", ""))
        if found is None:
            return JSONResponse({"error": "invalid_token", "error_description": "Invalid Value"}, status_code=400)
        return JSONResponse(
            {
                "azp": found.client_id,
                "aud": found.client_id,
                "scope": " ".join(sorted(found.scopes)),
                "expires_in": str(found.expires_in),
                "access_type": "offline",
                "email": found.email,
                "email_verified": "true",
            }
        )

    def _allowed(self, consent: Consent, account: str) -> Response:
        if account not in self.store.mailboxes:
            return HTMLResponse(f"<h1>No mailbox {html.escape(account)}</h1>", 400)
        code = self.oauth.grant(consent, account)
        return _back(consent, code=code, scope=" ".join(sorted(consent.scopes)))

    def _consent(self, asked: dict[str, str]) -> Consent:
        if asked.get("client_id") != self.oauth.client_id:
            raise _Refused("Error 401: invalid_client. The OAuth client was not found.")
        if urlsplit(asked.get("redirect_uri", "")).scheme not in ("http", "https"):
            raise _Refused("Error 400: redirect_uri_mismatch")
        if asked.get("response_type") != "code":
            raise _Refused("Error 400: unsupported_response_type")
        scopes = frozenset(asked.get("scope", "").split())
        if not scopes or not scopes <= SCOPES:
            raise _Refused(f"Error 400: invalid_scope {sorted(scopes - SCOPES)}")
        challenge, way = asked.get("code_challenge", ""), asked.get("code_challenge_method", "plain")
        if challenge and way != "S256":
            raise _Refused("Error 400: invalid_request. Only code_challenge_method S256 is supported.")
        return Consent(
            client_id=asked["client_id"],
            redirect_uri=asked["redirect_uri"],
            scopes=scopes,
            state=asked.get("state", ""),
            challenge=challenge,
            is_offline=asked.get("access_type") == "offline",
            is_prompted="consent" in asked.get("prompt", "").split(),
            includes_granted=asked.get("include_granted_scopes") == "true",
        )

    def _tokens(self, form: dict[str, str]) -> dict[str, object]:
        match form.get("grant_type", ""):
            case "authorization_code":
                return self.oauth.redeem(
                    code=form.get("code", ""),
                    redirect_uri=form.get("redirect_uri", ""),
                    verifier=form.get("code_verifier", ""),
                )
            case "refresh_token":
                return self.oauth.refresh(form.get("refresh_token", ""), form.get("scope", ""))
            case other:
                raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {other}")


def _back(consent: Consent, **answer: str) -> Response:
    state = {"state": consent.state} if consent.state else {}
    joint = "&" if urlsplit(consent.redirect_uri).query else "?"
    return RedirectResponse(f"{consent.redirect_uri}{joint}{urlencode({**state, **answer})}", status_code=302)


def _form(body: bytes) -> dict[str, str]:
    pairs = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in pairs.items()}


def _client(request: Request, form: dict[str, str]) -> tuple[str, str]:
    """(id, secret) from HTTP Basic, else from the form."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(encoded).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthError("invalid_client", "Unauthorized", status=401) from None
    return client_id, secret
