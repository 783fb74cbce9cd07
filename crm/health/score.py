"""The score: dimensions weighed, its band, its flags, and what moved it.

    score = Σ value × weight

over the dimensions with data; the weight of the others is shared out among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from crm.health.report import WORDS, Band, Dimension, Flag, Move, Part
from crm.health.touches import Touch
from crm.health.wording import Language, dimension_name, move, number, part_name, say

DROP = 15.0
STREAK = 5
SILENCE = timedelta(days=45)


def weigh(dimensions: Sequence[Dimension], weights: Mapping[str, float]) -> tuple[Dimension, ...]:
    """The dimensions with their share of the score: shares add up to 1, or all are 0 when none has data.

    `weights` are points; a dimension that is not in them counts nothing.
    """
    total = sum(weights.get(held.name, 0.0) for held in dimensions if held.value is not None)
    return tuple(
        replace(held, weight=weights.get(held.name, 0.0) / total if held.value is not None and total else 0.0)
        for held in dimensions
    )


def score(dimensions: Sequence[Dimension]) -> float | None:
    """0–100 with one decimal, of weighed dimensions; None when none has data."""
    values = [held.value * held.weight for held in dimensions if held.value is not None and held.weight]
    return round(sum(values), 1) if values else None


def band(value: float | None) -> Band:
    if value is None:
        return "unknown"
    return "healthy" if value >= 70 else "neutral" if value >= 50 else "at_risk"


def arithmetic(dimensions: Sequence[Dimension], total: float | None, language: Language) -> str:
    """The sum as a CSM can check it: "Engagement 85 × 75 % + Sentiment 82 × 25 % = 84.2"; "" without a score."""
    if total is None:
        return ""
    terms = (
        f"{dimension_name(held.name, language)} {number(held.value, language)} × {number(100 * held.weight, language)} %"
        for held in dimensions
        if held.value is not None and held.weight
    )
    return f"{' + '.join(terms)} = {number(total, language)}"


def moves(
    now: Sequence[Dimension], before: Sequence[Dimension], level: float, *, language: Language
) -> tuple[Move, ...]:
    """What every part did to the score, the largest first; `level` is the score before.

    A part moves the score by its pull away from `level`, now less before, so that a part which merely gains
    or loses weight is not blamed; the moves of all parts add up to the change of the score.
    """
    was, is_now = _parts(before, level), _parts(now, level)
    found = [_move(name, was.get(name), is_now.get(name), language) for name in dict.fromkeys((*is_now, *was))]
    return tuple(sorted((held for held in found if held.points), key=lambda held: -abs(held.points)))


def _move(name: str, was: tuple[Part, float] | None, is_now: tuple[Part, float] | None, language: Language) -> Move:
    points = (is_now[1] if is_now else 0.0) - (was[1] if was else 0.0)
    before, now = (held[0].value if held else None for held in (was, is_now))
    ids = is_now[0].mail_ids if is_now else ()
    known = frozenset(was[0].mail_ids) if was else frozenset()
    return Move(
        part=name,
        points=points,
        before=before,
        now=now,
        explanation=move(name, before, now, points, language),
        mail_ids=tuple(held for held in ids if held not in known) or ids,
    )


def _parts(dimensions: Sequence[Dimension], level: float) -> dict[str, tuple[Part, float]]:
    parts = [part for held in dimensions for part in held.parts]
    return {part.name: (part, pull) for part, pull in zip(parts, _pulls(dimensions, level), strict=True)}


def _pulls(dimensions: Sequence[Dimension], level: float) -> list[float]:
    return [
        # Critical words are taken off the tone: without them there is nothing to take, whatever the score.
        held.weight * part.weight * ((part.value or 0.0) - (0.0 if part.name == WORDS else level))
        for held in dimensions
        for part in held.parts
    ]


def cause(found: Sequence[Move], change: float) -> Move | None:
    """The move that did most in the direction of the change; None when nothing moved."""
    return max((held for held in found if held.points * change >= 0), key=lambda held: abs(held.points), default=None)


def drop(now: float | None, previous: float | None, found: Sequence[Move], *, language: Language) -> Flag | None:
    """A fall of more than 15 points in seven days."""
    if now is None or previous is None or round(previous - now, 1) <= DROP:
        return None
    blamed = cause(found, now - previous)
    text = say(
        language, "drop", points=number(previous - now, language), before=number(previous, language),
        now=number(now, language), part=part_name(blamed.part, language) if blamed else "–",
    )  # fmt: skip
    return Flag(kind="drop", explanation=text, mail_ids=blamed.mail_ids if blamed else ())


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
