"""The Web API methods: arguments in, Slack's JSON out."""

from collections.abc import Callable
from typing import Any

from sandbox.slack.blocks import check_blocks, check_view
from sandbox.slack.workspace import APP_ID, BOT_ID, BOT_USER, TEAM_ID, Message, SlackError, Workspace

Arguments = dict[str, Any]
Method = Callable[[Workspace, Arguments], dict[str, Any]]

_CONTENT = ("text", "blocks", "attachments", "thread_ts", "metadata", "unfurl_links", "unfurl_media")
_LONGEST_TEXT = 40_000


def content_of(arguments: Arguments) -> dict[str, Any]:
    """What a message shows, checked. Raises SlackError `no_text`, `msg_too_long`, `invalid_blocks`."""
    content = {key: arguments[key] for key in _CONTENT if arguments.get(key) is not None}
    if not any(content.get(key) for key in ("text", "blocks", "attachments")):
        raise SlackError("no_text")
    if len(content.get("text", "")) > _LONGEST_TEXT:
        raise SlackError("msg_too_long")
    if "blocks" in content:
        check_blocks(content["blocks"])
        content["blocks"] = _with_ids(content["blocks"])
    content.setdefault("text", "")
    return content


def _with_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"block_id": f"b{index}", **block} for index, block in enumerate(blocks)]


def _auth_test(workspace: Workspace, _: Arguments) -> dict[str, Any]:
    return {
        "url": "https://lealup-sandbox.slack.com/",
        "team": "LealUp Sandbox",
        "team_id": TEAM_ID,
        "user": workspace.user(BOT_USER)["name"],
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def _post_message(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    channel = workspace.channel(_required(arguments, "channel"))
    return _posted(workspace.post(channel, BOT_USER, content_of(arguments)))


def _post_ephemeral(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    channel = workspace.channel(_required(arguments, "channel"))
    user = _required(arguments, "user")
    if user not in workspace.users or not workspace.is_member(channel, user):
        raise SlackError("user_not_in_channel")
    message = workspace.post_ephemeral(channel, user, content_of(arguments))
    return {"message_ts": message["ts"]}


def _update(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    """Blocks stay unless others, or an empty list, are given: Slack keeps the buttons of a message whose text
    alone is updated.
    """
    channel = workspace.channel(_required(arguments, "channel"))
    message = workspace.own_message(channel, _required(arguments, "ts"))
    workspace.edit(message["ts"], content_of(arguments))
    return {**_posted(message), "text": message["text"]}


def _delete(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    channel = workspace.channel(_required(arguments, "channel"))
    ts = workspace.own_message(channel, _required(arguments, "ts"))["ts"]
    workspace.delete(ts)
    return {"channel": channel, "ts": ts}


def _open_conversation(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    if arguments.get("channel"):
        return {"channel": {"id": workspace.channel(arguments["channel"])}}
    users = _required(arguments, "users")
    names = users.split(",") if isinstance(users, str) else users
    if len(names) != 1:
        raise SlackError("method_not_supported_for_channel_type")
    return {"channel": {"id": workspace.direct_message(names[0])}}


def _open_view(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    view = _required(arguments, "view")
    check_view(view)
    workspace.use_trigger(str(arguments.get("trigger_id", "")))
    return {"view": put_view(workspace, workspace.next_id("V"), view)}


def _update_view(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    view = _required(arguments, "view")
    check_view(view)
    old = _view(workspace, arguments)
    if arguments.get("hash") not in (None, "", old["hash"]):
        raise SlackError("hash_conflict")
    return {"view": put_view(workspace, old["id"], view)}


def _view(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    view_id, external_id = arguments.get("view_id"), arguments.get("external_id")
    for view in workspace.views.values():
        if view["id"] == view_id or (external_id and view["external_id"] == external_id):
            return view
    raise SlackError("not_found")


def put_view(workspace: Workspace, view_id: str, view: dict[str, Any]) -> dict[str, Any]:
    """Stores the view under the id and returns it as Slack does."""
    stored = {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        **view,
        "id": view_id,
        "team_id": TEAM_ID,
        "app_id": APP_ID,
        "bot_id": BOT_ID,
        "root_view_id": view_id,
        "hash": workspace.next_id(f"{int(workspace.clock())}."),
        "blocks": _with_ids(view["blocks"]),
        "state": {"values": {}},
    }
    workspace.views[view_id] = stored
    return stored


def _user_info(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    return {"user": workspace.user(_required(arguments, "user"))}


def _user_list(workspace: Workspace, _: Arguments) -> dict[str, Any]:
    return {"members": list(workspace.users.values()), "response_metadata": {"next_cursor": ""}}


def _posted(message: Message) -> dict[str, Any]:
    return {"channel": message["channel"], "ts": message["ts"], "message": message}


def _required(arguments: Arguments, name: str) -> Any:
    if not arguments.get(name):
        raise SlackError("invalid_arguments", (f"[ERROR] missing required field: {name}",))
    return arguments[name]


METHODS: dict[str, Method] = {
    "auth.test": _auth_test,
    "chat.postMessage": _post_message,
    "chat.postEphemeral": _post_ephemeral,
    "chat.update": _update,
    "chat.delete": _delete,
    "conversations.open": _open_conversation,
    "views.open": _open_view,
    "views.update": _update_view,
    "users.info": _user_info,
    "users.list": _user_list,
}
"""The methods of the bot token. `apps.connections.open` belongs to the app token and stands in `server`."""
