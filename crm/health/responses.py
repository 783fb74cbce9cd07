"""How fast each side answers, the champion apart from the others, and what is still open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from crm.customers import Customer
from crm.health import wording
from crm.health.calendar import Calendar
from crm.health.report import Answering, Responses, Waiting
from crm.health.turns import Turn, timing
from crm.health.wording import Language, say

_NONE = {
    "customer": "reply_none",
    "champion": "champion_reply_none",
    "others": "others_reply_none",
    "us": "our_reply_none",
}


def responses_of(
    found: Sequence[Turn], customer: Customer, at: datetime, calendar: Calendar, language: Language
) -> tuple[Responses, ...]:
    """The customer's answers and ours, with their open turns; with a champion, theirs and the others' apart."""
    champion = customer.champion
    sides: list[tuple[Answering, list[Turn]]] = [
        (side, [turn for turn in found if turn.answering == side]) for side in ("customer", "us")
    ]
    if champion:
        answered = [turn for turn in sides[0][1] if turn.answer]
        by = {True: list[Turn](), False: list[Turn]()}
        for turn in answered:
            by[turn.answer is not None and turn.answer.sender == champion.email].append(turn)
        sides += [("champion", by[True]), ("others", by[False])]
    return tuple(_responses(side, turns, customer, at, calendar, language) for side, turns in sides)


def _responses(
    side: Answering, found: Sequence[Turn], customer: Customer, at: datetime, calendar: Calendar, language: Language
) -> Responses:
    measured = timing(found, at, calendar)
    who = (customer.champion.name or customer.champion.email) if customer.champion else ""
    if measured.median is None or measured.p90 is None:
        text = say(language, _NONE[side], customer=customer.name, who=who)
    else:
        text = say(
            language, f"times_{side}", customer=customer.name, who=who, n=measured.n,
            hours=wording.hours(measured.median, language), p90=wording.hours(measured.p90, language),
        )  # fmt: skip
    return Responses(
        side=side,
        n=measured.n,
        median_hours=measured.median,
        mean_hours=measured.mean,
        p90_hours=measured.p90,
        explanation=text,
        waiting=tuple(_waiting(side, found, customer, at, language)),
    )


def _waiting(
    side: Answering, found: Iterable[Turn], customer: Customer, at: datetime, language: Language
) -> Iterable[Waiting]:
    for turn in found:
        if turn.answer is None:
            time = wording.span(at - turn.first.sent_at)
            text = say(language, f"waiting_{side}", customer=customer.name, time=time)
            yield Waiting(mail_id=turn.first.id, since=turn.first.sent_at, explanation=text)
