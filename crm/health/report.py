"""What a health assessment says, with its reasons."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal

Band = Literal["healthy", "neutral", "at_risk", "unknown"]
Side = Literal["customer", "us"]
Answering = Literal["customer", "champion", "others", "us"]  # champion and others: the customer's answers, apart
WORDS = "critical_words"  # the one part that is taken off instead of averaged


@dataclass(frozen=True, kw_only=True)
class Part:
    """One reason behind a dimension.

    `value` is 0–100, or None without data; that of `WORDS` is the points taken off, 0 or less. `weight` is
    its share of the dimension, whose value is Σ value × weight over its parts.
    """

    name: str
    value: float | None
    weight: float
    explanation: str
    mail_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """`value` is 0–100, or None when there is too little mail; `weight` its share of the score, 0–1."""

    name: str
    value: float | None
    weight: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class Move:
    """What one part did to the score since seven days before: `points` up or down, from its value `before` to `now`.

    The points of all moves add up to the change of the score (before rounding). `mail_ids` are the mails that count now and
    did not count then; where none is new, those the part rests on.
    """

    part: str
    points: float
    before: float | None
    now: float | None
    explanation: str
    mail_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Flag:
    """Something to look at now: "drop", "last_five_negative" or "silence"."""

    kind: str
    explanation: str
    mail_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A turn nobody has answered yet: its first mail, and since when (aware UTC)."""

    mail_id: str
    since: datetime
    explanation: str


@dataclass(frozen=True, kw_only=True)
class Responses:
    """How fast one side answers, in business hours or None, and what it still owes, oldest first.

    An open turn waits for the customer as a whole, so the champion and the others owe nothing of their own.
    """

    side: Answering
    n: int
    median_hours: float | None
    mean_hours: float | None
    p90_hours: float | None
    explanation: str
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, kw_only=True)
class Health:
    """A customer's health on a `day` of the workspace's zone.

    `score` is 0–100 with one decimal, None when no dimension has enough mail; the band is that of the score
    as shown. `previous` is the score seven days before, and `moves` what changed it since, the largest first.
    `arithmetic` is the sum that makes the score.
    """

    customer: str
    customer_id: int
    day: date
    score: float | None
    band: Band
    previous: float | None
    summary: str
    arithmetic: str
    dimensions: tuple[Dimension, ...]
    moves: tuple[Move, ...]
    flags: tuple[Flag, ...]
    responses: tuple[Responses, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; dates and instants in ISO 8601, numbers with two decimals."""
        return asdict(self, dict_factory=_plain)


def _plain(items: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: _value(value) for name, value in items}


def _value(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return round(value, 2)
    return list(value) if isinstance(value, tuple) else value
