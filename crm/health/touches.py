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
    groups: list[tuple[frozenset[str], tuple[Touch, ...]]] = []
    for touch in in_order(touches):
        shared = [group for group in groups if group[0] & touch.threads]
        names = touch.threads.union(*(known for known, _ in shared))
        members = (*(held for _, others in shared for held in others), touch)
        groups = [*(group for group in groups if group not in shared), (names, members)]
    return tuple(in_order(members) for _, members in groups)
