"""Each test of this folder runs against both Gmails; the second skips visibly where it is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from gmail.gateway import GmailGateway
from gmail.oauth import Endpoints, Grant, OAuthClient
from gmail.quota import TokenBucket
from gmail.service import build_service
from tests.contract.peers import CLIENT, REDIRECT, SECRET, USER, Peer, emulate, sandbox, why_not_emulate
from tests.house import MovableClock
from tests.sandbox.gmail.conftest import mail

VERIFIER = "v" * 43


def contract_mails() -> list[bytes]:
    from tests.contract.mails import MAILS

    return [mail(text="First text", Message_ID="<first@acme.example>"), *MAILS]


@pytest.fixture(params=["sandbox", "emulate"])
def peer(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Peer]:
    if request.param == "sandbox":
        with sandbox(contract_mails()) as started:
            yield started
        return
    if reason := why_not_emulate():
        pytest.skip(reason)
    with emulate(contract_mails(), tmp_path) as started:
        yield started


@pytest.fixture
def oauth(peer: Peer) -> OAuthClient:
    endpoints = Endpoints(
        authorize=f"{peer.url}/o/oauth2/v2/auth",
        token=f"{peer.url}{peer.token_path}",
        revoke=f"{peer.url}/revoke" if peer.name == "sandbox" else f"{peer.url}/oauth2/revoke",
    )
    return OAuthClient(client_id=CLIENT, client_secret=SECRET, endpoints=endpoints, clock=MovableClock())


@pytest.fixture
def grant(peer: Peer, oauth: OAuthClient) -> Grant:
    """Consent, code and exchange by the production client; emulate's consent page is pressed by hand."""
    return oauth.exchange(code=consent(peer, oauth), verifier=VERIFIER, redirect_uri=REDIRECT)


def consent(peer: Peer, oauth: OAuthClient) -> str:
    url = oauth.consent_url(state="s", verifier=VERIFIER, redirect_uri=REDIRECT, send=True, login_hint=USER)
    answer = httpx.get(url)
    if peer.name == "emulate":
        asked = dict(httpx.URL(url).params)
        answer = httpx.post(f"{peer.url}/o/oauth2/v2/auth/callback", data={**asked, "email": USER})
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == ["s"]
    return query["code"][0]


@pytest.fixture
def service(peer: Peer, oauth: OAuthClient, grant: Grant) -> Any:
    """The client of googleapiclient, built as in production."""
    return build_service(oauth.credentials(grant), peer.url)


@pytest.fixture
def gateway(service: Any) -> GmailGateway:
    return GmailGateway(service, TokenBucket(1_000_000), clock=MovableClock())
