"""Reading Gmail: listing, fetching in batches, history. One gateway serves one mailbox, in one thread."""

from __future__ import annotations

import base64
import json
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any

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
from gmail.quota import NEW_PROJECT_COSTS, TokenBucket

BATCH = 25  # Google allows 100 but answers 429 to inner calls long before
PAGE = 500
ATTEMPTS = 6
_RATE_REASONS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
_HISTORY_TYPES = ["messageAdded", "messageDeleted", "labelAdded", "labelRemoved"]


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a listing; an empty page with a `next_token` is not the end."""

    ids: tuple[str, ...]
    next_token: str


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
    """Every failure is a `LealUpError`; 429, 5xx and 403 by rate reason are retried with full jitter.

    Backoff: https://developers.google.com/workspace/gmail/api/guides/handle-errors
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

    @property
    def quota_units(self) -> int:
        return self._bucket.spent

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

    def list_messages(self, query: str, page_token: str = "") -> Page:
        """One page (up to 500 ids) of messages matching Gmail's `q`, without spam and trash."""
        request = (
            self._service.users()
            .messages()
            .list(
                userId="me", q=query, maxResults=PAGE, pageToken=page_token or None, fields="messages/id,nextPageToken"
            )
        )
        answer = self.execute("list", request)
        return Page(
            ids=tuple(str(entry["id"]) for entry in answer.get("messages", [])),
            next_token=str(answer.get("nextPageToken", "")),
        )

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
        fields = None if whole else METADATA_FIELDS
        request = self._service.users().messages().get(userId="me", id=gmail_id, format="full", fields=fields)
        answer: dict[str, Any] = self.execute("get", request)
        return answer

    def attachment(self, gmail_id: str, attachment_id: str) -> bytes:
        """The content of one attached file. Raises `MessageGone`, and `RequestRefused` for an id Gmail doesn't know."""
        request = self._service.users().messages().attachments().get(userId="me", messageId=gmail_id, id=attachment_id)
        data = str(self.execute("attachments.get", request).get("data", ""))
        return base64.urlsafe_b64decode(data + "=" * (-len(data) % 4))

    def fetch(self, ids: Sequence[str], *, bodies: bool) -> dict[str, dict[str, Any] | LealUpError]:
        """Messages by id, in batches of 25; each inner answer is either the message or its own error.

        Without `bodies` only headers, labels and attachment names travel.
        """
        results: dict[str, dict[str, Any] | LealUpError] = {}
        for begin in range(0, len(ids), BATCH):
            results.update(self._fetch_batch(ids[begin : begin + BATCH], bodies))
        return results

    def _fetch_batch(self, ids: Sequence[str], bodies: bool) -> dict[str, dict[str, Any] | LealUpError]:
        results: dict[str, dict[str, Any] | LealUpError] = {}
        failed: dict[str, HttpError] = {}
        for attempt in range(ATTEMPTS):
            waiting = [gmail_id for gmail_id in ids if gmail_id not in results]
            refusal, failed = self._try_batch(waiting, bodies, attempt, results)
            if all(gmail_id in results for gmail_id in ids):
                return results
            if attempt < ATTEMPTS - 1:
                self._back_off(refusal or next(iter(failed.values()), None), attempt)
            elif refusal is not None:  # Google took no call at all: that is no message's fault
                raise _exhausted(refusal, "batch")
        for gmail_id in ids:
            if gmail_id not in results:
                results[gmail_id] = (
                    _exhausted(failed[gmail_id], "get") if gmail_id in failed else GoogleUnavailable("batch")
                )
        return results

    def _try_batch(
        self, ids: Sequence[str], bodies: bool, attempt: int, results: dict[str, dict[str, Any] | LealUpError]
    ) -> tuple[HttpError | None, dict[str, HttpError]]:
        """Fill `results`; returns why the whole batch was refused, and the calls inside it that are worth another try."""
        failed: dict[str, HttpError] = {}

        def collect(gmail_id: str, answer: Any, error: HttpError | None) -> None:
            if error is None:
                results[gmail_id] = answer
            elif _is_transient(error):
                failed[gmail_id] = error
            else:
                results[gmail_id] = _as_our_error(error)

        batch = self._service.new_batch_http_request(callback=collect)
        for gmail_id in ids:
            fields = None if bodies else METADATA_FIELDS
            request = self._service.users().messages().get(userId="me", id=gmail_id, format="full", fields=fields)
            batch.add(request, request_id=gmail_id)
        self._bucket.take(NEW_PROJECT_COSTS["get"] * len(ids))
        try:
            self._guarded(batch.execute, attempt)
        except HttpError as error:
            if not _is_transient(error):
                raise _as_our_error(error) from None
            return error, failed
        for answer in results.values():
            if isinstance(answer, Disconnected):
                raise answer
        return None, failed

    def execute(self, method: str, request: Any) -> Any:
        """Run one request within the quota, with retries. Raises `LealUpError`s only.

        Not for sending: a send is never repeated blindly (see `gmail.sending`).
        """
        for attempt in range(ATTEMPTS):
            self._bucket.take(NEW_PROJECT_COSTS[method])
            try:
                answer = self._guarded(request.execute, attempt)
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

    def _guarded(self, call: Callable[[], Any], attempt: int) -> Any:
        """`call()`; None after a broken connection that is worth another try."""
        try:
            return call()
        except RefreshError as error:
            raise as_refresh_error(error) from None
        except (OSError, HTTPException, HttpLib2Error, TransportError) as error:
            if attempt >= 2:
                raise GoogleUnavailable(type(error).__name__) from None
            self._sleep(random.uniform(0.1, 0.5) * 2**attempt)
            return None

    def _back_off(self, error: HttpError | None, attempt: int) -> None:
        seconds = _asked_pause(error, self._clock()) if error is not None else None
        if seconds is None:
            seconds = random.uniform(0, min(64.0, 2.0**attempt))
        self._bucket.pause(seconds)
        self._sleep(seconds)


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
    stamp = re.search(r"Retry after (\S+Z)", str(error.reason))
    if stamp is None:
        return None
    until = datetime.fromisoformat(stamp.group(1).replace("Z", "+00:00")).astimezone(UTC)
    return max(0.0, (until - now).total_seconds())
