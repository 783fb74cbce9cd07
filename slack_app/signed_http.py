"""Slack over HTTP: one route that takes commands, clicks and modals signed by Slack."""

from __future__ import annotations

from slack_bolt import App
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

_LARGEST_BODY = 1_000_000  # bytes; Slack's own are far smaller


def routes(bolt_app: App) -> list[Route]:
    """POST /slack/events: 401 for a bad signature or a timestamp older than five minutes."""

    async def events(request: Request) -> Response:
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > _LARGEST_BODY:
                return PlainTextResponse("too large", status_code=413)
        try:
            bolt_request = to_bolt_request(request, body)
        except UnicodeDecodeError:
            return PlainTextResponse("not UTF-8", status_code=400)
        # Bolt waits for the listener's ack: in a thread, so that the server's loop goes on.
        return to_starlette_response(await run_in_threadpool(bolt_app.dispatch, bolt_request))

    return [Route("/slack/events", events, methods=["POST"])]
