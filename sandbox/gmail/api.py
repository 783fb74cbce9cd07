"""The Gmail API without HTTP: from a call to an answer, checked in the order Google checks."""

import asyncio
import re
from urllib.parse import unquote

from sandbox.gmail import fields, history_api
from sandbox.gmail.call import Answer, Call, Context, Json, Params, parse_body
from sandbox.gmail.errors import (
    ApiError,
    ConnectionDroppedError,
    insufficient_scope,
    invalid_argument,
    not_found,
    unauthenticated,
)
from sandbox.gmail.faults import Fault, FaultQueue
from sandbox.gmail.log import Entry, RequestLog
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.methods import METHODS, Method
from sandbox.gmail.oauth import AccessToken, Authority
from sandbox.gmail.paging import START
from sandbox.gmail.quota import Quota
from sandbox.gmail.settings import Settings
from sandbox.gmail.store import Store


class GmailApi:
    def __init__(
        self, store: Store, authority: Authority, settings: Settings, faults: FaultQueue, log: RequestLog
    ) -> None:
        self._store = store
        self._authority = authority
        self._quota = Quota(settings.costs, settings.units_per_minute, store.clock)
        self._parallel_in_batch = settings.parallel_in_batch
        self._largest_page = settings.largest_page
        self._faults = faults
        self._log = log

    async def handle(self, call: Call) -> Answer:
        """Every failure is an answer, except `ConnectionDroppedError` when a fault cuts the connection."""
        method, match = _find(call)
        token = self._token(call)
        entry = self._log.open(
            Entry(
                at=self._store.clock.now(), method=method.name if method else "", verb=call.verb, path=call.path,
                query=call.query, user=token.email if token else "", in_batch=call.position is not None,
            )
        )  # fmt: skip
        try:
            if method is None or match is None:
                raise ApiError(404, f"The sandbox serves no {call.verb} {call.path}", reason="notFound")
            body = await self._run(call, method, match, token, entry)
        except ApiError as error:
            entry.status, entry.reason = error.code, error.reason
            return Answer(status=error.code, body=error.body(), headers=error.headers)
        entry.status = 204 if body is None else 200
        return Answer(status=entry.status, body=body)

    async def _run(
        self, call: Call, method: Method, match: re.Match[str], token: AccessToken | None, entry: Entry
    ) -> Json | None:
        fault = self._faults.take(method=method.name, verb=call.verb, path=call.path, user=entry.user)
        if fault is not None:
            entry.fault = fault.kind
            await asyncio.sleep(fault.delay)
            if fault.kind not in ("fail_after_send", "empty_page"):
                raise failure(fault)
        if token is None:
            raise unauthenticated()
        if not token.scopes & method.scopes:
            raise insufficient_scope(method.scopes)
        arguments = {name: unquote(value) for name, value in match.groupdict().items()}
        mailbox = self._mailbox(token, arguments.pop("userId"))
        if call.position is not None and call.position >= self._parallel_in_batch:
            raise ApiError(429, "Too many concurrent requests for user.", reason="rateLimitExceeded")
        entry.units = self._quota.charge(token.email, method.name)
        params = Params(call.query, method.params, largest_page=self._largest_page)
        mask = fields.parse(params.text("fields"), method.resource) if params.text("fields") else None
        context = Context(
            store=self._store, mailbox=mailbox, scopes=token.scopes, arguments=arguments, params=params,
            body=parse_body(call.body, method.body),
        )  # fmt: skip
        if fault is not None and fault.kind == "empty_page":
            answer: Json | None = _empty_page(method, context)
        else:
            answer = method.handler(context)
        if fault is not None and fault.kind == "fail_after_send":
            raise failure(fault)
        return answer if mask is None or answer is None else fields.apply(mask, answer)

    def _token(self, call: Call) -> AccessToken | None:
        scheme, _, value = call.authorization.partition(" ")
        return self._authority.access(value.strip()) if scheme.lower() == "bearer" else None

    def _mailbox(self, token: AccessToken, user_id: str) -> Mailbox:
        if user_id.lower() not in ("me", token.email):
            raise ApiError(403, f"Delegation denied for {token.email}")
        return self._store.mailbox(token.email)


def _empty_page(method: Method, context: Context) -> Json:
    """A page without entries that is not the last: its token continues where the call began."""
    token = context.params.text("pageToken")
    if method.name != "history.list":
        return {"nextPageToken": token or START, "resultSizeEstimate": 0}
    current, start = context.mailbox.history.current, context.params.text("startHistoryId")
    if not start.isdecimal():
        raise invalid_argument("Missing or invalid startHistoryId", reason="invalid", location="startHistoryId")
    return {"nextPageToken": token or history_api.page_token(int(start), current), "historyId": str(current)}


def failure(fault: Fault) -> ApiError | ConnectionDroppedError:
    """What a fault makes of a call."""
    if fault.kind == "drop" or fault.drop:
        return ConnectionDroppedError()
    if fault.status == 401:
        return unauthenticated()
    if fault.status == 404 and not fault.message:
        return not_found()
    return ApiError(fault.status, fault.text, reason=fault.reason, headers=fault.headers)


def _find(call: Call) -> tuple[Method | None, re.Match[str] | None]:
    for method in METHODS:
        if method.verb == call.verb and (match := method.pattern.fullmatch(call.path)):
            return method, match
    return None, None
