"""Slack's signed HTTP requests to an app's request URL."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from sandbox.slack.ack import ACK_SECONDS, Ack, Kind


@dataclass(frozen=True, kw_only=True)
class SignedHttp:
    """Signed requests to the app's request URL. `clock` gives the Unix seconds of the signature."""

    signing_secret: str
    clock: Callable[[], float] = time.time

    async def deliver(self, url: str, kind: Kind, payload: dict[str, Any]) -> Ack:
        content_type, body = _encoded(kind, payload)
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0", **self.signature(body)}
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=ACK_SECONDS) as client:
                answer = await client.post(url, content=body, headers=headers)
        except httpx.TimeoutException:
            return Ack(acked=False, error="operation_timeout")
        except httpx.HTTPError:
            return Ack(acked=False, error="dispatch_failed")
        if answer.status_code != 200:
            return Ack(acked=False, error=f"http_{answer.status_code}")
        return Ack(acked=True, payload=_ack_payload(answer))

    def signature(self, body: str) -> dict[str, str]:
        """The two headers by which an app knows that Slack sent the body."""
        timestamp = str(int(self.clock()))
        base = f"v0:{timestamp}:{body}".encode()
        digest = hmac.new(self.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def _encoded(kind: Kind, payload: dict[str, Any]) -> tuple[str, str]:
    if kind == "events_api":
        return "application/json", json.dumps(payload)
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return "application/x-www-form-urlencoded", urlencode(form)


def _ack_payload(answer: httpx.Response) -> dict[str, Any]:
    if not answer.text.strip():
        return {}
    if answer.headers.get("content-type", "").startswith("application/json"):
        value = answer.json()
        return value if isinstance(value, dict) else {}
    return {"text": answer.text}
