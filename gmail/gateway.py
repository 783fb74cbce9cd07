"""Reading Gmail: listing, fetching in batches, history. One gateway serves one mailbox."""

from __future__ import annotations

import base64
import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, TypeAlias

from google.auth.exceptions import RefreshError, TransportError
from googleapiclient.errors import HttpError
from httplib2 import HttpLib2Error

from crm.clock import Clock, system_clock
from crm.errors import (
    Disconnected,
    GoogleUnavailable,
    HistoryExpired,
    LealUpError,
    MessageGone,
    QuotaExceeded,
)
from gmail import refusals
from gmail.quota import IN_FLIGHT, TokenBucket
from gmail.service import another_connection

BATCH = 25  # Google allows 100 but answers 429 to inner calls long before
PAGE = 500
ATTEMPTS = 8  # the last pause is up to 64 s
_RATE_REASONS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
# A connection that broke, or a batch answer that lacks an answer or is none.
_BROKEN = (OSError, HTTPException, HttpLib2Error, TransportError, KeyError, UnicodeDecodeError)
_HISTORY_TYPES = ["messageAdded", "messageDeleted", "labelAdded", "labelRemoved"]


Answers: TypeAlias = dict[str, dict[str, Any] | LealUpError]  # by the id that was asked for


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a listing; an empty page with a `next_token` is not the end. `threads` is thread id by message id."""

    ids: tuple[str, ...]
    next_token: str
    threads: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class HistoryPage:
    """One page of history records, as Gmail sends them, oldest first."""

    records: tuple[dict[str, Any], ...]
    history_id: int


def _part_mask(depth: int) -> str:
    own = "partId,mimeType,filename,headers,body(size,attachmentId)"
    return own if depth == 0 else f"{own},parts({_part_mask(depth - 1)})"


# Headers and attachment names without any body. Masks do not recurse, so six levels are written out.
METADATA_FIELDS = f"id,threadId,labelIds,internalDate,historyId,payload({_part_mask(6)})"


class GmailGateway:
    """Every failure is a `LealUpError`; 429, 5xx and 403 by rate reason are retried with full jitter, 1 to 64 s.

    Thread-safe: every request in flight has a connection of its own, and the bucket, shared by all gateways of the
    mailbox, decides when one may go. Backoff: https://developers.google.com/workspace/gmail/api/guides/handle-errors
    """

    def __init__(
        self,
        service: Any,
        bucket: TokenBucket,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Clock = system_clock,
    ) -> None:
        self._service, self._bucket, self._sleep, self._clock = service, bucket, sleep, clock
        self._spare = [service._http]  # connections nobody uses at the moment
        self._closed = threading.Event()

    @property
    def quota_units(self) -> int:
        return self._bucket.spent

    def close(self) -> None:
        """Make no more requests: whatever waits for its turn raises `Stopped`."""
        self._closed.set()

    def profile(self) -> tuple[str, int]:
        """(address, current history id)."""
        answer = self.execute("getProfile", self._service.users().getProfile(userId="me"))
        return str(answer["emailAddress"]).lower(), int(answer["historyId"])

    def aliases(self) -> tuple[str, ...]:
        """Every address the mailbox may send as, lower case."""
        answer = self.execute("sendAs.list", self._service.users().settings().sendAs().list(userId="me"))
        return tuple(sorted({str(entry["sendAsEmail"]).lower() for entry in answer.get("sendAs", [])}))

    def labels(self) -> dict[str, str]:
        """The mailbox's labels: id → name."""
        answer = self.execute("labels.list", self._service.users().labels().list(userId="me"))
        return {str(entry["id"]): str(entry["name"]) for entry in answer.get("labels", [])}

    def list_messages(self, query: str, page_token: str = "", *, label_id: str = "", hidden: bool = False) -> Page:
        """One page (up to 500 ids) of messages matching Gmail's `q`; spam and trash only when `hidden`."""
        request = self._service.users().messages().list(
            userId="me", q=query, maxResults=PAGE, pageToken=page_token or None, labelIds=[label_id] if label_id else None,
            includeSpamTrash=hidden or None, fields="messages(id,threadId),nextPageToken",
        )  # fmt: skip
        answer = self.execute("list", request)
        threads = {str(entry["id"]): str(entry.get("threadId", "")) for entry in answer.get("messages", [])}
        return Page(ids=tuple(threads), threads=threads, next_token=str(answer.get("nextPageToken", "")))

    def labels_of_all(self, query: str) -> dict[str, frozenset[str]]:
        """Gmail id → label ids of every message matching `q`, spam and trash included.

        A listing by label costs 5 units for 500 ids; asking each message for its labels would cost 20 units apiece.
        """
        found: dict[str, set[str]] = {gmail_id: set() for gmail_id in self._all_ids(query, "")}
        for label_id in sorted(self.labels()):
            for gmail_id in self._all_ids(query, label_id):
                found.setdefault(gmail_id, set()).add(label_id)
        return {gmail_id: frozenset(label_ids) for gmail_id, label_ids in found.items()}

    def _all_ids(self, query: str, label_id: str) -> Iterator[str]:
        token = ""
        while True:
            page = self.list_messages(query, token, label_id=label_id, hidden=True)
            yield from page.ids
            token = page.next_token
            if not token:
                return

    def history(self, start: int) -> Iterator[HistoryPage]:
        """All pages since `start`, always from the same start. Raises `HistoryExpired` when Gmail has forgotten it."""
        token = ""
        while True:
            request = self._service.users().history().list(
                userId="me", startHistoryId=str(start), maxResults=PAGE, pageToken=token or None,
                historyTypes=_HISTORY_TYPES,
            )  # fmt: skip
            try:
                answer = self.execute("history.list", request)
            except MessageGone:
                raise HistoryExpired(str(start)) from None
            yield HistoryPage(records=tuple(answer.get("history", [])), history_id=int(answer["historyId"]))
            token = str(answer.get("nextPageToken", ""))
            if not token:
                return

    def message(self, gmail_id: str, *, whole: bool = False) -> dict[str, Any]:
        """One message with its parts, without the bodies unless `whole`. Raises `MessageGone`."""
        answer: dict[str, Any] = self.execute("get", self._get("get", gmail_id, whole))
        return answer

    def attachment(self, gmail_id: str, attachment_id: str) -> bytes:
        """The content of one attached file. Raises `MessageGone`, and `RequestRefused` for an id Gmail doesn't know."""
        request = self._service.users().messages().attachments().get(userId="me", messageId=gmail_id, id=attachment_id)
        data = str(self.execute("attachments.get", request).get("data", ""))
        return base64.urlsafe_b64decode(data + "=" * (-len(data) % 4))

    def fetch(self, ids: Sequence[str], *, bodies: bool) -> Answers:
        """Messages by id, in batches of at most 25; each inner answer is either the message or its own error.

        Without `bodies` only headers, labels and attachment names travel.
        """
        return self._fetch("get", ids, bodies)

    def fetch_threads(self, thread_ids: Sequence[str], *, bodies: bool) -> Answers:
        """Whole threads by id, `{"id", "messages": [...]}` or an error each: as many units as two messages cost."""
        return self._fetch("threads.get", thread_ids, bodies)

    def _fetch(self, method: str, ids: Sequence[str], bodies: bool) -> Answers:
        size = self._bucket.calls_at_once(method, BATCH)
        batches = [ids[begin : begin + size] for begin in range(0, len(ids), size)]
        if len(batches) <= 1:
            return self._fetch_batch(method, ids, bodies) if ids else {}
        results: Answers = {}
        with ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="gmail-fetch") as pool:
            for answers in pool.map(lambda batch: self._fetch_batch(method, batch, bodies), batches):
                results.update(answers)
        return results

    def _fetch_batch(self, method: str, ids: Sequence[str], bodies: bool) -> Answers:
        results: Answers = {}
        failed: dict[str, HttpError] = {}
        for attempt in range(ATTEMPTS):
            waiting = [id_ for id_ in ids if id_ not in results]
            refusal, failed = self._try_batch(method, waiting, bodies, attempt, results)
            if all(id_ in results for id_ in ids):
                return results
            if attempt < ATTEMPTS - 1:
                self._back_off(refusal or next(iter(failed.values()), None), attempt)
            elif refusal is not None:  # Google took no call at all: that is no message's fault
                raise _exhausted(refusal, "batch")
        for id_ in ids:
            if id_ not in results:
                results[id_] = _exhausted(failed[id_], method) if id_ in failed else GoogleUnavailable("batch")
        return results

    def _try_batch(
        self, method: str, ids: Sequence[str], bodies: bool, attempt: int, results: Answers
    ) -> tuple[HttpError | None, dict[str, HttpError]]:
        """Fill `results`; returns why the whole batch was refused, and the calls inside it that are worth another try."""
        failed: dict[str, HttpError] = {}

        def collect(id_: str, answer: Any, error: HttpError | None) -> None:
            if error is None:
                results[id_] = answer
            elif _is_transient(error):
                failed[id_] = error
            else:
                results[id_] = _as_our_error(error)

        batch = self._service.new_batch_http_request(callback=collect)
        for id_ in ids:
            batch.add(self._get(method, id_, bodies), request_id=id_)
        try:
            self._send(batch, method, len(ids), attempt)
        except HttpError as error:
            if not _is_transient(error):
                raise _as_our_error(error) from None
            return error, failed
        for answer in results.values():
            if isinstance(answer, Disconnected):
                raise answer
        return None, failed

    def _get(self, method: str, id_: str, bodies: bool) -> Any:
        users = self._service.users()
        if method == "threads.get":
            fields = None if bodies else f"id,messages({METADATA_FIELDS})"
            return users.threads().get(userId="me", id=id_, format="full", fields=fields)
        return users.messages().get(userId="me", id=id_, format="full", fields=None if bodies else METADATA_FIELDS)

    def execute(self, method: str, request: Any) -> Any:
        """Run one request within the quota, with retries. Raises `LealUpError`s only.

        Thread-safe, for any request of this mailbox's service; `method` is a name in `gmail.quota.COSTS`.
        """
        for attempt in range(ATTEMPTS):
            try:
                answer = self._send(request, method, 1, attempt)
            except HttpError as error:
                if not _is_transient(error):
                    raise _as_our_error(error) from None
                if attempt == ATTEMPTS - 1:
                    raise _exhausted(error, method) from None
                self._back_off(error, attempt)
                continue
            if answer is not None:
                return answer
        raise GoogleUnavailable(method)

    def _send(self, request: Any, method: str, calls: int, attempt: int) -> Any:
        """The answer of one HTTP request; None after a broken connection or answer that is worth another try."""
        with self._bucket.spend(method, calls, stopped=self._closed.is_set):
            connection = self._connection()
            try:
                answer = request.execute(http=connection)
            except RefreshError as error:
                raise as_refresh_error(error) from None
            except HttpError:
                self._spare.append(connection)
                raise
            except _BROKEN as error:
                failure = error
            else:
                self._spare.append(connection)
                return answer
        if attempt >= 2:
            raise GoogleUnavailable(type(failure).__name__) from None
        self._rest(random.uniform(0.1, 0.5) * 2**attempt)
        return None

    def _connection(self) -> Any:
        try:
            return self._spare.pop()
        except IndexError:  # all are in use; looking first would leave another thread time to take the last one
            return another_connection(self._service)

    def _back_off(self, error: HttpError | None, attempt: int) -> None:
        """Wait before the next attempt. A limit is the whole mailbox's: everybody waits; a 500 may be one message's."""
        asked = _asked_pause(error, self._clock()) if error is not None else None
        seconds = random.uniform(0, min(64.0, 2.0**attempt)) if asked is None else asked
        if asked is not None or (error is not None and int(error.resp.status) in (403, 429)):
            self._bucket.pause(seconds)
        else:
            self._rest(seconds)

    def _rest(self, seconds: float) -> None:
        while seconds > 0 and not self._closed.is_set():
            self._sleep(min(seconds, 1.0))
            seconds -= 1.0


def as_refresh_error(error: RefreshError) -> LealUpError:
    """invalid_grant means disconnected; a failure of the token endpoint is an outage."""
    return refusals.of_refresh(error)


def _reasons(error: HttpError) -> frozenset[str]:
    """The machine-readable reasons, of Google's old error form (`errors`) and of its new one (`details`)."""
    try:
        body = json.loads(error.content)["error"]
        entries = [*body.get("errors", ()), *body.get("details", ())]
        return frozenset(str(entry.get("reason", "")) for entry in entries)
    except (ValueError, KeyError, TypeError, AttributeError):
        return frozenset()


def _is_transient(error: HttpError) -> bool:
    status = int(error.resp.status)
    return status == 429 or status >= 500 or (status == 403 and bool(_reasons(error) & _RATE_REASONS))


def _as_our_error(error: HttpError) -> LealUpError:
    return refusals.of_call(int(error.resp.status), _reasons(error), message=str(error.reason))


def _exhausted(error: HttpError, method: str) -> LealUpError:
    """What a transient failure becomes when every attempt met it."""
    return (QuotaExceeded if int(error.resp.status) in (403, 429) else GoogleUnavailable)(method)


def _asked_pause(error: HttpError, now: datetime) -> float | None:
    """Seconds Google asked for: the Retry-After header, or "Retry after <timestamp>" in the message."""
    header = error.resp.get("retry-after", "")
    if header.isdigit():
        return float(header)
    if header:
        try:
            return max(0.0, (parsedate_to_datetime(header).astimezone(UTC) - now).total_seconds())
        except ValueError:
            pass
    stamp = re.search(r"Retry after (\S+Z)", str(error.reason))
    if stamp is None:
        return None
    until = datetime.fromisoformat(stamp.group(1).replace("Z", "+00:00")).astimezone(UTC)
    return max(0.0, (until - now).total_seconds())
