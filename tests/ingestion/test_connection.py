"""Connecting: PKCE, a state that works once, tokens that nobody can read, and a way back after disconnecting."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import select

from crm import schema
from crm.errors import (
    Disconnected,
    GoogleUnavailable,
    InputError,
    LealUpError,
    NotAllowed,
    NotConnected,
    OAuthRefused,
    SettingError,
)
from crm.key_file import new_key, read_keys, write_keys
from crm.secret_box import SecretBox
from gmail.oauth import READONLY, SEND, Grant, OAuthClient
from ingestion.mailboxes import connected_mailboxes, mailboxes_of
from ingestion.resealing import Resealed, reseal_everything
from ingestion.status import status_of
from sandbox.gmail.store import Store
from tests.house import COLLEAGUE, CSM, REDIRECT, House, letter

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


def test_disconnecting_while_google_is_down_reads_nothing_more_and_revokes_later(house: House) -> None:
    refresh = _refresh_token(house)
    house.fault("drop", "oauth.revoke")

    assert house.app.access.disconnect(house.me, house.mailbox().id) == "waiting"

    assert (house.mailbox().state, house.mailbox().sealed_token) == ("disconnected", "")
    with pytest.raises(NotConnected):
        house.app.sync.run(house.mailbox().id)
    assert _is_alive(house, refresh)
    _poll(house)  # Google is back
    assert not _is_alive(house, refresh)
    assert house.mailbox().sealed_revocation == ""


def test_a_process_without_an_oauth_client_does_not_throw_away_what_is_to_be_revoked(house: House) -> None:
    refresh = _refresh_token(house)
    house.fault("drop", "oauth.revoke")
    house.app.access.disconnect(house.me, house.mailbox().id)

    def unset() -> OAuthClient:
        raise SettingError(sentence="LEALUP_GOOGLE_CLIENT_ID and LEALUP_GOOGLE_CLIENT_SECRET are not set.")

    assert replace(house.app.access, client=unset).revoke(house.mailbox().id) == "waiting"
    assert house.app.access.revoke(house.mailbox().id) == "yes"
    assert not _is_alive(house, refresh)


def test_reconnecting_before_google_heard_of_it_is_not_revoked_afterwards(house: House) -> None:
    """Revoking any token of a grant ends all of them."""
    house.fault("drop", "oauth.revoke")
    house.app.access.disconnect(house.me, house.mailbox().id)
    house.connect()
    _poll(house)
    assert (house.mailbox().state, _is_alive(house, _refresh_token(house))) == ("connected", True)


def _refresh_token(house: House) -> str:
    return Grant.from_json(house.app.box.open(house.mailbox().sealed_token)).refresh_token


def _is_alive(house: House, refresh_token: str) -> bool:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    client = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
    return httpx.post(f"{house.url}/token", data={**form, **client}).status_code == 200


def test_reconnecting_read_only_keeps_what_google_still_grants_and_claims_no_more(unconnected: House) -> None:
    house = unconnected
    house.connect(send=True)
    house.connect()  # Google adds what was granted before (include_granted_scopes)
    assert set(house.mailbox().scopes) == {READONLY, SEND}
    house.app.access.disconnect(house.me, house.mailbox().id)  # ends the grant
    with house.app.database.read() as session:
        assert status_of(session, house.me, house.clock())[0]["can_send"] is False
    house.connect()
    assert house.mailbox().scopes == [READONLY]


def test_reconnecting_a_mailbox_asks_for_what_it_had(unconnected: House) -> None:
    unconnected.connect(send=True)
    url = unconnected.app.access.start(unconnected.me, redirect_uri=REDIRECT, send=False, mailbox=CSM)
    assert set(httpx.URL(url).params["scope"].split()) == {READONLY, SEND}


def test_another_account_at_reconnecting_is_refused_and_given_back(house: House) -> None:
    url = httpx.URL(house.app.access.start(house.me, redirect_uri=REDIRECT, send=False, mailbox=CSM))
    back = httpx.URL(httpx.get(url.copy_set_param("login_hint", COLLEAGUE)).headers["location"]).params
    with pytest.raises(OAuthRefused) as caught:
        house.app.access.finish(state=back["state"], code=back["code"])
    assert CSM in caught.value.sentence and COLLEAGUE in caught.value.sentence
    with house.app.database.read() as session:
        assert [box.email for box in session.scalars(select(schema.Mailbox))] == [CSM]
    assert len(house.requests("oauth.revoke")) == 1
    assert _is_alive(house, _refresh_token(house))


def test_without_the_permission_to_read_nothing_is_connected(
    start_gmail: Callable[..., tuple[str, Store]], make_house: Callable[..., House]
) -> None:
    """On Google's page every permission can be unticked."""
    house = make_house(*start_gmail(auto_consent=False))
    url = house.app.access.start(house.me, redirect_uri=REDIRECT, send=True)
    answer = httpx.post(url, data={"decision": "allow", "granted": SEND})
    back = httpx.URL(answer.headers["location"]).params
    with pytest.raises(OAuthRefused) as caught:
        house.app.access.finish(state=back["state"], code=back["code"])
    assert "read" in caught.value.sentence


def test_nobody_reads_or_ends_a_colleagues_mailbox(house: House) -> None:
    luis = house.join(COLLEAGUE)
    mine = house.mailbox().id
    with pytest.raises(NotConnected):
        house.app.access.disconnect(luis, mine)
    with pytest.raises(NotConnected):
        house.app.access.start(luis, redirect_uri=REDIRECT, send=True, mailbox=CSM)
    with pytest.raises(NotAllowed):
        house.app.deletions.request(luis, mine)
    with house.app.database.read() as session:
        assert status_of(session, luis, house.clock()) == []
        assert mailboxes_of(session, luis) == ()
    url = httpx.URL(house.app.access.start(luis, redirect_uri=REDIRECT, send=False))
    back = httpx.URL(httpx.get(url.copy_set_param("login_hint", CSM)).headers["location"]).params
    with pytest.raises(InputError):  # her account at Google, in his session here
        house.app.access.finish(state=back["state"], code=back["code"])
    assert (house.mailbox().user_id, house.mailbox().state) == (house.me.user_id, "connected")
    assert _is_alive(house, _refresh_token(house))


def test_rotating_the_key_loses_no_connection(house: House) -> None:
    old = house.app.settings.encryption_keys()
    path = house.app.settings.key_file
    sealed = house.mailbox().sealed_token
    write_keys(path, [new_key(), *old])
    assert reseal_everything(house.app.database, house.clock, house.app.box) == Resealed(sealed=1, lost=())
    write_keys(path, read_keys(path)[:1])

    assert house.mailbox().sealed_token != sealed
    with pytest.raises(SettingError):
        SecretBox(old).open(house.mailbox().sealed_token)
    house.sync()  # the box of a running process reads the keys again
    house.connect()
    assert path.stat().st_mode & 0o077 == 0


def test_a_token_whose_key_is_lost_is_a_sentence_and_one_notice(house: House) -> None:
    old = read_keys(house.app.settings.key_file)
    write_keys(house.app.settings.key_file, [new_key()])
    house.app.box.seal("read the keys again")
    for _ in range(2):
        with pytest.raises(Disconnected):
            house.app.sync.run(house.mailbox().id)
    assert reseal_everything(house.app.database, house.clock, house.app.box).lost == (CSM,)
    assert house.mailbox().state == "disconnected" and "key" in house.mailbox().cause
    assert _notices(house) == 1
    write_keys(house.app.settings.key_file, old)  # it was found again
    house.sync()
    assert house.mailbox().state == "connected"


def _poll(house: House) -> None:
    """What a worker does once a minute: its chores, and a sync of every mailbox that has a token."""
    house.app.deletions.run_waiting()
    house.app.access.revoke_waiting()
    with house.app.database.read() as session:
        boxes = session.scalars(select(schema.Mailbox.id).where(schema.Mailbox.sealed_token != "")).all()
    for mailbox_id in boxes:
        with contextlib.suppress(LealUpError):
            house.app.worker.sync_now(mailbox_id)


def _notices(house: House) -> int:
    with house.app.database.read() as session:
        notice = select(schema.AuditEvent.id).where(schema.AuditEvent.action == "gmail.disconnected")
        return len(session.scalars(notice).all())


def test_one_401_forces_a_refresh_and_is_no_end(house: House) -> None:
    house.mail(letter(subject="Renewal"))
    for method in ("getProfile", "messages.list", "messages.get"):
        house.fault("status", method, status=401, reason="authError")
    house.sync()
    assert (house.subjects("Globex"), house.mailbox().state) == (["Renewal"], "connected")
    assert len(house.requests("oauth.token")) > 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 401, "reason": "authError"}, "revoked"),
        ({"status": 403, "reason": "domainPolicy"}, "admin"),
        ({"status": 403, "reason": "insufficientPermissions"}, "permission to read"),
    ],
)
def test_the_end_of_the_access_has_its_likely_cause_and_one_notice(
    house: House, fault: dict[str, object], words: str
) -> None:
    house.fault("status", "getProfile", times=99, **fault)
    for _ in range(3):
        _poll(house)
    assert house.mailbox().state == "disconnected"
    assert words in house.mailbox().cause
    assert _notices(house) == 1
    house.clear_faults()
    _poll(house)  # the admin has allowed it again
    assert (house.mailbox().state, house.mailbox().cause) == ("connected", "")


def test_an_outage_while_disconnected_is_no_second_notice(house: House) -> None:
    house.post("revoke", email=CSM)
    _poll(house)
    house.fault("status", "oauth.token", status=503, times=99)
    house.fault("status", "getProfile", status=503, times=99)
    _poll(house)
    assert house.mailbox().state == "disconnected"
    house.clear_faults()
    _poll(house)
    assert _notices(house) == 1


def test_revoked_is_seen_at_the_next_poll_and_a_new_consent_loses_nothing_though_history_expired(house: House) -> None:
    house.mail(letter(subject="Before"))
    _poll(house)
    house.post("revoke", email=CSM)
    house.clock.advance(seconds=60)
    _poll(house)
    assert house.mailbox().state == "disconnected"
    house.mail(letter(subject="While away", days_ago=0))
    house.post("expire-history")
    house.clock.advance(days=8)
    house.connect()
    _poll(house)
    assert house.subjects("Globex") == ["Before", "While away"]
    assert _notices(house) == 1


def test_an_expired_access_token_is_refreshed(house: House) -> None:
    house.mail(letter(subject="Renewal"))
    house.clock.advance(hours=2)

    house.sync()

    assert house.subjects("Globex") == ["Renewal"]
