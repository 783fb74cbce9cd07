"""Connecting: PKCE, a state that works once, tokens that nobody can read, and a way back after disconnecting."""

from __future__ import annotations

import logging
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import select

from crm import schema
from crm.errors import GoogleUnavailable, LealUpError, NotConnected, OAuthRefused
from crm.secret_box import SecretBox
from gmail.oauth import READONLY, SEND, Grant
from ingestion.mailboxes import connected_mailboxes
from ingestion.status import status_of
from sandbox.gmail.store import Store
from tests.house import CSM, REDIRECT, House, letter

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it is about Google, not about rows


@pytest.fixture
def unconnected(start_gmail: Callable[..., tuple[str, Store]], make_house: Callable[..., House]) -> House:
    return make_house(*start_gmail())


def _consented(house: House, *, send: bool = False) -> httpx.QueryParams:
    consent = house.app.access.start(house.me, redirect_uri=REDIRECT, send=send)
    return httpx.URL(httpx.get(consent).headers["location"]).params


def test_read_only_unless_sending_is_asked_for(unconnected: House) -> None:
    house = unconnected
    consent = httpx.URL(house.app.access.start(house.me, redirect_uri=REDIRECT, send=False)).params
    assert consent["scope"] == READONLY
    assert (consent["code_challenge_method"], len(consent["code_challenge"])) == ("S256", 43)
    assert (consent["access_type"], consent["login_hint"]) == ("offline", CSM)

    house.connect()
    assert house.mailbox().scopes == [READONLY]
    house.connect(send=True)
    assert set(house.mailbox().scopes) == {READONLY, SEND}
    with house.app.database.read() as session:
        assert len(session.scalars(select(schema.Mailbox)).all()) == 1
        assert status_of(session, house.me, house.clock())[0]["can_send"] is True
        events = session.scalars(select(schema.AuditEvent).where(schema.AuditEvent.action == "gmail.connect")).all()
    assert [event.detail["send"] for event in events] == [False, True]


def test_a_state_works_once(unconnected: House) -> None:
    back = _consented(unconnected)
    unconnected.app.access.finish(state=back["state"], code=back["code"])

    with pytest.raises(OAuthRefused):
        unconnected.app.access.finish(state=back["state"], code=back["code"])


def test_a_state_is_too_old_after_ten_minutes(unconnected: House) -> None:
    back = _consented(unconnected)
    unconnected.clock.advance(minutes=10, seconds=1)

    with pytest.raises(OAuthRefused) as caught:
        unconnected.app.access.finish(state=back["state"], code=back["code"])
    assert "too old" in caught.value.sentence


def test_a_code_is_worth_nothing_without_its_verifier(unconnected: House) -> None:
    """Somebody's stolen code put into another attempt: the PKCE verifier does not fit."""
    stolen, mine = _consented(unconnected), _consented(unconnected)

    with pytest.raises(OAuthRefused):
        unconnected.app.access.finish(state=mine["state"], code=stolen["code"])


def test_a_refused_consent_connects_nothing(unconnected: House) -> None:
    back = _consented(unconnected)

    with pytest.raises(OAuthRefused):
        unconnected.app.access.finish(state=back["state"], code="", error="access_denied")
    with unconnected.app.database.read() as session, pytest.raises(NotConnected):
        connected_mailboxes(session, unconnected.me)


@pytest.mark.parametrize(("kind", "status"), [("status", 503), ("drop", 0)])
def test_google_that_fails_while_connecting_is_an_outage_not_a_refusal(
    unconnected: House, kind: str, status: int
) -> None:
    back = _consented(unconnected)
    unconnected.fault(kind, "oauth.token", status=status)

    with pytest.raises(GoogleUnavailable):
        unconnected.app.access.finish(state=back["state"], code=back["code"])


def test_tokens_are_sealed_and_never_shown(
    house: House, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        house.sync()
    sealed = house.mailbox().sealed_token
    grant = Grant.from_json(house.app.box.open(sealed))

    assert grant.refresh_token not in sealed
    shown = caplog.text + "".join(capsys.readouterr()) + repr(grant) + str(house.app.access.client())
    assert grant.refresh_token not in shown
    assert grant.access_token not in shown
    assert "sandbox-secret" not in shown
    with pytest.raises(LealUpError):
        SecretBox(["A" * 43 + "="]).open(sealed)


def test_disconnecting_revokes_at_google_and_keeps_the_mail(house: House) -> None:
    house.mail(letter(subject="Renewal", text="We want to renew."))
    house.sync()
    grant = Grant.from_json(house.app.box.open(house.mailbox().sealed_token))

    house.app.access.disconnect(house.me, house.mailbox().id)

    assert (house.mailbox().state, house.mailbox().sealed_token) == ("disconnected", "")
    assert house.subjects("Globex") == ["Renewal"]
    form = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token}
    client = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
    assert httpx.post(f"{house.url}/token", data={**form, **client}).json()["error"] == "invalid_grant"

    house.mail(letter(subject="While away", days_ago=0))
    house.connect()
    house.sync()
    assert house.subjects("Globex") == ["Renewal", "While away"]


def test_disconnecting_when_google_is_down_keeps_the_connection(house: House) -> None:
    house.fault("drop", "oauth.revoke")

    with pytest.raises(LealUpError) as caught:
        house.app.access.disconnect(house.me, house.mailbox().id)
    assert "revoke" in caught.value.sentence

    assert house.mailbox().sealed_token != ""


def test_an_expired_access_token_is_refreshed(house: House) -> None:
    house.mail(letter(subject="Renewal"))
    house.clock.advance(hours=2)

    house.sync()

    assert house.subjects("Globex") == ["Renewal"]
