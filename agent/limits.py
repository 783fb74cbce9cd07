"""What one answer may cost, and the end of it when that is reached."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`seconds` of one answer from the question on; `tokens` to and from the model over all its calls for it."""

    seconds: float = 180.0
    tokens: int = 100_000


class OutOfTime(Exception):
    """The model is still busy when the time of the answer is over."""


class OutOfTokens(Exception):
    """The next call would use more tokens than the answer has left."""
