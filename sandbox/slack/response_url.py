"""What an app's post to a response_url does to the conversation."""

from typing import Any

from sandbox.slack.web_api import content_of
from sandbox.slack.workspace import BOT_USER, RESPONSE_POSTS, ResponseUrl, SlackError, Workspace


def accept(workspace: Workspace, response_id: str, body: dict[str, Any]) -> None:
    """Shows, replaces or deletes. Raises SlackError `used_url`, `expired_url`, or the content's fault."""
    response = workspace.response_urls.get(response_id)
    if response is None or workspace.clock() > response.expires:
        raise SlackError("expired_url")
    if response.posts >= RESPONSE_POSTS:
        raise SlackError("used_url")
    response.posts += 1
    response.replaced |= bool(body.get("replace_original") or body.get("delete_original"))
    if body.get("delete_original"):
        if response.original_ts is not None:
            workspace.delete(response.original_ts)
            response.original_ts = None
        return
    show(workspace, response, body)


def show(workspace: Workspace, response: ResponseUrl, body: dict[str, Any]) -> None:
    """Shows an answer to a command or click: ephemeral unless `response_type` says in_channel."""
    content = content_of(body)
    if body.get("replace_original") and response.original_ts and workspace.find(response.original_ts):
        workspace.edit(response.original_ts, {"blocks": [], **content})
        return
    if body.get("response_type") == "in_channel":
        message = workspace.post(response.channel, BOT_USER, content)
    else:
        message = workspace.post_ephemeral(response.channel, response.user, content)
    if response.original_ts is None:
        response.original_ts = message["ts"]
