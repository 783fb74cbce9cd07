"""Consent, codes, PKCE, tokens, scopes and revocation, with google-auth as the client."""

import base64
import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from googleapiclient.errors import HttpError

from tests.sandbox.gmail.conftest import ANA, BOB, READONLY, REDIRECT, SEND, Start, service

_VERIFIER = "v" * 43
_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).rstrip(b"=").decode()
_PKCE = {"code_challenge": _CHALLENGE, "code_challenge_method": "S256"}


def test_a_code_gives_tokens_for_the_hinted_mailbox(start: Start) -> None:
    sandbox = start()
    answer = sandbox.exchange(sandbox.code(BOB, READONLY, **_PKCE), code_verifier=_VERIFIER)
    granted = answer.json()
    assert (granted["token_type"], granted["expires_in"], granted["scope"]) == ("Bearer", 3600, READONLY)
    info = httpx.get(f"{sandbox.url}/tokeninfo", params={"access_token": granted["access_token"]}).json()
    assert (info["aud"], info["scope"]) == ("sandbox-client", READONLY)
    bearer = {"Authorization": f"Bearer {granted['access_token']}"}
    profile = httpx.get(f"{sandbox.url}/gmail/v1/users/me/profile", headers=bearer).json()
    assert profile["emailAddress"] == BOB


def test_without_a_hint_the_first_mailbox_consents_and_the_state_comes_back(start: Start) -> None:
    sandbox = start()
    answer = httpx.get(sandbox.authorize_url("", (READONLY,), state="a&b"))
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.headers["location"].startswith(REDIRECT)
    assert query["state"] == ["a&b"]
    token = sandbox.exchange(query["code"][0]).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{sandbox.url}/gmail/v1/users/{ANA}/profile", headers=bearer).status_code == 200
    assert httpx.get(f"{sandbox.url}/gmail/v1/users/{BOB}/profile", headers=bearer).status_code == 403


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({}, "invalid_grant"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": _VERIFIER, "redirect_uri": "http://127.0.0.1:9/other"}, "redirect_uri_mismatch"),
        ({"code_verifier": _VERIFIER, "client_secret": "wrong"}, "invalid_client"),
        ({"code_verifier": _VERIFIER, "client_id": "other"}, "invalid_client"),
        ({"code_verifier": _VERIFIER, "grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_code_is_refused(start: Start, more: dict[str, str], error: str) -> None:
    sandbox = start()
    code = sandbox.code(ANA, READONLY, **_PKCE)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **more}
    answer = sandbox.token(**form)
    assert answer.status_code == (401 if error == "invalid_client" else 400)
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]


def test_a_code_works_once_and_for_ten_minutes(start: Start) -> None:
    sandbox = start()
    code, late = sandbox.code(ANA, READONLY), sandbox.code(ANA, READONLY)
    assert sandbox.exchange(code).status_code == 200
    assert sandbox.exchange(code).json()["error"] == "invalid_grant"
    sandbox.post("clock", {"advance_seconds": 601})
    assert sandbox.exchange(late).json()["error"] == "invalid_grant"


def test_the_client_may_authenticate_by_http_basic(start: Start) -> None:
    sandbox = start()
    form = {"grant_type": "authorization_code", "code": sandbox.code(ANA, READONLY), "redirect_uri": REDIRECT}
    wrong = httpx.post(f"{sandbox.url}/token", data=form, auth=("sandbox-client", "wrong"))
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    right = httpx.post(f"{sandbox.url}/token", data=form, auth=("sandbox-client", "sandbox-secret"))
    assert right.json()["refresh_token"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "other"},
        {"redirect_uri": "https://elsewhere.example/cb"},
        {"response_type": "token"},
        {"scope": "https://www.googleapis.com/auth/drive"},
        {"scope": ""},
        {"code_challenge": "short", "code_challenge_method": "S256"},
        {"login_hint": "nobody@lealup.example"},
    ],
)
def test_a_wrong_consent_request_is_a_page_not_a_redirect(start: Start, wrong: dict[str, str]) -> None:
    sandbox = start()
    answer = httpx.get(sandbox.authorize_url(ANA, (READONLY,), **wrong))
    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_the_page_asks_and_both_answers_redirect(start: Start) -> None:
    sandbox = start(auto_consent=False)
    page = httpx.get(sandbox.authorize_url(BOB, (READONLY,), state="s"))
    assert page.status_code == 200
    assert f"<option selected>{BOB}</option>" in page.text
    asked = dict(httpx.URL(sandbox.authorize_url(BOB, (READONLY,), state="s")).params)
    post = f"{sandbox.url}/o/oauth2/v2/auth"
    denied = httpx.post(post, data={**asked, "account": BOB, "granted": READONLY, "decision": "deny"})
    assert parse_qs(urlsplit(denied.headers["location"]).query) == {"state": ["s"], "error": ["access_denied"]}
    allowed = httpx.post(post, data={**asked, "account": ANA, "granted": READONLY, "decision": "allow"})
    code = parse_qs(urlsplit(allowed.headers["location"]).query)["code"][0]
    assert sandbox.exchange(code).json()["scope"] == READONLY


def test_an_expired_token_is_refreshed_by_the_real_client(start: Start) -> None:
    sandbox = start()
    credentials = sandbox.credentials(ANA)
    first = credentials.token
    sandbox.post("clock", {"advance_seconds": 3601})
    stale = httpx.get(f"{sandbox.url}/gmail/v1/users/me/profile", headers={"Authorization": f"Bearer {first}"})
    assert stale.status_code == 401
    assert stale.json()["error"]["status"] == "UNAUTHENTICATED"
    assert stale.json()["error"]["errors"][0]["reason"] == "authError"
    assert service(sandbox.url, credentials).users().getProfile(userId="me").execute()["emailAddress"] == ANA
    assert credentials.token != first


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_the_grant(start: Start, which: str) -> None:
    sandbox = start()
    granted = sandbox.exchange(sandbox.code(ANA, READONLY)).json()
    other = sandbox.credentials(BOB)
    assert httpx.post(f"{sandbox.url}/revoke", data={"token": granted[which]}).status_code == 200
    bearer = {"Authorization": f"Bearer {granted['access_token']}"}
    assert httpx.get(f"{sandbox.url}/gmail/v1/users/me/profile", headers=bearer).status_code == 401
    dead = sandbox.token(grant_type="refresh_token", refresh_token=granted["refresh_token"])
    assert dead.status_code == 400
    assert dead.json() == {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
    assert httpx.post(f"{sandbox.url}/revoke", data={"token": granted[which]}).status_code == 400
    other.refresh(Request())  # type: ignore[no-untyped-call]


def test_a_user_who_revokes_is_seen_by_google_auth(start: Start) -> None:
    sandbox = start()
    users = sandbox.gmail(ANA)
    sandbox.post("revoke", {"email": ANA})
    with pytest.raises(RefreshError, match="invalid_grant"):
        users.getProfile(userId="me").execute()


def test_scopes_are_enforced_by_method(start: Start) -> None:
    sandbox = start()
    reader, sender = sandbox.gmail(ANA, READONLY), sandbox.gmail(ANA, SEND)
    with pytest.raises(HttpError) as refused:
        reader.messages().send(userId="me", body={"raw": "eA=="}).execute()
    assert refused.value.resp.status == 403
    error = json.loads(refused.value.content)["error"]
    assert (error["status"], error["errors"][0]["reason"]) == ("PERMISSION_DENIED", "insufficientPermissions")
    for request in (sender.getProfile(userId="me"), sender.messages().list(userId="me")):
        with pytest.raises(HttpError, match="insufficient authentication scopes"):
            request.execute()


def test_a_second_consent_can_include_the_first(start: Start) -> None:
    sandbox = start()
    sandbox.credentials(ANA, READONLY)
    alone = sandbox.exchange(sandbox.code(ANA, SEND)).json()
    both = sandbox.exchange(sandbox.code(ANA, SEND, include_granted_scopes="true")).json()
    assert alone["scope"] == SEND
    assert set(both["scope"].split()) == {READONLY, SEND}


def test_a_refresh_can_narrow_but_not_widen_the_scopes(start: Start) -> None:
    sandbox = start()
    granted = sandbox.exchange(sandbox.code(ANA, READONLY)).json()["refresh_token"]
    assert sandbox.token(grant_type="refresh_token", refresh_token=granted, scope=READONLY).status_code == 200
    widened = sandbox.token(grant_type="refresh_token", refresh_token=granted, scope=f"{READONLY} {SEND}")
    assert widened.json()["error"] == "invalid_scope"


def test_a_refresh_token_comes_with_the_first_consent_or_when_asked_again(start: Start) -> None:
    sandbox = start()

    def has_refresh_token(**more: str) -> bool:
        return "refresh_token" in sandbox.exchange(sandbox.code(ANA, READONLY, **more)).json()

    assert not has_refresh_token(access_type="online", prompt="")
    assert has_refresh_token(prompt="")
    assert not has_refresh_token(prompt="")
    assert has_refresh_token(prompt="consent")


def test_the_log_never_holds_a_token_or_secret(start: Start) -> None:
    sandbox = start()
    granted = sandbox.exchange(sandbox.code(ANA, READONLY)).json()
    httpx.get(f"{sandbox.url}/tokeninfo", params={"access_token": granted["access_token"]})
    text = httpx.get(f"{sandbox.url}/sandbox/log").text
    assert "oauth.tokeninfo" in text
    assert granted["access_token"] not in text
    assert granted["refresh_token"] not in text
    assert "sandbox-secret" not in text
