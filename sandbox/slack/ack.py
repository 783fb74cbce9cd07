"""An app's acknowledgement of what Slack sent it."""

from dataclasses import dataclass
from typing import Any, Literal

ACK_SECONDS = 3.0
Kind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True, kw_only=True)
class Ack:
    """`payload` is what the app acked with ({} for nothing); `error` is why there was no ack."""

    acked: bool
    payload: dict[str, Any] | None = None
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {"acked": self.acked, "ack": self.payload, "error": self.error}
