"""What Slack sends to an app for a command, a click, a submitted modal and an event."""

from typing import Any

from sandbox.slack.blocks import elements
from sandbox.slack.workspace import APP_ID, TEAM_ID, Message, SlackError, Workspace

_TEAM = {"id": TEAM_ID, "domain": "lealup-sandbox"}
VERIFICATION_TOKEN = "sandbox-verification"


def command(
    workspace: Workspace, *, name: str, text: str, user: str, channel: str, response_url: str
) -> dict[str, Any]:
    """The fields of a slash command, all strings."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "team_domain": _TEAM["domain"],
        "channel_id": channel,
        "channel_name": workspace.channels[channel]["name"] or "directmessage",
        "user_id": user,
        "user_name": workspace.user(user)["name"],
        "command": name,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": workspace.open_trigger(),
    }


def message_action(
    workspace: Workspace, message: Message, action: dict[str, Any], *, user: str, response_url: str
) -> dict[str, Any]:
    """A click in a message."""
    container = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": message["channel"],
        "is_ephemeral": message.get("is_ephemeral", False),
    }
    channel = {
        "id": message["channel"],
        "name": workspace.channels[message["channel"]]["name"] or "directmessage",
    }
    shown = {} if message.get("is_ephemeral") else {"message": message}
    return {
        **_interaction(workspace, "block_actions", user),
        "container": container,
        "channel": channel,
        **shown,
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [{**action, "action_ts": message["ts"]}],
    }


def view_action(workspace: Workspace, view: dict[str, Any], action: dict[str, Any], *, user: str) -> dict[str, Any]:
    """A click in a modal."""
    return {
        **_interaction(workspace, "block_actions", user),
        "container": {"type": "view", "view_id": view["id"]},
        "view": view,
        "actions": [action],
    }


def view_submission(
    workspace: Workspace, view: dict[str, Any], values: dict[str, dict[str, Any]], *, user: str
) -> dict[str, Any]:
    """A submitted modal; `values` is {block_id: {action_id: text or Slack's state object}}."""
    state = {"values": _input_state(view, values)}
    return {
        **_interaction(workspace, "view_submission", user),
        "view": {**view, "state": state},
        "response_urls": [],
    }


def event(workspace: Workspace, body: dict[str, Any]) -> dict[str, Any]:
    """An Events API envelope around the event."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "api_app_id": APP_ID,
        "type": "event_callback",
        "event": body,
        "event_id": workspace.next_id("Ev"),
        "event_time": int(workspace.clock()),
        "authorizations": [{"team_id": TEAM_ID, "user_id": "UBOT", "is_bot": True}],
    }


def action_in(blocks: list[dict[str, Any]], action_id: str, value: str | None, selected: str | None) -> dict[str, Any]:
    """The action as clicked. Raises SlackError `action_not_found` when nothing clickable carries it.

    A `value` given by the caller is sent as it is, found or not: two screens may show different versions.
    """
    found = next((e for e in elements(blocks) if e["action_id"] == action_id), None)
    if found is None and value is None:
        raise SlackError("action_not_found")
    element = found or {
        "action_id": action_id,
        "type": "button",
        "block_id": "b0",
        "text": {"type": "plain_text"},
    }
    keys = ("type", "action_id", "block_id", "text", "value")
    action = {key: element[key] for key in keys if key in element}
    if value is not None:
        action["value"] = value
    if selected is not None:
        options = [option for option in element.get("options", []) if option["value"] == selected]
        if not options:
            raise SlackError("option_not_found")
        action["selected_option"] = options[0]
    return action


def _interaction(workspace: Workspace, kind: str, user: str) -> dict[str, Any]:
    name = workspace.user(user)["name"]
    return {
        "type": kind,
        "user": {"id": user, "username": name, "name": name, "team_id": TEAM_ID},
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "team": _TEAM,
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": workspace.open_trigger(),
    }


def _input_state(view: dict[str, Any], values: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The state of every input: what was typed, else what it was opened with."""
    state: dict[str, dict[str, Any]] = {}
    for element in elements(view["blocks"]):
        if element.get("type") == "button":
            continue
        block_id, action_id = element["block_id"], element["action_id"]
        typed = values.get(block_id, {}).get(action_id, element.get("initial_value"))
        held = typed if isinstance(typed, dict) else {"value": typed}
        for initial in ("option", "date", "user"):
            if f"initial_{initial}" in element:
                held = {f"selected_{initial}": element[f"initial_{initial}"], **held}
        state.setdefault(block_id, {})[action_id] = {"type": element["type"], **held}
    return state
