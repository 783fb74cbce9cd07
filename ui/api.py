"""The API with which other systems feed dimensions of health: POST /api/dimensions with a bearer token."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crm.api_tokens import token_owner
from crm.customers import list_customers
from crm.errors import InputError, LealUpError, NotAllowed, NotFound
from crm.health.feeding import Row, feed
from crm.health.policy import policy_of
from crm.trace import operation
from wiring.app import App

_MOST_BYTES = 1_000_000
_MOST_ROWS = 1_000


def api_routes(app: App) -> list[Route]:
    """`[{customer, dimension, value, day?}, …]` → `{imported, rejected: [{index, reason}], trace_id}`.

    401 without a known token, 400 for what is no such list, 413 above 1 MB or 1,000 rows; good rows go in beside bad ones.
    """

    async def dimensions(request: Request) -> Response:
        with operation() as trace_id:
            try:
                body = await _body(request)
                answer = await run_in_threadpool(_feed, app, _secret(request), body)
            except (NotAllowed, NotFound) as error:  # no such token, or nobody any more who made it
                return _refused(error, 401, trace_id)
            except _TooLarge as error:
                return _refused(error, 413, trace_id)
            except InputError as error:
                return _refused(error, 400, trace_id)
            except LealUpError as error:
                return _refused(error, 503, trace_id)
        return JSONResponse({**answer, "trace_id": trace_id})

    return [Route("/api/dimensions", dimensions, methods=["POST"])]


class _TooLarge(InputError):
    sentence = "At most 1 MB and 1,000 rows are taken at once."


def _feed(app: App, secret: str, body: bytes) -> dict[str, Any]:
    with app.database.write() as session:
        principal = token_owner(session, app.clock, secret)
        rows = _rows(body)
        today = policy_of(session, principal.workspace_id).calendar.day_of(app.clock())
        customers = list_customers(session, principal.workspace_id)
        rejected: list[dict[str, Any]] = []
        for index, row in enumerate(rows):
            try:
                with session.begin_nested():
                    figure = Row.model_validate(row)
                    feed(session, customers, figure, source="api", now=app.clock(), today=today)
            except ValidationError as error:
                first = error.errors()[0]
                where = str(first["loc"][0]) if first["loc"] else "row"
                rejected.append({"index": index, "reason": f"{where}: {first['msg']}"})
            except LealUpError as error:
                rejected.append({"index": index, "reason": error.sentence})
    return {"imported": len(rows) - len(rejected), "rejected": rejected}


def _rows(body: bytes) -> list[Any]:
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list):
        raise InputError(sentence="The body is no JSON list.", next_step="See docs/health.md.")
    if len(rows) > _MOST_ROWS:
        raise _TooLarge
    return rows


def _secret(request: Request) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotAllowed("token", sentence="A bearer token is needed.", next_step="Make one in Settings → Health.")
    return secret.strip()


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > _MOST_BYTES:
                raise _TooLarge
    except ClientDisconnect:
        raise InputError(sentence="The request was cut off.") from None
    return bytes(body)


def _refused(error: LealUpError, status: int, trace_id: str) -> Response:
    return JSONResponse({"error": error.sentence, "next": error.next_step, "trace_id": trace_id}, status_code=status)
