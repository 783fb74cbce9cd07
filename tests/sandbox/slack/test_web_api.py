"""The Web API through the real slack_sdk client."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError

from tests.sandbox.slack.conftest import Slack

Blocks = list[dict[str, Any]]
MODAL: dict[str, Any] = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Edit"},
    "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}],
}


def error_of(call: Callable[[], object]) -> str:
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])


def test_auth_test_names_the_bot_and_the_team(slack: Slack) -> None:
    answer = slack.web_client().auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0001", "UBOT", "B0001")


@pytest.mark.parametrize(
    ("token", "error"),
    [("xoxb-other", "invalid_auth"), ("xapp-sandbox", "not_allowed_token_type"), ("", "not_authed")],
)
def test_a_wrong_token_is_refused(slack: Slack, token: str, error: str) -> None:
    assert error_of(slack.web_client(token).auth_test) == error
    assert error_of(lambda: slack.web_client(token).chat_postMessage(channel="C0001", text="x")) == error
    assert slack.state()["messages"] == {}


def test_the_bot_token_opens_no_socket(slack: Slack) -> None:
    client = slack.web_client()
    assert error_of(lambda: client.apps_connections_open(app_token="xoxb-sandbox")) == "not_allowed_token_type"
    url = client.apps_connections_open(app_token="xapp-sandbox")["url"]
    assert url.startswith(slack.url.replace("http", "ws") + "/socket?ticket=")


def test_unknown_methods_are_named_so(slack: Slack) -> None:
    assert error_of(lambda: slack.web_client().api_call("chat.sendEverything")) == "unknown_method"


def test_a_message_is_posted_updated_and_deleted(slack: Slack, buttons: Callable[..., Blocks]) -> None:
    client = slack.web_client()
    posted = client.chat_postMessage(channel="C0001", text="Borrador", blocks=buttons())
    client.chat_update(channel="C0001", ts=posted["ts"], text="Enviando…")
    (message,) = slack.state()["messages"]["C0001"]
    assert message["text"] == "Enviando…"
    assert message["blocks"], "Slack keeps the blocks of an update without blocks"
    client.chat_update(channel="C0001", ts=posted["ts"], text="Enviado ✓", blocks=[])
    (message,) = slack.state()["messages"]["C0001"]
    assert (message["text"], message["blocks"]) == ("Enviado ✓", [])
    client.chat_delete(channel="C0001", ts=posted["ts"])
    assert slack.state()["messages"]["C0001"] == []
    assert error_of(lambda: client.chat_delete(channel="C0001", ts=posted["ts"])) == "message_not_found"


def test_a_direct_message_by_user_and_by_opened_channel_is_the_same(slack: Slack) -> None:
    client = slack.web_client()
    channel = client.conversations_open(users="U0001")["channel"]["id"]
    client.chat_postMessage(channel="U0001", text="one")
    client.chat_postMessage(channel=channel, text="two")
    assert [message["text"] for message in slack.state()["messages"][channel]] == ["one", "two"]


def test_an_ephemeral_is_seen_by_one_and_cannot_be_updated(slack: Slack) -> None:
    client = slack.web_client()
    ts = client.chat_postEphemeral(channel="C0001", user="U0002", text="only you")["message_ts"]
    state = slack.state()
    assert state["messages"] == {}
    assert state["ephemerals"][0]["to_user"] == "U0002"
    assert error_of(lambda: client.chat_update(channel="C0001", ts=ts, text="x")) == "message_not_found"
    dm = client.conversations_open(users="U0001")["channel"]["id"]
    assert error_of(lambda: client.chat_postEphemeral(channel=dm, user="U0002", text="x")) == "user_not_in_channel"


def test_what_a_person_wrote_is_not_the_apps_to_change(slack: Slack) -> None:
    sent = slack.control("event", event={"type": "message", "channel": "C0001", "text": "mine"})
    ts = sent["payload"]["event"]["ts"]
    client = slack.web_client()
    assert error_of(lambda: client.chat_update(channel="C0001", ts=ts, text="x")) == "cant_update_message"


def test_bad_content_is_refused_with_its_place(slack: Slack, buttons: Callable[..., Blocks]) -> None:
    client = slack.web_client()
    empty = {"channel": "C0001"}
    assert error_of(lambda: client.api_call("chat.postMessage", json=empty)) == "no_text"
    assert error_of(lambda: client.chat_postMessage(channel="C9", text="x")) == "channel_not_found"
    assert error_of(lambda: client.chat_postMessage(channel="C0001", text="x" * 40_001)) == "msg_too_long"
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="C0001", text="x", blocks=buttons("v" * 2001))
    assert caught.value.response["error"] == "invalid_blocks"
    assert "/blocks/0" in caught.value.response["response_metadata"]["messages"][0]


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        ({"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}, "at most 3000"),
        ({"type": "section"}, "missing required field: text"),
        ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "plain_text"),
        ({"type": "actions", "elements": []}, "1 to 25"),
        ({"type": "sektion"}, "unsupported type"),
    ],
)
def test_block_limits(slack: Slack, block: dict[str, Any], fault: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        slack.web_client().chat_postMessage(channel="C0001", text="x", blocks=[block])
    assert fault in caught.value.response["response_metadata"]["messages"][0]


def test_a_confirm_text_has_300_characters_at_most(slack: Slack, buttons: Callable[..., Blocks]) -> None:
    blocks = buttons()
    texts = {key: {"type": "plain_text", "text": key} for key in ("title", "confirm", "deny")}
    confirm = {**texts, "text": {"type": "plain_text", "text": "á" * 300}}
    blocks[0]["elements"][0]["confirm"] = confirm
    slack.web_client().chat_postMessage(channel="C0001", text="x", blocks=blocks)
    confirm["text"]["text"] += "á"
    call = slack.web_client().chat_postMessage
    assert error_of(lambda: call(channel="C0001", text="x", blocks=blocks)) == "invalid_blocks"


def test_a_trigger_opens_one_view_within_three_seconds(slack: Slack, buttons: Callable[..., Blocks]) -> None:
    client = slack.web_client()
    client.chat_postMessage(channel="U0001", text="x", blocks=buttons())

    def trigger() -> str:
        return str(slack.control("action", action_id="send")["payload"]["trigger_id"])

    first = trigger()
    view = client.views_open(trigger_id=first, view=MODAL)["view"]
    assert error_of(lambda: client.views_open(trigger_id=first, view=MODAL)) == "exchanged_trigger_id"
    assert error_of(lambda: client.views_open(trigger_id="forged", view=MODAL)) == "invalid_trigger_id"
    late = trigger()
    slack.clock.now += 4
    assert error_of(lambda: client.views_open(trigger_id=late, view=MODAL)) == "expired_trigger_id"
    changed = {**MODAL, "title": {"type": "plain_text", "text": "Sent"}}
    client.views_update(view_id=view["id"], hash=view["hash"], view=changed)
    assert slack.state()["views"][0]["title"]["text"] == "Sent"
    call = client.views_update
    assert error_of(lambda: call(view_id=view["id"], hash=view["hash"], view=MODAL)) == "hash_conflict"
    assert error_of(lambda: call(view_id="V9", view=MODAL)) == "not_found"


def test_a_modal_title_has_24_characters_at_most(slack: Slack) -> None:
    long = {**MODAL, "title": {"type": "plain_text", "text": "x" * 25}}
    assert error_of(lambda: slack.web_client().views_open(trigger_id="t", view=long)) == "invalid_arguments"


def test_people(slack: Slack) -> None:
    client = slack.web_client()
    assert client.users_info(user="U0001")["user"]["real_name"] == "Ana Torres"
    assert [user["id"] for user in client.users_list()["members"]] == ["U0001", "U0002", "UBOT"]
    assert error_of(lambda: client.users_info(user="U9")) == "user_not_found"


def test_the_log_keeps_arguments_and_no_token(slack: Slack) -> None:
    slack.web_client().chat_postMessage(channel="C0001", text="hola")
    httpx.post(f"{slack.url}/api/auth.test", data={"token": "xoxb-sandbox"})
    log = httpx.get(f"{slack.url}/sandbox/log")
    assert [entry["path"] for entry in log.json()["requests"]] == ["/api/chat.postMessage", "/api/auth.test"]
    assert log.json()["requests"][0]["arguments"]["text"] == "hola"
    assert "xoxb-" not in log.text
