from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
import yaml
from starlette.applications import Starlette
from starlette.testclient import TestClient

import slack_app
from crm.errors import LealUpError, SettingError
from sandbox.running import running
from sandbox.slack.server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, create_app
from sandbox.slack.signed_http import SignedHttp
from slack_app.app import create_bolt_app
from slack_app.signed_http import routes
from slack_app.socket_mode import listening
from slack_app.subcommand import COMMAND
from tests.slack_app.conftest import Csm
from tests.slack_app.world import World

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BODY = urlencode({"command": "/csm", "text": "help", "team_id": "T0001", "user_id": "U0001"})


def post(ana: Csm, signer: SignedHttp, body: str = BODY) -> int:
    headers = {**FORM, **signer.signature(BODY)}
    return ana.web.post("/slack/events", content=body, headers=headers).status_code


def test_a_signed_request_is_taken(ana: Csm) -> None:
    assert post(ana, SignedHttp(signing_secret=SIGNING_SECRET)) == 200


def test_a_bad_signature_a_changed_body_and_no_signature_are_refused(ana: Csm) -> None:
    assert post(ana, SignedHttp(signing_secret="another")) == 401
    assert post(ana, SignedHttp(signing_secret=SIGNING_SECRET), BODY.replace("help", "link")) == 401
    assert ana.web.post("/slack/events", content=BODY, headers=FORM).status_code == 401


def test_a_stale_timestamp_is_refused(ana: Csm) -> None:
    stale = SignedHttp(signing_secret=SIGNING_SECRET, clock=lambda: time.time() - 301)
    assert post(ana, stale) == 401


def test_a_body_that_is_no_text_or_too_large_is_refused(ana: Csm) -> None:
    assert ana.web.post("/slack/events", content=b"\xff\xfe", headers=FORM).status_code == 400
    assert ana.web.post("/slack/events", content=b"x" * 1_000_001, headers=FORM).status_code == 413


def test_without_a_signing_secret_every_request_is_refused(ana: Csm) -> None:
    bolt = create_bolt_app(ana.world.deps, bot_token=BOT_TOKEN, api_url=f"{ana.url}/api")
    with TestClient(Starlette(routes=routes(bolt))) as web:
        for secret in ("", SIGNING_SECRET):
            headers = {**FORM, **SignedHttp(signing_secret=secret).signature(BODY)}
            assert web.post("/slack/events", content=BODY, headers=headers).status_code == 401


@pytest.mark.parametrize(("bot", "app", "named"), [("xoxb-no", APP_TOKEN, "BOT"), (BOT_TOKEN, "xapp-no", "APP")])
def test_a_refused_token_is_named(world: World, bot: str, app: str, named: str) -> None:
    with running(create_app()) as url:
        bolt = create_bolt_app(world.deps, bot_token=bot, api_url=f"{url}/api")
        with pytest.raises(SettingError) as refused, listening(bolt, app):
            pass
    assert refused.value.sentence == f"Slack refuses SLACK_{named}_TOKEN."


def test_a_slack_that_is_down(world: World) -> None:
    bolt = create_bolt_app(world.deps, bot_token=BOT_TOKEN, api_url="http://127.0.0.1:1/api")
    with pytest.raises(LealUpError, match="URLError") as refused, listening(bolt, APP_TOKEN):
        pass
    assert refused.value.sentence == "Slack can't be reached."


def test_the_manifest_asks_for_what_the_app_uses() -> None:
    manifest = yaml.safe_load(Path(slack_app.__file__).with_name("manifest.yaml").read_text("utf-8"))
    assert [held["command"] for held in manifest["features"]["slash_commands"]] == [COMMAND]
    assert manifest["settings"]["interactivity"]["is_enabled"] is True
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == {
        "commands",
        "chat:write",
        "im:write",
        "users:read",
    }
