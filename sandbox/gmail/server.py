"""The HTTP side: API, batch, OAuth and control on one address."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sandbox.gmail import batch
from sandbox.gmail.api import GmailApi, failure
from sandbox.gmail.call import Answer, Call
from sandbox.gmail.control import Control
from sandbox.gmail.errors import ApiError, ConnectionDroppedError
from sandbox.gmail.faults import FaultQueue
from sandbox.gmail.log import Entry, RequestLog
from sandbox.gmail.oauth import Authority
from sandbox.gmail.oauth_http import OAuthHttp
from sandbox.gmail.settings import Settings
from sandbox.gmail.store import Store

_VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_app(store: Store, *, settings: Settings | None = None, faults: FaultQueue | None = None) -> Starlette:
    """A Gmail that serves this store, by the store's clock. A caller in the same process may hand in its own faults."""
    settings = settings or Settings()
    faults = FaultQueue() if faults is None else faults
    log, authority = RequestLog(), Authority(store.clock)
    api = GmailApi(store, authority, settings, faults, log)
    gmail = _GmailHttp(api, store, faults, log)
    return Starlette(
        routes=[
            Route("/gmail/v1/{path:path}", _cuttable(gmail.single), methods=_VERBS),
            Route("/batch/gmail/v1", _cuttable(gmail.batch), methods=["POST"]),
            Route("/batch", _cuttable(gmail.batch), methods=["POST"]),
            *(
                Route(route.path, _cuttable(route.endpoint), methods=list(route.methods or ()))
                for route in OAuthHttp(store, authority, settings, faults, log).routes()
            ),
            *Control(store, authority, faults, log).routes(),
        ],
        exception_handlers={404: _unknown_address, 405: _unknown_address},
    )


class _GmailHttp:
    def __init__(self, api: GmailApi, store: Store, faults: FaultQueue, log: RequestLog) -> None:
        self._api = api
        self._store = store
        self._faults = faults
        self._log = log

    async def single(self, request: Request) -> Response:
        call = Call(
            verb=request.method,
            path=request.url.path,
            query=request.url.query,
            body=await request.body(),
            authorization=request.headers.get("Authorization", ""),
        )
        return _response(await self._api.handle(call))

    async def batch(self, request: Request) -> Response:
        """The batch itself costs nothing; its calls are checked, charged and logged one by one."""
        path = request.url.path
        entry = self._log.open(Entry(at=self._store.clock.now(), method="batch", verb="POST", path=path))
        fault = self._faults.take(method="batch", verb="POST", path=path, user="")
        try:
            if fault is not None:
                entry.fault = fault.kind
                await asyncio.sleep(fault.delay)
                raise failure(fault)
            authorization = request.headers.get("Authorization", "")
            calls = batch.parse(request.headers.get("Content-Type", ""), await request.body(), authorization)
        except ApiError as error:
            entry.status, entry.reason = error.code, error.reason
            return _response(Answer(status=error.code, body=error.body(), headers=error.headers))
        answers = [(inner.content_id, await self._api.handle(inner.call)) for inner in calls]
        entry.status = 200
        content_type, body = batch.render(answers)
        return Response(body, headers={"Content-Type": content_type})


class _HangUp(Response):
    """No answer: the connection is closed, where the server offers that (`sandbox.running` does)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cut = scope.get("state", {}).get("cut_connection")
        if cut is None:
            raise ConnectionDroppedError
        cut()
        while (await receive())["type"] != "http.disconnect":
            pass


def _cuttable(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def run(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ConnectionDroppedError:
            return _HangUp()

    return run


def _response(answer: Answer) -> Response:
    if answer.body is None:
        return Response(status_code=answer.status, headers=answer.headers)
    content = json.dumps(answer.body, ensure_ascii=False).encode("utf-8", "replace")
    return Response(
        content, status_code=answer.status, headers=answer.headers, media_type="application/json; charset=UTF-8"
    )


async def _unknown_address(request: Request, _: Exception) -> Response:
    error = ApiError(404, f"The sandbox serves no {request.method} {request.url.path}", reason="notFound")
    return JSONResponse(error.body(), status_code=404)
