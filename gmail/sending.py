"""The one call that sends. Only `outbox.sender` may import this module (an import contract holds it)."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
from google.auth.exceptions import RefreshError, TransportError
from googleapiclient.errors import HttpError

from crm.errors import GoogleUnavailable, LealUpError, QuotaExceeded, SendNotEnabled, SendUncertain
from gmail.gateway import as_refresh_error
from gmail.quota import Stopped, TokenBucket
from gmail.service import once

_NOTHING_SENT = "Nothing was sent; the draft is kept."
_PATIENCE = 30.0  # seconds that a human waits for a sync's turn in the quota; a claim is stale after two minutes


def send(service: Any, raw: bytes, thread_id: str) -> str:
    """Send exactly `raw` (RFC 5322) in the thread, once, and return Gmail's id. Never retried here; called `in_turn`.

    Raises `SendUncertain` when it is unknown whether Google stored the mail (cut connection, 5xx), and another
    `LealUpError` when it certainly did not.
    """
    body = {"raw": base64.urlsafe_b64encode(raw).decode(), "threadId": thread_id}
    try:
        transport = once(service)
    except RefreshError as error:
        raise as_refresh_error(error) from None
    except (OSError, httpx.HTTPError, TransportError) as error:
        raise GoogleUnavailable(type(error).__name__, next_step=_NOTHING_SENT) from None
    try:
        answer = service.users().messages().send(userId="me", body=body).execute(http=transport, num_retries=0)
    except RefreshError as error:  # a 401 at the send: Google did not take it
        raise as_refresh_error(error) from None
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:  # nothing left this machine
        raise GoogleUnavailable(type(error).__name__, next_step=_NOTHING_SENT) from None
    except HttpError as error:
        raise _refused(error) from None
    except (OSError, httpx.HTTPError, TransportError, ValueError) as error:  # ValueError: an answer that is no JSON
        raise SendUncertain(type(error).__name__) from None
    gmail_id = answer.get("id") if isinstance(answer, dict) else None
    if not gmail_id:
        raise SendUncertain("no id")
    return str(gmail_id)


@contextmanager
def in_turn(bucket: TokenBucket) -> Iterator[None]:
    """A send is spent from the mailbox's quota like every other call; `QuotaExceeded` when there is none for half a minute.

    The block is entered with nothing sent and nothing claimed, so that whoever dies waiting leaves nothing uncertain.
    """
    given_up = time.monotonic() + _PATIENCE
    with ExitStack() as spent:
        try:
            spent.enter_context(bucket.spend("send", stopped=lambda: time.monotonic() > given_up))
        except Stopped:
            raise QuotaExceeded("send", next_step=f"{_NOTHING_SENT} Try again in a minute.") from None
        yield


def _refused(error: HttpError) -> LealUpError:
    status = int(error.resp.status)
    if status >= 500:
        return SendUncertain(f"HTTP {status}")
    if status == 403 and "insufficient" in str(error).lower():
        return SendNotEnabled("scope")
    return GoogleUnavailable(f"HTTP {status}", sentence="Gmail refused the mail.", next_step=_NOTHING_SENT)
