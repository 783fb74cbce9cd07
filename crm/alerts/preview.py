"""What rules would have raised: the past replayed from stored mail, through the very function that raises alerts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from crm.alerts import wording
from crm.alerts.conditions import Condition, conditions_of, looked_at
from crm.alerts.episodes import Episode, advance
from crm.alerts.rules import KINDS, Kind, Rules
from crm.alerts.situation import Situation, Stock, read_stock
from crm.customers import Customer, list_customers
from crm.health.history import assess_days
from crm.health.policy import policy_of
from crm.health.touches import conversations
from crm.health.wording import Language

LONGEST = 365  # days


@dataclass(frozen=True, kw_only=True)
class Fired:
    """An alert that would have been raised at `at`; `until` is when it would have ended, None when it still holds."""

    customer: str
    customer_id: int
    kind: Kind
    term: str
    facts: dict[str, Any]
    mail_ids: tuple[str, ...]
    at: datetime
    until: datetime | None

    def text(self, language: Language = "en") -> str:
        return wording.explain(self.kind, self.customer, self.term, self.facts, language)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The alerts from `since` to `until`, oldest first."""

    since: datetime
    until: datetime
    fired: tuple[Fired, ...]

    def by_kind(self) -> dict[Kind, int]:
        """Every kind, those without an alert too."""
        counted = Counter(held.kind for held in self.fired)
        return {kind: counted[kind] for kind in KINDS}

    def by_customer(self) -> dict[str, int]:
        """Those with most alerts first."""
        counted = Counter(held.customer for held in self.fired)
        return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))

    def as_json(self, language: Language = "en") -> dict[str, Any]:
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "total": len(self.fired),
            "by_kind": self.by_kind(),
            "by_customer": self.by_customer(),
            "alerts": [
                {
                    "at": held.at.isoformat(),
                    "until": held.until.isoformat() if held.until else None,
                    "customer": held.customer,
                    "kind": held.kind,
                    "term": held.term or None,
                    "text": held.text(language),
                    "facts": held.facts,
                    "mail_ids": list(held.mail_ids),
                }
                for held in self.fired
            ],
        }


def preview(
    session: Session,
    workspace_id: int,
    rules: Rules,
    now: datetime,
    *,
    days: int = 90,
    progress: Callable[[int, int], object] | None = None,
) -> Preview:
    """The alerts of the last `days` (1 to 365) up to `now` under `rules`, saved or not.

    The past is looked at as its mail is stored today: at the end of every day, and when an answer became overdue. What held
    already when the period began counts only if it would have been raised in it.
    """
    policy = policy_of(session, workspace_id)
    today = policy.calendar.day_of(now)
    first = today - timedelta(days=min(max(days, 1), LONGEST) - 1)
    began = policy.calendar.end_of(first - timedelta(days=1))
    customers = list_customers(session, workspace_id)
    fired: list[Fired] = []
    for done, customer in enumerate(customers):
        if progress:
            progress(done, len(customers))
        # One day more: what held before the period is known when it begins.
        healths = assess_days(session, workspace_id, customer, first - timedelta(days=1), today, now, policy=policy)
        stock = read_stock(session, workspace_id, customer, policy.calendar, began, now)
        instants = {min(policy.calendar.end_of(held.day), now): held for held in healths}
        replayed = replay(rules, _situations(rules, stock, instants, began), customer)
        fired += [held for held in replayed if held.at > began]
    return Preview(since=began, until=now, fired=tuple(sorted(fired, key=lambda held: (held.at, held.customer))))


def replay(rules: Rules, situations: Iterator[Situation], customer: Customer) -> tuple[Fired, ...]:
    """The episodes of one customer over its situations, oldest first."""
    known: dict[tuple[Kind, str], Episode] = {}
    fired: dict[tuple[Kind, str], Fired] = {}
    for situation in situations:
        step = advance(list(known.values()), conditions_of(rules, situation), looked_at(rules, situation))
        for episode in step.over:
            known[episode.kind, episode.name] = replace(episode, over=True)
            fired[episode.kind, episode.name] = replace(fired[episode.kind, episode.name], until=situation.at)
        for episode in step.again:
            known[episode.kind, episode.name] = replace(episode, over=False)
            fired[episode.kind, episode.name] = replace(fired[episode.kind, episode.name], until=None)
        for name, condition in step.opened:
            known[condition.kind, name] = _episode(name, condition)
            fired[condition.kind, name] = _fired(customer, condition, situation.at)
    return tuple(fired.values())


def _situations(rules: Rules, stock: Stock, instants: dict[datetime, Any], began: datetime) -> Iterator[Situation]:
    """At the end of each day with its health, and in between when an answer to a mail that asks became overdue."""
    overdue = set(_overdue(rules, stock)) if rules.alerts_on("unanswered") else set()
    last = max(instants)
    wanted = {moment for moment in overdue if began < moment < last}
    for instant in sorted(wanted | instants.keys()):
        yield stock.at(instant, instants.get(instant))


def _overdue(rules: Rules, stock: Stock) -> Iterator[datetime]:
    """When an answer to a mail that asks became overdue, unless we had written in the conversation by then."""
    for conversation in conversations(stock.touches):
        ours = [touch.sent_at for touch in conversation if touch.side == "us"]
        for touch in conversation:
            if touch.id in stock.asking:
                # A moment later: hours are compared as floats.
                due = stock.calendar.after(touch.sent_at, rules.unanswered_hours) + timedelta(seconds=1)
                if not any(touch.sent_at < at < due for at in ours):
                    yield due


def _episode(name: str, condition: Condition) -> Episode:
    return Episode(kind=condition.kind, name=name, term=condition.term, mail_ids=condition.mail_ids, over=False)


def _fired(customer: Customer, condition: Condition, at: datetime) -> Fired:
    return Fired(
        customer=customer.name,
        customer_id=customer.id,
        kind=condition.kind,
        term=condition.term,
        facts=condition.facts,
        mail_ids=condition.mail_ids,
        at=at,
        until=None,
    )
