"""The health of stored customers at any instant: what was on their timeline by then, and nothing later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from crm.customers import Contact, Customer, list_customers
from crm.health import wording
from crm.health.engagement import engagement
from crm.health.feeding import Figure, fed_dimensions, figures_of
from crm.health.policy import Policy, policy_of
from crm.health.reading import read_touches
from crm.health.report import Dimension, Health, Move
from crm.health.responses import responses_of
from crm.health.score import arithmetic, band, cause, drop, last_five_negative, moves, score, silence, weigh
from crm.health.sentiment import sentiment
from crm.health.touches import Touch, in_order
from crm.health.turns import turns
from crm.health.wording import Language, say

WINDOW = timedelta(days=90)
WEEK = timedelta(days=7)
REACH = (
    WINDOW + WEEK + timedelta(hours=1)
)  # what a score and that of a week before read; an hour for a change of the clock


def assess(
    session: Session,
    workspace_id: int,
    customer: Customer,
    at: datetime,
    *,
    policy: Policy | None = None,
    language: Language = "en",
) -> Health:
    """The customer's health at `at` (aware), from the human mail of 90 days; `policy` is the workspace's own.

    The same mails, figures and policy and the same instant always give the same answer, so any past day can be assessed
    again.
    """
    policy = policy or policy_of(session, workspace_id)
    # A week more, for the score of seven days ago.
    seen = read_touches(session, workspace_id, customer, at - REACH, at)
    figures = figures_of(session, customer.id)
    return health_of(seen.touches, customer, at, policy, earlier=seen.earlier, figures=figures, language=language)


def assess_all(
    session: Session, workspace_id: int, at: datetime, *, policy: Policy | None = None, language: Language = "en"
) -> tuple[Health, ...]:
    """The health of every customer of the workspace, by name."""
    policy = policy or policy_of(session, workspace_id)
    return tuple(
        assess(session, workspace_id, customer, at, policy=policy, language=language)
        for customer in list_customers(session, workspace_id)
    )


def assess_contact(
    session: Session,
    workspace_id: int,
    customer: Customer,
    contact: Contact,
    at: datetime,
    *,
    policy: Policy | None = None,
    language: Language = "en",
) -> Health:
    """The health of one contact by the same formula, from the mails from and to them; figures of the customer don't count.

    It is named by the contact. What others at the customer wrote to the contact too is theirs and left out.
    """
    policy = policy or policy_of(session, workspace_id)
    seen = read_touches(session, workspace_id, customer, at - REACH, at, people=[contact.email])
    theirs = [touch for touch in seen.touches if touch.side == "us" or touch.sender == contact.email]
    alone = replace(customer, name=contact.name or contact.email, contacts=())
    return health_of(theirs, alone, at, policy, earlier=seen.earlier, language=language)


def health_of(
    touches: Iterable[Touch],
    customer: Customer,
    at: datetime,
    policy: Policy,
    *,
    earlier: Touch | None = None,
    figures: Sequence[Figure] = (),
    language: Language = "en",
) -> Health:
    """`assess` over mails already read, in any order; `earlier` is the customer's last mail before them."""
    known = in_order(touch for touch in touches if touch.sent_at < at)
    window = _window(known, at)
    dimensions = _dimensions(window, customer, at, policy, figures, language)
    ago = _week_before(at, policy)
    past = _dimensions(_window(known, ago), customer, ago, policy, figures, language)
    now, previous = score(dimensions), score(past)
    moved = () if now is None or previous is None else moves(dimensions, past, previous, language=language)
    flags = (
        drop(now, previous, moved, language=language),
        last_five_negative(window, customer=customer.name, language=language),
        silence(known, earlier, at, customer=customer.name, language=language),
    )
    return Health(
        customer=customer.name,
        customer_id=customer.id,
        day=policy.calendar.day_of(at),
        score=now,
        band=band(now),
        previous=previous,
        summary=_summary(customer, now, previous, dimensions, moved, language),
        arithmetic=arithmetic(dimensions, now, language),
        dimensions=dimensions,
        moves=moved,
        flags=tuple(flag for flag in flags if flag),
        responses=responses_of(turns(window), customer, at, policy.calendar, language),
    )


def _week_before(at: datetime, policy: Policy) -> datetime:
    """The end of the day seven days before the day of `at`: what its snapshot was taken of."""
    day = policy.calendar.day_of(at - timedelta(microseconds=1))  # at midnight it is the day before that ends
    return policy.calendar.end_of(day - WEEK)


def _window(touches: Sequence[Touch], at: datetime) -> tuple[Touch, ...]:
    return tuple(touch for touch in touches if at - WINDOW <= touch.sent_at < at)


def _dimensions(
    touches: Sequence[Touch],
    customer: Customer,
    at: datetime,
    policy: Policy,
    figures: Sequence[Figure],
    language: Language,
) -> tuple[Dimension, ...]:
    name, champion, calendar = customer.name, customer.champion, policy.calendar
    measured = (
        engagement(touches, at, calendar, customer=name, champion=champion, language=language),
        sentiment(touches, at, customer=name, language=language),
    )
    # Mails are read until before `at`, so at midnight the day that has just ended is the newest.
    day = calendar.day_of(at - timedelta(microseconds=1))
    return weigh((*measured, *fed_dimensions(figures, day, language)), policy.weights)


def _summary(
    customer: Customer,
    now: float | None,
    previous: float | None,
    dimensions: Sequence[Dimension],
    moved: Sequence[Move],
    language: Language,
) -> str:
    if now is None:
        return say(language, "no_score", customer=customer.name, reason=dimensions[0].parts[0].explanation)
    named = wording.band_name(band(now), language)
    stands = say(language, "score", customer=customer.name, score=wording.number(now, language), band=named)
    if previous is None:
        return stands
    blamed = cause(moved, now - previous)
    if now == previous or blamed is None:
        return f"{stands} {say(language, 'same')}"
    points, part = wording.number(abs(now - previous), language), wording.part_name(blamed.part, language)
    return f"{stands} {say(language, 'up' if now > previous else 'down', points=points, part=part)}"
