"""Episodes: a condition is told once, for as long as it lasts. The same bookkeeping serves the alerts and their preview."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from crm.alerts.conditions import Condition
from crm.alerts.rules import Kind

ABOUT_MAIL: frozenset[Kind] = frozenset({"keyword", "unanswered"})


@dataclass(frozen=True, kw_only=True)
class Episode:
    """One that was opened before; `over` when its condition had ended."""

    kind: Kind
    name: str
    term: str
    mail_ids: tuple[str, ...]
    over: bool


@dataclass(frozen=True, kw_only=True)
class Step:
    """What changed: conditions that begin a new episode, under its name; episodes that are over; those that hold again."""

    opened: tuple[tuple[str, Condition], ...]
    over: tuple[Episode, ...]
    again: tuple[Episode, ...]


def advance(known: Sequence[Episode], conditions: Iterable[Condition], kinds: Collection[Kind]) -> Step:
    """Compare what holds now with a customer's known episodes, within the `kinds` that were looked at.

    A condition about a mail belongs for good to the episode of its turn, or of its word in its conversation: it is never
    told twice, though it may hold again. A condition about the customer begins a new episode once the last one is over.
    """
    opened: list[tuple[str, Condition]] = []
    holding: list[Episode] = []
    for condition in conditions:
        episode = _episode_of(condition, known)
        if episode is not None:
            holding.append(episode)
        elif condition.opens:
            opened.append((_name(condition, known), condition))
    held = {(episode.kind, episode.name) for episode in holding}
    gone = [one for one in known if one.kind in kinds and not one.over and (one.kind, one.name) not in held]
    again = [one for one in holding if one.over]
    return Step(opened=tuple(opened), over=tuple(gone), again=tuple(again))


def _episode_of(condition: Condition, known: Sequence[Episode]) -> Episode | None:
    of_kind = [one for one in known if one.kind == condition.kind]
    if condition.kind not in ABOUT_MAIL:
        return next((one for one in of_kind if not one.over), None)
    belongs = (one for one in of_kind if one.term == condition.term and condition.group.intersection(one.mail_ids))
    return next(belongs, None) or next((one for one in of_kind if one.name == _name(condition, known)), None)


def _name(condition: Condition, known: Sequence[Episode]) -> str:
    """The same for everybody who sees the same, so that a unique key keeps two of them from opening it twice."""
    if condition.kind in ABOUT_MAIL:
        return f"{condition.term} {condition.anchor}".strip()
    return str(1 + sum(one.kind == condition.kind for one in known))
