"""A real Bolt app, over signed HTTP and over Socket Mode: the same app, the same expectations."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler as BuiltinHandler
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler as WebsocketClientHandler
from slack_bolt.adapter.starlette import SlackRequestHandler
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.running import running
from sandbox.slack import ack
from sandbox.slack.server import APP_TOKEN, SIGNING_SECRET
from tests.sandbox.slack.conftest import Slack

DRAFT_TEXT = "Gracias, Maria. ¿Nos referirías?"


@dataclass(kw_only=True)
class Csm:
    """A small app in the manner of the product, and what it saw."""

    slack: Slack
    deliver: str = "socket"
    answered: Event = field(default_factory=Event)
    seen: list[dict[str, Any]] = field(default_factory=list)

    def control(self, name: str, **body: Any) -> dict[str, Any]:
        return self.slack.control(name, deliver=self.deliver, **body)

    def bolt(self, signing_secret: str = SIGNING_SECRET) -> App:
        app = App(client=self.slack.web_client(), signing_secret=signing_secret)

        def acknowledge(ack: Any, command: dict[str, Any]) -> None:
            ack(f"Searching: {command['text']}")

        def answer(respond: Any, command: dict[str, Any], client: Any) -> None:
            respond(text=f"Answer to {command['text']} [1]", replace_original=True)
            client.chat_postMessage(channel=command["user_id"], text="Draft", blocks=self.card())
            self.answered.set()

        app.command("/csm")(ack=acknowledge, lazy=[answer])

        @app.action("send")
        def send(ack: Any, action: dict[str, Any], body: dict[str, Any], respond: Any) -> None:
            ack()
            self.seen.append({"value": action["value"], "user": body["user"]["id"]})
            respond(text="Sent", replace_original=True)

        @app.action("edit")
        def edit(ack: Any, body: dict[str, Any], client: Any) -> None:
            ack()
            client.views_open(trigger_id=body["trigger_id"], view=self.modal())

        @app.view("edited")
        def edited(ack: Any, view: dict[str, Any]) -> None:
            text = view["state"]["values"]["body"]["text"]["value"]
            self.seen.append({"text": text})
            if text:
                ack()
            else:
                ack(response_action="errors", errors={"body": "Empty"})

        @app.event("message")
        def message(event: dict[str, Any], say: Any) -> None:
            say(f"Heard {event['text']}")
            self.answered.set()

        return app

    def card(self) -> list[dict[str, Any]]:
        def button(action_id: str) -> dict[str, Any]:
            text = {"type": "plain_text", "text": action_id.title()}
            return {"type": "button", "action_id": action_id, "value": "draft-7:v2", "text": text}

        return [{"type": "actions", "elements": [button("send"), button("edit")]}]

    def modal(self) -> dict[str, Any]:
        element = {"type": "plain_text_input", "action_id": "text", "initial_value": DRAFT_TEXT}
        label = {"type": "plain_text", "text": "Body"}
        return {
            "type": "modal",
            "callback_id": "edited",
            "title": {"type": "plain_text", "text": "Edit"},
            "submit": {"type": "plain_text", "text": "Save"},
            "blocks": [{"type": "input", "block_id": "body", "label": label, "element": element}],
        }


def over_http(csm: Csm, signing_secret: str = SIGNING_SECRET) -> Starlette:
    handler = SlackRequestHandler(csm.bolt(signing_secret))

    async def endpoint(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])


@contextmanager
def over_socket(csm: Csm, handler_type: Any, app: App | None = None) -> Iterator[None]:
    handler = handler_type(app or csm.bolt(), APP_TOKEN)
    handler.connect()
    wait_until(lambda: bool(csm.slack.state()["sockets"] == 1))
    yield
    handler.close()


@pytest.fixture(params=["http", "socket"])
def csm(slack: Slack, request: pytest.FixtureRequest) -> Iterator[Csm]:
    csm = Csm(slack=slack)
    if request.param == "http":
        with running(over_http(csm)) as url:
            csm.deliver = f"{url}/slack/events"
            yield csm
    else:
        with over_socket(csm, WebsocketClientHandler):
            yield csm


def wait_until(holds: Callable[[], bool]) -> None:
    pause = Event()
    for _ in range(250):
        if holds():
            return
        pause.wait(0.02)
    raise AssertionError("it did not happen within 5 seconds")


def answered(csm: Csm, text: str = "¿Renovación?") -> dict[str, Any]:
    result = csm.control("command", command="/csm", text=text)
    assert csm.answered.wait(5)
    return result


def test_a_command_is_acked_and_answered_privately(csm: Csm) -> None:
    result = answered(csm)
    assert result["acked"] is True
    assert result["shown"] is None
    assert result["ack"]["text"] == "Searching: ¿Renovación?"
    state = csm.slack.state()
    assert [m["text"] for m in state["ephemerals"]] == ["Answer to ¿Renovación? [1]"]
    assert "C0001" not in state["messages"]
    assert state["acks"][0]["kind"] == "slash_commands"


def test_bolts_builtin_socket_client_works_too(slack: Slack) -> None:
    csm = Csm(slack=slack)
    with over_socket(csm, BuiltinHandler):
        assert answered(csm)["ack"]["text"] == "Searching: ¿Renovación?"


def test_a_click_carries_the_buttons_value_and_replaces_the_card(csm: Csm) -> None:
    answered(csm)
    result = csm.control("action", action_id="send")
    assert result["acked"] is True
    wait_until(lambda: csm.slack.state()["messages"]["D0001"][0]["text"] == "Sent")
    assert csm.seen == [{"value": "draft-7:v2", "user": "U0001"}]
    assert csm.control("action", action_id="send")["error"] == "message_not_found", "the button is gone"


def test_another_persons_direct_message_shows_no_button(csm: Csm) -> None:
    answered(csm)
    assert csm.control("action", action_id="send", user="U0002")["error"] == "message_not_found"
    ts = csm.slack.state()["messages"]["D0001"][0]["ts"]
    forged = csm.control("action", action_id="send", user="U0002", message_ts=ts, value="draft-9:v1")
    assert forged["acked"] is True
    assert csm.seen == [{"value": "draft-9:v1", "user": "U0002"}]


def test_a_modal_opens_refuses_and_closes(csm: Csm) -> None:
    answered(csm)
    csm.control("action", action_id="edit")
    wait_until(lambda: len(csm.slack.state()["views"]) == 1)
    empty = csm.control("action", type="view_submission", values={"body": {"text": ""}})
    assert empty["ack"]["errors"] == {"body": "Empty"}
    assert len(csm.slack.state()["views"]) == 1
    assert csm.control("action", type="view_submission")["acked"] is True
    assert [seen["text"] for seen in csm.seen] == ["", DRAFT_TEXT], "an untouched input keeps what it opened with"
    assert csm.slack.state()["views"] == []


def test_a_direct_message_to_the_app_is_an_event(csm: Csm) -> None:
    csm.slack.web_client().conversations_open(users="U0001")
    csm.control("event", event={"type": "message", "channel": "D0001", "text": "olá"})
    assert csm.answered.wait(5)
    assert [m["text"] for m in csm.slack.state()["messages"]["D0001"]] == ["olá", "Heard olá"]


def test_an_answer_that_overtakes_the_ack_still_replaces_it(slack: Slack) -> None:
    csm = Csm(slack=slack)
    app = csm.bolt()

    @app.command("/late")
    def late(ack: Any, respond: Any) -> None:
        respond("Answer", replace_original=True)
        ack("Searching")

    with over_socket(csm, WebsocketClientHandler, app):
        assert csm.control("command", command="/late")["ack"] == {"text": "Searching"}
    assert [m["text"] for m in slack.state()["ephemerals"]] == ["Answer"]


def test_a_wrong_signing_secret_is_refused_by_the_app(slack: Slack) -> None:
    csm = Csm(slack=slack)
    with running(over_http(csm, "another-secret")) as url:
        csm.deliver = f"{url}/slack/events"
        result = csm.control("command", command="/csm", text="x")
    assert result["acked"] is False
    assert result["error"] == "http_401"
    assert result["shown"] == '/csm failed with the error "http_401"'


def test_an_app_that_does_not_ack_in_time(slack: Slack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.slack.socket_mode.ACK_SECONDS", 0.1)
    csm = Csm(slack=slack)
    with over_socket(csm, WebsocketClientHandler):
        result = csm.control("command", command="/unknown")
    assert result["acked"] is False
    assert result["error"] == "operation_timeout"
    assert result["shown"] == '/unknown failed with the error "operation_timeout"'


def test_no_app_at_all(slack: Slack) -> None:
    assert slack.control("command", command="/csm")["error"] == "dispatch_failed"
    nobody = slack.control("command", command="/csm", deliver="http://127.0.0.1:1/slack")
    assert nobody["error"] == "dispatch_failed"


def test_slack_waits_three_seconds() -> None:
    assert ack.ACK_SECONDS == 3


@pytest.mark.parametrize("body", [{"command": "csm"}, {"command": "/csm", "typo": 1}, {}])
def test_a_wrong_control_request_says_what_is_wrong(slack: Slack, body: dict[str, Any]) -> None:
    answer = slack.control("command", **body)
    assert answer["error"] == "invalid_request"
    assert answer["detail"]
