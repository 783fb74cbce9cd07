"""Quota units: what each method costs, and how many a user may spend in a minute.

https://developers.google.com/workspace/gmail/api/reference/quota
"""

from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime

from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.errors import ApiError

_COMMON = {
    "getProfile": 1, "messages.list": 5, "messages.send": 100, "messages.modify": 5, "messages.trash": 5,
    "messages.untrash": 5, "messages.delete": 10, "threads.list": 10, "history.list": 2, "labels.list": 1,
    "labels.get": 1, "settings.sendAs.list": 1, "watch": 100, "stop": 50, "drafts.list": 5, "drafts.create": 10,
    "drafts.send": 100, "drafts.delete": 10,
}  # fmt: skip
COSTS: dict[str, dict[str, int]] = {
    # Projects created from 2026-05-01 on pay more for reading.
    "new": {**_COMMON, "messages.get": 20, "messages.attachments.get": 20, "threads.get": 40, "drafts.get": 20},
    "old": {**_COMMON, "messages.get": 5, "messages.attachments.get": 5, "threads.get": 10, "drafts.get": 5},
}
_WINDOW_S = 60.0


class Quota:
    """A sliding minute per user, by the sandbox clock; a refused call costs nothing. Without a limit only the costs."""

    def __init__(self, costs: Mapping[str, int], units_per_minute: int | None, clock: SandboxClock) -> None:
        self._costs = costs
        self._limit = units_per_minute
        self._clock = clock
        self._spent: dict[str, deque[tuple[float, int]]] = {}
        self._totals: dict[str, int] = {}
        self._refusals = 0

    def charge(self, user: str, method: str) -> int:
        """Spend the method's units. Raises a 429 or 403 when they exceed what is left of the minute."""
        units = self._costs[method]
        if self._limit is None:
            return units
        now = self._clock.now()
        spent = self._spent.setdefault(user, deque())
        while spent and spent[0][0] <= now - _WINDOW_S:
            self._totals[user] -= spent.popleft()[1]
        total = self._totals.get(user, 0) + units
        if total > self._limit:
            raise self._refusal(spent[0][0] + _WINDOW_S if spent else now)
        self._totals[user] = total
        spent.append((now, units))
        return units

    def _refusal(self, free_at: float) -> ApiError:
        """Google words the same refusal in three ways; each comes in turn, so that clients meet all of them."""
        self._refusals += 1
        match self._refusals % 3:
            case 1:
                return ApiError(
                    429,
                    "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service "
                    "'gmail.googleapis.com' for consumer 'project_number:1'.",
                    reason="rateLimitExceeded",
                )
            case 2:
                return ApiError(403, "User Rate Limit Exceeded", reason="userRateLimitExceeded")
            case _:
                moment = datetime.fromtimestamp(free_at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
                return ApiError(429, f"User-rate limit exceeded.  Retry after {moment}", reason="rateLimitExceeded")
