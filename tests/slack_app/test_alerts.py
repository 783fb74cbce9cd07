"""Alerts in Slack: told once, to whom they concern, and handled there by nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crm import schema
from crm.alerts import deliveries, handling
from crm.alerts.rules import Rules
from sandbox.running import running
from sandbox.slack.server import BOT_TOKEN
from slack_app.alerts import Delivered, alerts_client, deliver_due
from tests.slack_app.conftest import Csm, shown, wait_until
from tests.slack_app.world import BASE_URL, NOW, World


def raise_alert(world: World, *, owner: Any = "ana", term: str = "cancel", episode: str = "1") -> int:
    """A critical word in María's mail, whose subject and sentence are hostile."""
    with world.database.write() as session:
        customer = session.scalars(select(schema.Customer).where(schema.Customer.name == "Acme Robotics")).one()
        mail = session.get_one(schema.Mail, "mail-1")
        mail.subject = "<!channel> & *bold* <https://evil.example|click>"
        mail.keywords = [
            schema.MailKeyword(
                term=term, form=term, start=0, end=1, negated=False, hypothetical=True,
                sentence="<@U0002> we cancel <https://evil.example>",
            )
        ]  # fmt: skip
        alert = schema.Alert(
            workspace_id=customer.workspace_id, customer_id=customer.id, kind="keyword", episode=episode, term=term,
            facts={"conditional": True}, mail_ids=["mail-1"], opened_at=NOW, tell_at=NOW,
            user_id=getattr(world, owner).user_id if owner else None,
        )  # fmt: skip
        session.add(alert)
        session.flush()
        return alert.id


def deliver(csm: Csm, *, minutes: float = 0) -> Delivered:
    client = alerts_client(BOT_TOKEN, f"{csm.url}/api")
    return deliver_due(csm.world.database, lambda: NOW + timedelta(minutes=minutes), client, base_url=BASE_URL)


def told(world: World) -> list[tuple[str, str]]:
    with world.database.read() as session:
        rows = session.scalars(select(schema.AlertDelivery).order_by(schema.AlertDelivery.id))
        return [(row.state, row.error) for row in rows]


def alert_row(world: World) -> schema.Alert:
    with world.database.read() as session:
        return session.scalars(select(schema.Alert)).one()


def test_an_alert_reaches_its_owner_once_and_inert(csm: Csm) -> None:
    alert_id = raise_alert(csm.world)
    assert deliver(csm) == Delivered(posted=1)
    assert deliver(csm) == Delivered()
    (card,) = csm.cards()
    text = shown(card)
    assert "*Critical word · Acme Robotics*" in text
    assert "A critical word in a mail from Acme Robotics: cancel. It depends on a condition" in text
    assert "&lt;@U0002&gt; we cancel &lt;https://evil.example&gt;" in text
    assert "&lt;!channel&gt; &amp; *bold* &lt;https://evil.example¦click&gt;" in text
    assert "<!channel>" not in text and "<@U0002>" not in text and "<https://evil.example" not in text
    assert "Owner: ana@lealup.example" in text
    assert all(held["text"].get("verbatim", True) for held in card["blocks"] if held["type"] == "section")
    buttons = {held["action_id"]: held for held in card["blocks"][-1]["elements"]}
    assert buttons["alert_open"]["url"] == f"{BASE_URL}/alerts?alert={alert_id}"
    assert csm.click("alert_open")["acked"] is True


def test_several_processes_post_one_message(ana: Csm) -> None:
    raise_alert(ana.world)
    start, found = threading.Barrier(4), list[Delivered]()

    def act() -> None:
        start.wait()
        found.append(deliver(ana))

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(held.posted for held in found) == 1
    assert len(ana.cards()) == 1


def test_a_process_that_died_while_posting_is_not_repeated(ana: Csm) -> None:
    raise_alert(ana.world)
    with ana.world.database.write() as session:
        (held,) = deliveries.due(session, NOW)
        assert deliveries.claim(session, held, NOW) is not None
        assert deliveries.claim(session, held, NOW) is None
    assert deliver(ana, minutes=9) == Delivered()
    assert deliver(ana, minutes=11) == Delivered(lost=1)
    assert deliver(ana, minutes=12) == Delivered()
    assert (ana.cards(), told(ana.world)) == ([], [("lost", "outcome not known")])


def test_nobody_linked_nothing_told_until_they_link(ana: Csm) -> None:
    raise_alert(ana.world, owner="luis")
    assert deliver(ana) == Delivered()
    ana.world.link("U0002", ana.world.luis)
    assert deliver(ana, minutes=1) == Delivered(posted=1)


def test_what_could_not_be_told_for_a_day_is_old_news(ana: Csm) -> None:
    raise_alert(ana.world)
    assert deliver(ana, minutes=24 * 60 + 1) == Delivered()


def test_many_at_once_are_one_message(ana: Csm) -> None:
    first = raise_alert(ana.world)
    for number in range(2, 24):
        raise_alert(ana.world, episode=str(number))
    assert deliver(ana) == Delivered(posted=23)
    (card,) = ana.cards()
    text = shown(card)
    assert "*23 new alerts*" in text and "… and 3 more" in text
    assert text.count("• *Critical word* · A critical word in a mail from Acme Robotics") == 20
    assert card["blocks"][-1]["elements"][0]["url"] == f"{BASE_URL}/alerts"
    with ana.world.database.write() as session:
        session.get_one(schema.Alert, first).ended_at = NOW
    assert deliver(ana, minutes=1) == Delivered(), "the list stays as it was"


def test_a_channel_or_nowhere(ana: Csm) -> None:
    raise_alert(ana.world, owner=None)
    for slack, channel, outcome in (("off", "", Delivered()), ("channel", "C0001", Delivered(posted=1))):
        with ana.world.database.write() as session:
            rules = Rules(slack=slack, channel=channel)  # type: ignore[arg-type]
            session.merge(schema.AlertSettings(workspace_id=ana.world.ana.workspace_id, rules=rules.as_json()))
        assert deliver(ana) == outcome
    (card,) = ana.state()["messages"]["C0001"]
    assert "Owner: nobody yet" in shown(card)


def test_a_refused_post_is_tried_again_later(ana: Csm) -> None:
    raise_alert(ana.world)
    with ana.world.database.write() as session:
        rules = Rules(slack="channel", channel="C9999")
        session.merge(schema.AlertSettings(workspace_id=ana.world.ana.workspace_id, rules=rules.as_json()))
    assert deliver(ana) == Delivered(failed=1)
    assert deliver(ana, minutes=0.9) == Delivered()
    assert deliver(ana, minutes=1) == Delivered(failed=1)
    assert deliver(ana, minutes=5.9) == Delivered()
    for minutes in (6, 21, 81):
        assert deliver(ana, minutes=minutes) == Delivered(failed=1)
    assert told(ana.world) == [("failed", "channel_not_found")]
    assert deliver(ana, minutes=321) == Delivered(lost=1)
    assert deliver(ana, minutes=600) == Delivered()


@dataclass
class Faulty:
    """A Web API that answers as it is told to, and counts what it was asked."""

    status: int = 200
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    def app(self) -> Starlette:
        async def answer(_: Request) -> Response:
            self.asked += 1
            return JSONResponse(self.body, self.status, headers=self.headers)

        return Starlette(routes=[Route("/api/chat.postMessage", answer, methods=["POST"])])


@pytest.fixture
def faulty(world: World) -> Iterator[tuple[Faulty, WebClient]]:
    world.link("U0001", world.ana)
    held = Faulty()
    with running(held.app()) as url:
        yield held, alerts_client(BOT_TOKEN, f"{url}/api")


@pytest.mark.parametrize(
    ("status", "error", "headers", "outcome", "state"),
    [
        (429, "ratelimited", {"Retry-After": "900"}, Delivered(failed=1), "failed"),
        (200, "not_in_channel", {}, Delivered(failed=1), "failed"),
        (503, "service_unavailable", {}, Delivered(failed=1), "failed"),
        (200, "internal_error", {}, Delivered(lost=1), "lost"),
        (502, "bad_gateway", {}, Delivered(lost=1), "lost"),
    ],
)
def test_what_slack_may_have_is_never_posted_again(
    world: World, faulty: tuple[Faulty, WebClient], status: int, error: str, headers: dict[str, str],
    outcome: Delivered, state: str,
) -> None:  # fmt: skip
    slack, client = faulty
    raise_alert(world)
    raise_alert(world, episode="2")
    slack.status, slack.body, slack.headers = status, {"ok": False, "error": error}, headers

    def tick(minutes: float) -> Delivered:
        return deliver_due(world.database, lambda: NOW + timedelta(minutes=minutes), client, base_url=BASE_URL)

    if error == "ratelimited":
        assert (tick(0), slack.asked) == (outcome, 1), "the second one keeps its turn"
        assert tick(14) == outcome, "which it takes; the first one waits as long as Slack asks"
        assert tick(15).failed == 1
        return
    assert (tick(0), slack.asked) == (Delivered(failed=2 * outcome.failed, lost=2 * outcome.lost), 2)
    assert [held for held, _ in told(world)] == [state, state]
    tick(60)
    assert slack.asked == (4 if state == "failed" else 2)


def test_an_unreachable_slack_is_tried_again(world: World) -> None:
    world.link("U0001", world.ana)
    raise_alert(world)
    client = alerts_client(BOT_TOKEN, "http://127.0.0.1:9/api")
    assert deliver_due(world.database, lambda: NOW, client, base_url=BASE_URL) == Delivered(failed=1)
    assert told(world) == [("failed", "unreachable")]


def test_dismiss_and_snooze_in_slack(csm: Csm) -> None:
    alert_id = raise_alert(csm.world)
    deliver(csm)
    csm.click("alert_snooze", selected=f"{alert_id}.1d")
    snoozed = wait_until(lambda: [held for held in csm.cards() if "Snoozed until" in shown(held)])[0]
    assert "Snoozed until 2026-11-21 11:00 by ana@lealup.example" in shown(snoozed)
    assert deliver(csm, minutes=24 * 60 - 1) == Delivered()
    assert deliver(csm, minutes=24 * 60) == Delivered(posted=1), "it is open again, and told once more"
    assert deliver(csm, minutes=24 * 60 + 1) == Delivered()
    csm.click("alert_dismiss")
    wait_until(lambda: "Dismissed by ana@lealup.example" in shown(csm.cards()[-1]))
    assert alert_row(csm.world).dismissed_at == NOW
    with csm.world.database.read() as session:
        assert [row.action for row in session.scalars(select(schema.AuditEvent))] == ["alerts.snooze", "alerts.dismiss"]


def test_a_second_click_says_that_it_came_too_late(ana: Csm) -> None:
    raise_alert(ana.world)
    deliver(ana)
    (card,) = ana.cards()
    value = card["blocks"][-1]["elements"][1]["value"]
    ana.click("alert_dismiss")
    wait_until(lambda: "Dismissed" in shown(ana.cards()[-1]))
    ana.click("alert_dismiss", message_ts=card["ts"], value=value)
    assert "already handled" in shown(wait_until(ana.posts)[0])


def test_only_the_owner_or_an_admin(ana: Csm) -> None:
    ana.world.link("U0002", ana.world.luis)
    alert_id = raise_alert(ana.world)
    deliver(ana)
    (card,) = ana.cards()
    httpx.post(
        f"{ana.url}/sandbox/action",
        json={"deliver": ana.deliver, "user": "U0002", "action_id": "alert_dismiss", "message_ts": card["ts"]},
    ).raise_for_status()
    assert "That alert belongs to somebody else." in shown(wait_until(ana.posts)[0])
    assert alert_row(ana.world).dismissed_at is None
    with ana.world.database.write() as session:
        handling.assign(session, lambda: NOW, ana.world.ana, alert_id, "luis@lealup.example")
    assert deliver(ana) == Delivered(posted=1), "the new owner is told"


def test_a_message_follows_its_alert(ana: Csm) -> None:
    alert_id = raise_alert(ana.world)
    deliver(ana)
    with ana.world.database.write() as session:
        session.get_one(schema.Alert, alert_id).ended_at = NOW
    assert deliver(ana, minutes=1) == Delivered(updated=1)
    (card,) = ana.cards()
    assert "Resolved: the condition has ended" in shown(card)
    assert not [held for held in card["blocks"] if held["type"] == "actions"]
    assert deliver(ana, minutes=2) == Delivered()


def test_an_alert_whose_mail_is_gone_is_told_without_it(ana: Csm) -> None:
    raise_alert(ana.world)
    with ana.world.database.write() as session:
        session.scalars(select(schema.Message)).one().status = "deleted"
    assert deliver(ana) == Delivered(posted=1)
    assert "evil" not in shown(ana.cards()[0])
