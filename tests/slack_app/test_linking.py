from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest

from crm import schema
from slack_app import links
from slack_app.links import LinkExpired, SlackUser
from tests.slack_app.conftest import Csm, shown
from tests.slack_app.world import NOW, World

LUIS = "U0002"


def offered(csm: Csm) -> str:
    """The path that an unlinked Slack user is told to open."""
    text = shown(csm.answered("ask anything", user=LUIS))
    assert "not linked yet" in text
    found = re.search(r"<https://lealup\.example(/slack/link\?code=[\w-]+)\|", text)
    assert found
    return found.group(1)


def code_of(path: str) -> str:
    return path.partition("code=")[2]


def test_an_unlinked_user_links_once_and_can_ask(csm: Csm) -> None:
    path = offered(csm)
    assert csm.world.assistant.asked == []
    page = csm.web.get(path)
    assert page.status_code == 200
    assert "Luis Vega (@luis.vega)" in page.text
    assert "ana@lealup.example" in page.text
    done = csm.web.post("/slack/link", data={"code": code_of(path)}, headers={"Origin": "https://lealup.example"})
    assert done.status_code == 200
    csm.answered("ask ¿Qué hay?", user=LUIS)
    assert csm.world.assistant.asked == [("ana@lealup.example", "¿Qué hay?")]
    assert csm.web.post("/slack/link", data={"code": code_of(path)}).status_code == 410
    assert csm.web.get(path).status_code == 410


def test_only_the_hash_of_a_code_is_stored(ana: Csm) -> None:
    code = code_of(offered(ana))
    with ana.world.database.read() as session:
        rows = session.query(schema.SlackLinkCode).all()
    assert [row.code_sha256 for row in rows] == [hashlib.sha256(code.encode()).hexdigest()]


def test_opening_the_page_links_nobody(ana: Csm) -> None:
    ana.web.get(offered(ana))
    with ana.world.database.read() as session:
        assert session.get(schema.SlackLink, ("T0001", LUIS)) is None


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://lealup.example"])
def test_another_site_can_not_submit_a_strangers_code(ana: Csm, origin: str) -> None:
    answer = ana.web.post("/slack/link", data={"code": code_of(offered(ana))}, headers={"Origin": origin})
    assert answer.status_code == 403
    with ana.world.database.read() as session:
        assert session.get(schema.SlackLink, ("T0001", LUIS)) is None


def test_the_page_can_not_be_framed_or_cached(ana: Csm) -> None:
    headers = ana.web.get(offered(ana)).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_a_code_lives_ten_minutes_and_a_new_one_replaces_it(world: World) -> None:
    luis = SlackUser(team_id="T0001", user_id=LUIS)
    with world.database.write() as session:
        old = links.issue_code(session, lambda: NOW, luis)
        code = links.issue_code(session, lambda: NOW, luis)
        with pytest.raises(LinkExpired):
            links.user_of_code(session, lambda: NOW, old)
        assert links.user_of_code(session, lambda: NOW + timedelta(minutes=9, seconds=59), code) == luis
        with pytest.raises(LinkExpired):
            links.redeem(session, lambda: NOW + timedelta(minutes=10), code, world.luis)


def test_a_linked_user_can_move_to_another_app_user(ana: Csm) -> None:
    text = shown(ana.type("link")["ack"])
    assert "is linked to ana@lealup.example" in text
    luis = SlackUser(team_id="T0001", user_id="U0001")
    with ana.world.database.write() as session:
        code = links.issue_code(session, lambda: NOW, luis)
        links.redeem(session, lambda: NOW, code, ana.world.luis)
        assert links.linked_principal(session, luis) == ana.world.luis
        events = [event.action for event in session.query(schema.AuditEvent).all()]
    assert events == ["slack.link"]


def test_a_link_counts_in_its_own_slack_workspace_only(world: World) -> None:
    world.link("U0001", world.ana)
    with world.database.read() as session:
        assert links.linked_principal(session, SlackUser(team_id="T0002", user_id="U0001")) is None
