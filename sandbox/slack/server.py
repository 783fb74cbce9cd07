"""The HTTP and WebSocket side: /api, /response, /socket, and the control routes under /sandbox."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from sandbox.slack import response_url
from sandbox.slack.control import Control
from sandbox.slack.signed_http import SignedHttp
from sandbox.slack.socket_mode import Sockets
from sandbox.slack.web_api import METHODS, Arguments
from sandbox.slack.workspace import SlackError, Workspace

SIGNING_SECRET, BOT_TOKEN, APP_TOKEN = "sandbox-secret", "xoxb-sandbox", "xapp-sandbox"
_CONNECT = "apps.connections.open"


def create_app(
    *,
    signing_secret: str = SIGNING_SECRET,
    bot_token: str = BOT_TOKEN,
    app_token: str = APP_TOKEN,
    clock: Callable[[], float] = time.time,
) -> Starlette:
    """One workspace with its own state. `clock` gives Unix seconds for message times and expiries."""
    workspace = Workspace(clock=clock)
    sockets = Sockets(workspace=workspace)
    control = Control(workspace=workspace, sockets=sockets, http=SignedHttp(signing_secret=signing_secret))
    server = _Server(workspace=workspace, sockets=sockets, bot_token=bot_token, app_token=app_token)
    return Starlette(
        routes=[
            Route("/api/{method}", server.api, methods=["GET", "POST"]),
            Route("/response/{response_id}", server.response, methods=["POST"]),
            WebSocketRoute("/socket", sockets.serve),
            Route("/sandbox/command", control.command, methods=["POST"]),
            Route("/sandbox/action", control.action, methods=["POST"]),
            Route("/sandbox/event", control.event, methods=["POST"]),
            Route("/sandbox/state", control.state),
            Route("/sandbox/log", server.log),
        ]
    )


@dataclass(kw_only=True)
class _Server:
    workspace: Workspace
    sockets: Sockets
    bot_token: str
    app_token: str
    _log: list[dict[str, Any]] = field(default_factory=list)

    async def api(self, request: Request) -> Response:
        method = request.path_params["method"]
        arguments = await _arguments(request)
        token = _token(request, arguments)
        result = self._called(method, token, arguments, request)
        self._log.append({"path": request.url.path, "arguments": arguments, "ok": result["ok"]})
        return JSONResponse(result, headers={"x-oauth-scopes": "chat:write,commands,im:write,users:read"})

    async def response(self, request: Request) -> Response:
        response_id = request.path_params["response_id"]
        try:
            body = json.loads(await request.body())
            if not isinstance(body, dict):
                raise ValueError("a JSON object is expected")
            response_url.accept(self.workspace, response_id, body)
        except ValueError:
            return JSONResponse({"ok": False, "error": "invalid_payload"}, 400)
        except SlackError as error:
            self._record(request, response_id, body, error.code)
            gone = error.code in ("used_url", "expired_url")
            return JSONResponse({"ok": False, "error": error.code}, 404 if gone else 400)
        self._record(request, response_id, body, None)
        return PlainTextResponse("ok")

    async def log(self, _: Request) -> Response:
        return JSONResponse({"requests": self._log})

    def _record(self, request: Request, response_id: str, body: Any, error: str | None) -> None:
        self._log.append({"path": request.url.path, "arguments": body, "ok": error is None})
        self.workspace.response_posts.append({"id": response_id, "body": body, "error": error})

    def _called(self, method: str, token: str, arguments: Arguments, request: Request) -> dict[str, Any]:
        try:
            if method != _CONNECT and method not in METHODS:
                raise SlackError("unknown_method")
            self._check_token(token, self.app_token if method == _CONNECT else self.bot_token)
            if method == _CONNECT:
                address = request.base_url.replace(scheme="ws", path="/socket", query=f"ticket={self.sockets.ticket()}")
                return {"ok": True, "url": str(address)}
            return {"ok": True, **METHODS[method](self.workspace, arguments)}
        except SlackError as error:
            details = {"response_metadata": {"messages": list(error.messages)}} if error.messages else {}
            return {"ok": False, "error": error.code, **details}

    def _check_token(self, given: str, wanted: str) -> None:
        if not given:
            raise SlackError("not_authed")
        if given != wanted:
            known = given in (self.bot_token, self.app_token)
            raise SlackError("not_allowed_token_type" if known else "invalid_auth")


async def _arguments(request: Request) -> Arguments:
    """Query, form or JSON arguments; in a form, structures come as JSON text."""
    arguments: Arguments = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            body = {}
        return {**arguments, **body} if isinstance(body, dict) else arguments
    async with request.form() as form:
        arguments.update({key: value for key, value in form.items() if isinstance(value, str)})
    return {key: _structure(key, value) for key, value in arguments.items()}


def _structure(key: str, value: Any) -> Any:
    if key not in ("blocks", "attachments", "view", "metadata"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _token(request: Request, arguments: Arguments) -> str:
    """The bearer token, else the `token` argument, which is taken out so that no log keeps it."""
    argument = str(arguments.pop("token", ""))
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    return bearer.strip() if scheme.lower() == "bearer" else argument
