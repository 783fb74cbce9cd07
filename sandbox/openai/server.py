"""The HTTP side: models, chat completions, embeddings, and the control routes under /sandbox."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sandbox.openai import script
from sandbox.openai.assistant import Assistant
from sandbox.openai.completion import Completion
from sandbox.openai.conversation import Conversation, text_of
from sandbox.openai.embedding import DIMENSIONS, base64_floats, embed
from sandbox.openai.errors import ApiError, error_body, not_found, respond
from sandbox.openai.reply import Model, NoRuleError, Reply
from sandbox.openai.validation import check_chat

CHAT_MODEL = "sandbox-chat"
EMBEDDING_MODEL = "sandbox-embedding"
_SECRET_HEADERS = ("authorization", "cookie", "api-key")


def create_app(model: Model | None = None, *, clock: Callable[[], float] = time.time) -> Starlette:
    """The server with this model (default: the assistant). `clock` gives Unix seconds."""
    server = _Server(model or Assistant(), clock)
    return Starlette(
        routes=[
            Route("/v1/models", server.models),
            Route("/v1/chat/completions", server.chat, methods=["POST"]),
            Route("/v1/embeddings", server.embeddings, methods=["POST"]),
            Route("/sandbox/log", server.log),
            Route("/sandbox/script", server.replace_script, methods=["POST"]),
        ],
        exception_handlers={ApiError: respond, 404: not_found},
    )


class _Server:
    def __init__(self, model: Model, clock: Callable[[], float]) -> None:
        self._model = model
        self._clock = clock
        self._numbers = itertools.count(1)
        self._log: list[dict[str, Any]] = []

    async def models(self, request: Request) -> Response:
        await self._received(request)
        names = (CHAT_MODEL, EMBEDDING_MODEL)
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "sandbox"} for name in names]
        return JSONResponse({"object": "list", "data": data})

    async def chat(self, request: Request) -> Response:
        body = check_chat(await self._received(request))
        try:
            reply = self._model.reply(Conversation.from_request(body))
        except NoRuleError as error:
            raise ApiError(400, str(error), code="no_rule_matches") from error
        await asyncio.sleep(reply.delay_s)
        if reply.hang:
            await _until_disconnected(request)
        if reply.status >= 400 or reply.body is not None:
            return _failure(reply)
        completion = Completion(
            number=next(self._numbers),
            created=int(self._clock()),
            model=body["model"],
            prompt="".join(text_of(message) for message in body["messages"]),
            reply=reply,
        )
        if not body.get("stream"):
            return JSONResponse(completion.body(), headers=reply.headers)
        include_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        return _stream(completion, include_usage)

    async def embeddings(self, request: Request) -> Response:
        body = await self._received(request)
        if not isinstance(body, dict) or not body.get("input"):
            raise ApiError(400, "'input' must be a string or a non-empty array.", param="input")
        texts = _texts(body["input"])
        dimensions = body.get("dimensions") or DIMENSIONS
        vectors = [embed(text, dimensions) for text in texts]
        as_base64 = body.get("encoding_format") == "base64"
        data = [
            {"object": "embedding", "index": i, "embedding": base64_floats(vector) if as_base64 else vector}
            for i, vector in enumerate(vectors)
        ]
        tokens = sum(-(-len(text) // 4) for text in texts)
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return JSONResponse(
            {"object": "list", "data": data, "model": body.get("model", EMBEDDING_MODEL), "usage": usage}
        )

    async def log(self, _: Request) -> Response:
        return JSONResponse({"requests": self._log})

    async def replace_script(self, request: Request) -> Response:
        try:
            self._model = script.parse((await request.body()).decode("utf-8"))
        except (script.ScriptError, UnicodeDecodeError) as error:
            raise ApiError(400, str(error)) from error
        return JSONResponse({"ok": True})

    async def _received(self, request: Request) -> Any:
        """Logs the request without credentials, then checks the key. Returns the JSON body, if any."""
        raw = await request.body()
        try:
            body = json.loads(raw) if raw else None
        except ValueError as error:
            raise ApiError(400, "We could not parse the JSON body of your request.") from error
        headers = {name: value for name, value in request.headers.items() if name not in _SECRET_HEADERS}
        self._log.append({"method": request.method, "path": request.url.path, "headers": headers, "body": body})
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise ApiError(401, "You didn't provide an API key.", code="invalid_api_key")
        return body


class _BrokenStream(StreamingResponse):
    """Leaves the body unfinished, so that the client sees the connection drop."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for event in self.body_iterator:
            data = event if isinstance(event, bytes | memoryview) else event.encode()
            await send({"type": "http.response.body", "body": data, "more_body": True})


def _stream(completion: Completion, include_usage: bool) -> Response:
    shape = completion.reply.stream

    last = shape.break_after if shape.break_after is not None else shape.end_after

    async def events() -> AsyncIterator[str]:
        for event in itertools.islice(completion.events(include_usage=include_usage), last):
            await asyncio.sleep(shape.delay_ms / 1000)
            yield event

    kind = StreamingResponse if shape.break_after is None else _BrokenStream
    return kind(events(), media_type="text/event-stream", headers=completion.reply.headers)


def _failure(reply: Reply) -> Response:
    if isinstance(reply.body, str):
        return PlainTextResponse(reply.body, reply.status, headers=reply.headers)
    body = reply.body or error_body(reply.status, reply.content or f"The script answers {reply.status}.")
    return JSONResponse(body, reply.status, headers=reply.headers)


def _texts(value: Any) -> list[str]:
    """The inputs: a string, strings, token numbers, or lists of token numbers."""
    if isinstance(value, str):
        return [value]
    if all(isinstance(item, str) and item for item in value):
        return list(value)
    if all(isinstance(item, int) for item in value):
        return [" ".join(map(str, value))]
    if all(isinstance(item, list) for item in value):
        return [" ".join(map(str, item)) for item in value]
    raise ApiError(400, "'input' must be a string or a non-empty array.", param="input")


async def _until_disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
