"""What tests do to the sandbox, under /sandbox: time, faults, arriving and vanishing mail, revocation."""

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.gmail.faults import Fault, FaultError, FaultQueue
from sandbox.gmail.log import RequestLog
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.message import Message
from sandbox.gmail.oauth import Authority
from sandbox.gmail.store import Store, UnknownMailboxError

Json = dict[str, Any]


class _ControlError(Exception):
    """The control request makes no sense."""


class Control:
    def __init__(self, store: Store, authority: Authority, faults: FaultQueue, log: RequestLog) -> None:
        self._store = store
        self._authority = authority
        self._faults = faults
        self._log = log

    def routes(self) -> list[Route]:
        def post(path: str, endpoint: Callable[[Request], Awaitable[Json]]) -> Route:
            return Route(f"/sandbox/{path}", _answered(endpoint), methods=["POST"])

        def get(path: str, endpoint: Callable[[Request], Awaitable[Json]]) -> Route:
            return Route(f"/sandbox/{path}", _answered(endpoint), methods=["GET"])

        def delete(path: str, endpoint: Callable[[Request], Awaitable[Json]]) -> Route:
            return Route(f"/sandbox/{path}", _answered(endpoint), methods=["DELETE"])

        return [
            get("health", self._health), get("state", self._state), get("clock", self._time),
            post("clock", self._set_clock), post("deliver", self._deliver), post("draft", self._draft),
            post("labels", self._relabel), post("delete", self._delete), post("revoke", self._revoke),
            post("expire-history", self._expire_history),
            get("log", self._read_log), delete("log", self._clear_log),
            get("faults", self._list_faults), post("faults", self._add_faults), delete("faults", self._clear_faults),
        ]  # fmt: skip

    async def _health(self, _: Request) -> Json:
        return {"ok": True, "mailboxes": {email: len(box.messages) for email, box in self._store.mailboxes.items()}}

    async def _state(self, _: Request) -> Json:
        return {"mailboxes": {email: _mailbox(box) for email, box in self._store.mailboxes.items()}}

    async def _time(self, _: Request) -> Json:
        now = self._store.clock.now()
        return {"now": now, "iso": datetime.fromtimestamp(now, UTC).isoformat()}

    async def _set_clock(self, request: Request) -> Json:
        """{advance: seconds}, also as advance_seconds, or {set: Unix seconds or an ISO date and time with zone}."""
        body = await _json(request, {"advance", "advance_seconds", "set"})
        if "set" in body:
            self._store.clock.set(_timestamp(body["set"]))
        self._store.clock.advance(float(body.get("advance", 0)) + float(body.get("advance_seconds", 0)))
        return await self._time(request)

    async def _deliver(self, request: Request) -> Json:
        """An RFC 822 body arrives in ?mailbox, else at its recipients; ?received (Unix seconds) dates its arrival."""
        received = request.query_params.get("received")
        delivered = self._store.deliver(
            await request.body(),
            email=request.query_params.get("mailbox"),
            date_ms=None if received is None else int(float(received) * 1000),
        )
        return {"delivered": [{"mailbox": box.email, **_reference(message)} for box, message in delivered]}

    async def _draft(self, request: Request) -> Json:
        """An RFC 822 body becomes a draft of ?mailbox. Sent later by /sandbox/labels: add SENT, remove DRAFT."""
        mailbox = self._store.mailbox(request.query_params.get("mailbox", ""))
        message = mailbox.add(await request.body(), labels={"DRAFT"}, date_ms=self._store.next_ms())
        return {"mailbox": mailbox.email, **_reference(message)}

    async def _relabel(self, request: Request) -> Json:
        """{mailbox, id, add: [names], remove: [names]}; a new label is created. {add: ["TRASH"]} is the trash."""
        body = await _json(request, {"mailbox", "id", "add", "remove"})
        mailbox, message = self._find(body)
        create = mailbox.labels.create
        mailbox.relabel(message, add=map(create, body.get("add", [])), remove=map(create, body.get("remove", [])))
        return {"mailbox": mailbox.email, **_reference(message), "labelIds": sorted(message.labels)}

    async def _delete(self, request: Request) -> Json:
        """{mailbox, id}: gone for good."""
        mailbox, message = self._find(await _json(request, {"mailbox", "id"}))
        mailbox.delete(message)
        return {"mailbox": mailbox.email, **_reference(message)}

    async def _revoke(self, request: Request) -> Json:
        """{email}: the user removes the app's access."""
        body = await _json(request, {"email"})
        return {"revoked": self._authority.revoke_user(self._store.mailbox(str(body.get("email", ""))).email)}

    async def _expire_history(self, request: Request) -> Json:
        """{mailbox}, or nothing for all: every history id handed out so far answers 404."""
        body = await _json(request, {"mailbox"})
        boxes = [self._store.mailbox(body["mailbox"])] if "mailbox" in body else list(self._store.mailboxes.values())
        for box in boxes:
            box.history.expire()
        return {"historyIds": {box.email: str(box.history.current) for box in boxes}}

    async def _read_log(self, request: Request) -> Json:
        query = request.query_params
        return self._log.json(method=query.get("method", ""), user=query.get("user", ""))

    async def _clear_log(self, _: Request) -> Json:
        self._log.clear()
        return {"ok": True}

    async def _list_faults(self, _: Request) -> Json:
        return {"faults": [asdict(fault) for fault in self._faults.waiting]}

    async def _add_faults(self, request: Request) -> Json:
        """One fault, or a list of them, as `Fault.from_json` takes it."""
        body = json.loads(await request.body())
        for fault in [Fault.from_json(described) for described in (body if isinstance(body, list) else [body])]:
            self._faults.add(fault)
        return await self._list_faults(request)

    async def _clear_faults(self, _: Request) -> Json:
        self._faults.waiting.clear()
        return {"faults": []}

    def _find(self, body: Json) -> tuple[Mailbox, Message]:
        mailbox = self._store.mailbox(str(body.get("mailbox", "")))
        message = mailbox.messages.get(str(body.get("id", "")))
        if message is None:
            raise _ControlError(f"no message {body.get('id')} in {mailbox.email}")
        return mailbox, message


def _answered(endpoint: Callable[[Request], Awaitable[Json]]) -> Callable[[Request], Awaitable[Response]]:
    """As JSON; 404 for an unknown mailbox, 400 for anything else wrong."""

    async def run(request: Request) -> Response:
        try:
            return JSONResponse(await endpoint(request))
        except UnknownMailboxError as error:
            return JSONResponse({"error": str(error)}, status_code=404)
        except (_ControlError, FaultError, ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return run


async def _json(request: Request, allowed: set[str]) -> Json:
    content = await request.body()
    body = json.loads(content) if content else {}
    if not isinstance(body, dict) or set(body) - allowed:
        raise _ControlError(f"takes a JSON object with {', '.join(sorted(allowed))}")
    return body


def _timestamp(value: object) -> float:
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise _ControlError("the time needs a zone")
        return moment.timestamp()
    if isinstance(value, (int, float)):
        return float(value)
    raise _ControlError("set takes Unix seconds or an ISO date and time")


def _mailbox(box: Mailbox) -> Json:
    names = box.labels.names()
    return {
        "historyId": str(box.history.current),
        "historyFloor": str(box.history.floor),
        "aliases": sorted(box.addresses - {box.email}),
        "watch": box.watch,
        "threads": box.threads,
        "messages": [
            {
                **_reference(message),
                "labelIds": sorted(message.labels),
                "labels": sorted(names[label] for label in message.labels),
                "internalDate": str(message.internal_date),
                "historyId": str(message.history_id),
                "messageId": message.rfc_id,
                "raw": base64.b64encode(message.raw).decode("ascii"),
            }
            for message in box.newest_first()
        ],
    }


def _reference(message: Message) -> Json:
    return {"id": message.id, "threadId": message.thread_id}
