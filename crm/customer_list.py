"""The list of customers: cheap for all of them, exact for those on the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crm import schema
from crm.customers import Customer
from crm.folding import fold
from crm.health.assess import WEEK, assess
from crm.health.owed import OpenTurn, open_turns
from crm.health.policy import Policy, policy_of
from crm.health.report import Band
from crm.health.score import band
from crm.last_contact import last_contacts

PAGE = 25
_FRESH = timedelta(days=2)  # an older snapshot says nothing about today
Order = Literal["name", "health", "arr", "renewal", "silence"]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A score (0–100 or None) and that of seven days before."""

    score: float | None
    previous: float | None

    @property
    def band(self) -> Band:
        return band(self.score)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line: `last` is the newest mail's instant, aware; `owed` holds the open turns that want an answer, oldest first."""

    customer: Customer
    standing: Standing
    last: datetime | None
    owed: tuple[OpenTurn, ...]


def matching(customers: Sequence[Customer], wanted: str) -> tuple[Customer, ...]:
    """Those whose name, owner, alias or domain holds the text, without case and accents."""
    key = fold(wanted)
    return tuple(held for held in customers if not key or key in _haystack(held))


def page_of(
    session: Session, workspace_id: int, customers: Sequence[Customer], order: Order, number: int, at: datetime
) -> tuple[Row, ...]:
    """Page `number` (from 1) of these customers in this order.

    Health comes from the kept snapshots, and is assessed at `at` (aware) for those on the page that have none of the last
    two days; an order by health therefore knows the others as not scored, unless they fit on one page.
    """
    policy = policy_of(session, workspace_id)
    known = standings(session, workspace_id, policy.calendar.day_of(at))
    missing = [held for held in customers if held.id not in known]
    if order == "health" and len(missing) <= PAGE:
        known |= {held.id: _assessed(session, workspace_id, held, at, policy) for held in missing}
    seen = last_contacts(session, workspace_id) if order == "silence" else {}
    rank = _ranks(known, seen)[order]
    # Two sorts, both stable: customers that are equal in the order stay by name.
    shown = sorted(sorted(customers, key=_by_name), key=rank)[(number - 1) * PAGE : number * PAGE]
    return _rows(session, workspace_id, shown, known, at, policy)


def lowest(session: Session, workspace_id: int, customers: Sequence[Customer], at: datetime) -> tuple[Customer, ...]:
    """Those with the lowest kept scores, at most one page; all of them when they fit on one."""
    if len(customers) <= PAGE:
        return tuple(customers)
    known = standings(session, workspace_id, policy_of(session, workspace_id).calendar.day_of(at))
    return tuple(sorted(sorted(customers, key=_by_name), key=_ranks(known, {})["health"])[:PAGE])


def standings(session: Session, workspace_id: int, today: date) -> dict[int, Standing]:
    """Customer id → the newest kept score of the last two days and the one a week before it, in one statement."""
    kept, customer = schema.HealthSnapshot, schema.Customer
    recent, past = kept.day >= today - _FRESH, kept.day.between(today - _FRESH - WEEK, today - WEEK)
    query = (
        select(kept.customer_id, kept.day, kept.score)
        .join(customer, customer.id == kept.customer_id)
        .where(customer.workspace_id == workspace_id, kept.day <= today, or_(recent, past))
    )
    scores: dict[int, dict[date, float | None]] = {}
    for customer_id, day, score in session.execute(query):
        scores.setdefault(customer_id, {})[day] = score
    found = {}
    for customer_id, by_day in scores.items():
        newest = max(by_day)
        if newest >= today - _FRESH:
            found[customer_id] = Standing(score=by_day[newest], previous=by_day.get(newest - WEEK))
    return found


def _rows(
    session: Session,
    workspace_id: int,
    shown: Sequence[Customer],
    known: dict[int, Standing],
    at: datetime,
    policy: Policy,
) -> tuple[Row, ...]:
    last = last_contacts(session, workspace_id, [held.id for held in shown])
    turns = open_turns(session, workspace_id, shown, at)
    return tuple(
        Row(
            customer=held,
            standing=known.get(held.id) or _assessed(session, workspace_id, held, at, policy),
            last=last.get(held.id),
            owed=turns.get(held.id, ()),
        )
        for held in shown
    )


def _assessed(session: Session, workspace_id: int, customer: Customer, at: datetime, policy: Policy) -> Standing:
    health = assess(session, workspace_id, customer, at, policy=policy)
    return Standing(score=health.score, previous=health.previous)


def _ranks(known: dict[int, Standing], seen: dict[int, datetime]) -> dict[Order, Callable[[Customer], Any]]:
    def health(held: Customer) -> tuple[bool, float]:
        score = known[held.id].score if held.id in known else None
        return score is None, score or 0.0

    return {
        "name": _by_name,
        "health": health,
        "arr": lambda held: -(held.arr or 0.0),
        "renewal": lambda held: held.renewal_date or date.max,
        "silence": lambda held: (held.id in seen, seen.get(held.id)),
    }


def _by_name(held: Customer) -> str:
    return fold(held.name)


def _haystack(held: Customer) -> str:
    return fold(" ".join((held.name, held.owner, *held.aliases, *held.domains)))
