"""Engagement: how much, how fast and how recently the customer and we write to each other.

The dimension is the mean of its parts that have data: the share of our outreach that is answered, and, on a
ladder of five steps (100, 80, 60, 40, 20), two-way frequency, the champion's response time, the last touch.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from crm.customers import Contact
from crm.health.calendar import Calendar
from crm.health.report import Dimension, Part
from crm.health.touches import Touch
from crm.health.turns import Turn, timing, turns
from crm.health.wording import Language, ago, hours, say

ENOUGH = 3
REPLY_HOURS = (4, 12, 24, 48)
TOUCH_DAYS = (3, 7, 14, 30)
EXCHANGES = (8, 4, 2, 1)  # mails of the quieter side in 30 days
_STEPS = (100.0, 80.0, 60.0, 40.0)
_LOWEST = 20.0
_RECENT = timedelta(days=30)


def engagement(
    touches: Sequence[Touch],
    at: datetime,
    calendar: Calendar,
    *,
    customer: str,
    champion: Contact | None,
    language: Language,
) -> Dimension:
    """The dimension at `at`, from the window's mails (oldest first), with weight 0 until it is combined."""
    if len(touches) < ENOUGH:
        key = "few_mails" if touches else "no_mail"
        few = say(language, key, customer=customer, n=len(touches))
        ids = tuple(touch.id for touch in touches)
        part = Part(name="mails", value=None, weight=0.0, explanation=few, mail_ids=ids)
        return Dimension(name="engagement", value=None, weight=0.0, parts=(part,))
    outreach = tuple(turn for turn in turns(touches) if turn.answering == "customer")
    values = (
        ("frequency", *_frequency(touches, at, customer, language)),
        ("answered", *_answered(outreach, at, calendar, customer, language)),
        ("reply_time", *_reply_time(outreach, at, calendar, customer, champion, language)),
        ("last_touch", *_last_touch(touches, at, language)),
    )
    known = [value for _, value, _, _ in values if value is not None]
    share = 1 / len(known)
    parts = tuple(
        Part(name=name, value=value, weight=0.0 if value is None else share, explanation=text, mail_ids=ids)
        for name, value, text, ids in values
    )
    return Dimension(name="engagement", value=sum(known) / len(known), weight=0.0, parts=parts)


_Measured = tuple[float | None, str, tuple[str, ...]]


def _frequency(touches: Sequence[Touch], at: datetime, customer: str, language: Language) -> _Measured:
    """A side that writes alone is not a conversation, so the quieter one counts."""
    recent = [touch for touch in touches if touch.sent_at >= at - _RECENT]
    theirs = sum(touch.side == "customer" for touch in recent)
    ours = len(recent) - theirs
    steps = zip(EXCHANGES, _STEPS, strict=True)
    value = next((step for least, step in steps if min(theirs, ours) >= least), _LOWEST)
    text = say(language, "frequency", customer=customer, theirs=theirs, ours=ours)
    return value, text, tuple(touch.id for touch in recent)


def _answered(
    outreach: Sequence[Turn], at: datetime, calendar: Calendar, customer: str, language: Language
) -> _Measured:
    """An open turn counts as unanswered once it has waited as long as the slowest step of the ladder."""
    due = [turn for turn in outreach if turn.answer or turn.hours(at, calendar) >= REPLY_HOURS[-1]]
    if not due:
        return None, say(language, "answered_none", customer=customer), ()
    answered = sum(turn.answer is not None for turn in due)
    text = say(language, "answered", customer=customer, answered=answered, n=len(due))
    return 100.0 * answered / len(due), text, tuple(turn.first.id for turn in due)


def _reply_time(
    outreach: Sequence[Turn],
    at: datetime,
    calendar: Calendar,
    customer: str,
    champion: Contact | None,
    language: Language,
) -> _Measured:
    """The champion's median; everybody's at the customer while no champion is known to have answered."""
    answered = [turn for turn in outreach if turn.answer]
    theirs = [turn for turn in answered if champion and turn.answer and turn.answer.sender == champion.email]
    measured = timing(theirs or answered, at, calendar)
    if measured.median is None:
        return None, say(language, "reply_none", customer=customer), ()
    ids = tuple(turn.answer.id for turn in theirs or answered if turn.answer)
    spent = hours(measured.median, language)
    if theirs and champion:
        text = say(language, "champion_reply", who=champion.name or champion.email, hours=spent, n=measured.n)
    else:
        text = say(language, "reply", customer=customer, hours=spent, n=measured.n)
    return _quick(measured.median, REPLY_HOURS), text, ids


def _last_touch(touches: Sequence[Touch], at: datetime, language: Language) -> _Measured:
    last = touches[-1]
    age = (at - last.sent_at) / timedelta(days=1)
    return _quick(age, TOUCH_DAYS), say(language, "last_touch", ago=ago(int(age), language)), (last.id,)


def _quick(value: float, limits: tuple[int, ...]) -> float:
    """The step of the first limit that `value` stays under."""
    return next((step for limit, step in zip(limits, _STEPS, strict=True) if value < limit), _LOWEST)
