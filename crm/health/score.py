"""The score: dimensions weighed, its band, its flags, and what moved it.

    score = Σ value × weight

over the dimensions with data; the weight of the others is shared out among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from crm.health.report import WORDS, Band, Dimension, Flag, Part
from crm.health.touches import Touch
from crm.health.wording import Language, number, part_name, say

WEIGHTS = {"engagement": 75.0, "sentiment": 25.0}  # the balanced preset with Gmail alone
DROP = 15.0
STREAK = 5
SILENCE = timedelta(days=45)


def weigh(dimensions: Sequence[Dimension]) -> tuple[Dimension, ...]:
    """The dimensions with their share of the score: shares add up to 1, or all are 0 when none has data."""
    total = sum(WEIGHTS[held.name] for held in dimensions if held.value is not None)
    return tuple(replace(held, weight=0.0 if held.value is None else WEIGHTS[held.name] / total) for held in dimensions)


def score(dimensions: Sequence[Dimension]) -> float | None:
    """0–100 with one decimal, of weighed dimensions; None when none has data."""
    values = [held.value * held.weight for held in dimensions if held.value is not None]
    return round(sum(values), 1) if values else None


def band(value: float | None) -> Band:
    if value is None:
        return "unknown"
    return "healthy" if value >= 70 else "neutral" if value >= 50 else "at_risk"


def mover(now: Sequence[Dimension], before: Sequence[Dimension], level: float, *, down: bool) -> Part:
    """The part, as it is now, that moved the score most in that direction; `level` is the score before.

    A part moves the score by its pull away from `level`, now less before, so that a part which merely gains
    or loses weight is not blamed; the moves of all parts add up to the change of the score.
    """
    was = dict(zip((part.name for held in before for part in held.parts), _pulls(before, level), strict=True))
    parts = [part for held in now for part in held.parts]
    moves = [pull - was.get(part.name, 0.0) for pull, part in zip(_pulls(now, level), parts, strict=True)]
    return parts[moves.index(min(moves) if down else max(moves))]


def _pulls(dimensions: Sequence[Dimension], level: float) -> list[float]:
    return [
        # Critical words are taken off the tone: without them there is nothing to take, whatever the score.
        held.weight * part.weight * ((part.value or 0.0) - (0.0 if part.name == WORDS else level))
        for held in dimensions
        for part in held.parts
    ]


def drop(now: float | None, previous: float | None, cause: Part, *, language: Language) -> Flag | None:
    """A fall of more than 15 points in seven days."""
    if now is None or previous is None or round(previous - now, 1) <= DROP:
        return None
    text = say(
        language, "drop", points=number(previous - now, language), before=number(previous, language),
        now=number(now, language), part=part_name(cause.name, language),
    )  # fmt: skip
    return Flag(kind="drop", explanation=text, mail_ids=cause.mail_ids)


def last_five_negative(touches: Sequence[Touch], *, customer: str, language: Language) -> Flag | None:
    """The five latest mails of the customer whose tone is known are all negative."""
    read = [touch for touch in touches if touch.side == "customer" and touch.tone][-STREAK:]
    if len(read) < STREAK or any(touch.tone != "negative" for touch in read):
        return None
    ids = tuple(touch.id for touch in read)
    text = say(language, "last_five_negative", customer=customer)
    return Flag(kind="last_five_negative", explanation=text, mail_ids=ids)


def silence(
    touches: Sequence[Touch], earlier: Touch | None, at: datetime, *, customer: str, language: Language
) -> Flag | None:
    """More than 45 days without a mail from the customer.

    `earlier` is their last mail before the window. A customer who never wrote is silent since our first mail.
    """
    theirs = [touch for touch in touches if touch.side == "customer"]
    since = theirs[-1] if theirs else earlier or next(iter(touches), None)
    if since is None or at - since.sent_at <= SILENCE:
        return None
    text = say(language, "silence", customer=customer, n=(at - since.sent_at).days)
    return Flag(kind="silence", explanation=text, mail_ids=(since.id,))
