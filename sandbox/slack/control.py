"""The control routes under /sandbox: a person at the keyboard, and what they would see."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.slack import payloads, response_url
from sandbox.slack.ack import Ack, Kind
from sandbox.slack.blocks import elements
from sandbox.slack.signed_http import SignedHttp
from sandbox.slack.socket_mode import Sockets
from sandbox.slack.web_api import put_view
from sandbox.slack.workspace import Message, SlackError, Workspace


class _Control(BaseModel):
    """`deliver` is "socket" or the app's request URL."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: str = "U0001"
    deliver: str = "socket"


class CommandRequest(_Control):
    command: str = Field(pattern="^/")
    text: str = ""
    channel: str = "C0001"


class ActionRequest(_Control):
    """A click, or a submitted modal.

    The message is `message_ts`, else the newest one the user sees (in `channel`, if given) with `action_id`.
    With `view_id` the click is in that modal. `values` is what was typed: {block_id: {action_id: text}}.
    """

    type: Literal["block_actions", "view_submission"] = "block_actions"
    action_id: str = ""
    value: str | None = None
    selected: str | None = None
    channel: str | None = None
    message_ts: str | None = None
    view_id: str | None = None
    values: dict[str, dict[str, Any]] = Field(default_factory=dict)


class EventRequest(_Control):
    """An Events API event; a `message` event also appears in its channel, said by `user`."""

    event: dict[str, Any]


ControlT = TypeVar("ControlT", bound=_Control)
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(kw_only=True)
class Control:
    workspace: Workspace
    sockets: Sockets
    http: SignedHttp
    acks: list[dict[str, Any]] = field(default_factory=list)

    async def command(self, request: Request) -> Response:
        """A person types a slash command."""
        return await self._handled(request, CommandRequest, self._command)

    async def action(self, request: Request) -> Response:
        """A person clicks, or submits a modal."""
        return await self._handled(request, ActionRequest, self._action)

    async def event(self, request: Request) -> Response:
        """Something happens that the app subscribed to."""
        return await self._handled(request, EventRequest, self._event)

    async def state(self, _: Request) -> Response:
        workspace = self.workspace
        return JSONResponse(
            {
                "channels": workspace.channels,
                "messages": workspace.messages,
                "ephemerals": workspace.ephemerals,
                "views": list(workspace.views.values()),
                "response_posts": workspace.response_posts,
                "acks": self.acks,
                "sockets": self.sockets.count,
            }
        )

    async def _command(self, given: CommandRequest, base: str) -> dict[str, Any]:
        channel = self.workspace.channel(given.channel)
        response = self.workspace.open_response_url(given.user, channel, None)
        payload = payloads.command(
            self.workspace,
            name=given.command,
            text=given.text,
            user=given.user,
            channel=channel,
            response_url=f"{base}response/{response.id}",
        )
        ack = await self._deliver(given.deliver, "slash_commands", payload)
        # An answer may overtake the ack; one that replaces the original leaves no ack to show.
        if ack.payload and not response.replaced:
            response_url.show(self.workspace, response, ack.payload)
        shown = None if ack.acked else f'{given.command} failed with the error "{ack.error}"'
        return {**ack.as_json(), "shown": shown, "response_url": payload["response_url"]}

    async def _action(self, given: ActionRequest, base: str) -> dict[str, Any]:
        if given.type == "view_submission":
            return await self._submission(given)
        if given.view_id is not None:
            view = self._view(given.view_id)
            action = payloads.action_in(view["blocks"], given.action_id, given.value, given.selected)
            payload = payloads.view_action(self.workspace, view, action, user=given.user)
        else:
            payload = self._click(given, base)
        ack = await self._deliver(given.deliver, "interactive", payload)
        return {**ack.as_json(), "payload": payload}

    def _click(self, given: ActionRequest, base: str) -> dict[str, Any]:
        message = self._message(given)
        action = payloads.action_in(message.get("blocks", []), given.action_id, given.value, given.selected)
        response = self.workspace.open_response_url(given.user, message["channel"], message["ts"])
        url = f"{base}response/{response.id}"
        return payloads.message_action(self.workspace, message, action, user=given.user, response_url=url)

    async def _submission(self, given: ActionRequest) -> dict[str, Any]:
        view = self._view(given.view_id)
        payload = payloads.view_submission(self.workspace, view, given.values, user=given.user)
        ack = await self._deliver(given.deliver, "interactive", payload)
        answer = ack.payload or {}
        match answer.get("response_action"):
            case "errors":
                pass
            case "update":
                put_view(self.workspace, view["id"], answer["view"])
            case "push":
                put_view(self.workspace, self.workspace.next_id("V"), answer["view"])
            case _ if ack.acked:
                del self.workspace.views[view["id"]]
        return {**ack.as_json(), "payload": payload}

    async def _event(self, given: EventRequest, _: str) -> dict[str, Any]:
        event = {"user": given.user, **given.event}
        if event.get("type") == "message":
            channel = self.workspace.channel(str(event.get("channel", "")))
            message = self.workspace.post(channel, event["user"], {"text": str(event.get("text", ""))})
            kind = "im" if self.workspace.channels[channel]["is_im"] else "channel"
            event = {**event, **message, "channel_type": kind}
        payload = payloads.event(self.workspace, event)
        ack = await self._deliver(given.deliver, "events_api", payload)
        return {**ack.as_json(), "payload": payload}

    async def _deliver(self, to: str, kind: Kind, payload: dict[str, Any]) -> Ack:
        if to == "socket":
            ack = await self.sockets.deliver(kind, payload)
        else:
            ack = await self.http.deliver(to, kind, payload)
        self.acks.append({"kind": kind, "deliver": to, **ack.as_json()})
        return ack

    def _message(self, given: ActionRequest) -> Message:
        if given.message_ts is not None:
            found = self.workspace.find(given.message_ts)
        else:
            channel = None if given.channel is None else self.workspace.channel(given.channel)
            seen = [m for m in self.workspace.visible_to(given.user) if channel in (None, m["channel"])]
            found = next((m for m in reversed(seen) if _carries(m, given.action_id)), None)
        if found is None:
            raise SlackError("message_not_found")
        return found

    def _view(self, view_id: str | None) -> dict[str, Any]:
        """The view of that id, else the one opened last."""
        views = self.workspace.views
        found = views.get(view_id) if view_id is not None else next(reversed(views.values()), None)
        if found is None:
            raise SlackError("view_not_found")
        return found

    async def _handled(
        self,
        request: Request,
        model: type[ControlT],
        act: Callable[[ControlT, str], Awaitable[dict[str, Any]]],
    ) -> Response:
        try:
            given = model.model_validate_json(await request.body())
            self.workspace.user(given.user)
            return JSONResponse(await act(given, str(request.base_url)))
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False, include_input=False)
            return JSONResponse({"error": "invalid_request", "detail": faults}, 400)
        except SlackError as error:
            return JSONResponse({"error": error.code, "detail": error.messages}, 404)


def _carries(message: Message, action_id: str) -> bool:
    return any(element["action_id"] == action_id for element in elements(message.get("blocks", [])))
