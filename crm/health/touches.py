"""A mail as health sees it, and the conversations such mails form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crm.health.report import Side


@dataclass(frozen=True, kw_only=True)
class Touch:
    """One mail written by hand, by the customer or by us.

    `sent_at` is aware. `threads` are the names of the conversation it stands in: mails that share one belong
    together. `tone` is positive, neutral, negative or "" (not measured); `terms` are the critical words it
    says, negated ones left out.
    """

    id: str
    sent_at: datetime
    side: Side
    sender: str
    threads: frozenset[str]
    tone: str = ""
    confidence: float = 0.0
    terms: frozenset[str] = frozenset()


def in_order(touches: Iterable[Touch]) -> tuple[Touch, ...]:
    """Oldest first; mails of the same instant by id, so that the order of arrival never matters."""
    return tuple(sorted(touches, key=lambda touch: (touch.sent_at, touch.id)))


def conversations(touches: Iterable[Touch]) -> tuple[tuple[Touch, ...], ...]:
    """Groups of mails connected by a shared thread name, directly or through others; each oldest first."""
    ordered = in_order(touches)
    above: dict[str, str] = {}  # a forest of names: those of one conversation have one root

    def root(name: str) -> str:
        while (higher := above.setdefault(name, name)) != name:
            above[name] = name = above[higher]
        return name

    for touch in ordered:
        for name in touch.threads:
            above[root(name)] = root(_own(touch))
    groups: dict[str, list[Touch]] = {}
    for touch in ordered:
        groups.setdefault(root(_own(touch)), []).append(touch)
    return tuple(map(tuple, groups.values()))


def _own(touch: Touch) -> str:
    return f"mail {touch.id}"
