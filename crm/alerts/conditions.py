"""The rules themselves: what is true of a customer at an instant. Alerts and their preview both come from here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import takewhile
from typing import Any

from crm.alerts.rules import Kind, Rules
from crm.alerts.situation import Situation
from crm.health.assess import WINDOW
from crm.health.owed import STALE
from crm.health.score import cause
from crm.health.touches import Touch

NEWS = timedelta(days=7)  # a critical word in an older mail, read late, opens no alert
KEPT = timedelta(days=30)  # and after this long it is over
MARGIN = 2.0  # points: a score that trembles around a limit is one episode
_ROUNDING = 1e-6  # hours are sums of floats
LEFT = "churned"  # whose silence and score surprise nobody


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Something true now. `opens`: it may begin an alert; otherwise it only keeps one alive that is there.

    `anchor` is the mail it is about, or "" where it is about the customer. `group` are the mails that belong to the same
    turn or conversation, the anchor among them. `facts` are the numbers that its sentence tells.
    """

    kind: Kind
    opens: bool
    facts: dict[str, Any]
    mail_ids: tuple[str, ...]
    anchor: str = ""
    term: str = ""
    group: frozenset[str] = field(default_factory=frozenset)


def looked_at(rules: Rules, situation: Situation) -> frozenset[Kind]:
    """The kinds that `conditions_of` decides on here; it knows nothing of the others."""
    scored: set[Kind] = {"drop", "threshold"}
    mailed: set[Kind] = {"negative", "silence", "keyword", "unanswered"}
    return frozenset(mailed if situation.health is None else scored | mailed)


def conditions_of(rules: Rules, situation: Situation) -> tuple[Condition, ...]:
    """What holds, by the rules. The same rules and situation always give the same answer."""
    found: list[Condition] = []
    for kind, look in (
        ("drop", _drop),
        ("threshold", _threshold),
        ("negative", _negative),
        ("silence", _silence),
        ("keyword", _keyword),
        ("unanswered", _unanswered),
    ):
        if kind not in rules.off:
            found += look(rules, situation)
    return tuple(found)


def _drop(rules: Rules, situation: Situation) -> Iterator[Condition]:
    health = situation.health
    if health is None or health.score is None or health.previous is None or situation.customer.status == LEFT:
        return
    points = round(health.previous - health.score, 1)
    if points <= max(rules.drop_points - MARGIN, 0.0):
        return
    blamed = cause(health.moves, -points)
    yield Condition(
        kind="drop",
        opens=points > rules.drop_points,
        facts={
            "points": points,
            "before": health.previous,
            "now": health.score,
            "limit": rules.drop_points,
            "part": blamed.part if blamed else "",
        },
        mail_ids=blamed.mail_ids if blamed else (),
    )


def _threshold(rules: Rules, situation: Situation) -> Iterator[Condition]:
    health = situation.health
    if health is None or health.score is None or situation.customer.status == LEFT:
        return
    if health.score >= min(rules.threshold_below + MARGIN, 100.0):
        return
    blamed = cause(health.moves, -1.0) if health.previous is not None and health.previous > health.score else None
    yield Condition(
        kind="threshold",
        opens=health.score < rules.threshold_below,
        facts={"now": health.score, "limit": rules.threshold_below, "part": blamed.part if blamed else ""},
        mail_ids=blamed.mail_ids if blamed else (),
    )


def _negative(rules: Rules, situation: Situation) -> Iterator[Condition]:
    since = situation.at - WINDOW
    read = [touch for touch in situation.touches if touch.side == "customer" and touch.tone and touch.sent_at >= since]
    last = read[-rules.negative_mails :]
    if len(last) == rules.negative_mails and all(touch.tone == "negative" for touch in last):
        ids = tuple(touch.id for touch in last)
        yield Condition(kind="negative", opens=True, facts={"mails": len(ids)}, mail_ids=ids)


def _silence(rules: Rules, situation: Situation) -> Iterator[Condition]:
    """A customer who never wrote is silent since our first mail of the period."""
    if situation.customer.status == LEFT:
        return
    theirs = [touch for touch in situation.touches if touch.side == "customer"]
    since = theirs[-1] if theirs else situation.earlier or next(iter(situation.touches), None)
    if since is None or situation.at - since.sent_at <= timedelta(days=rules.silence_days):
        return
    days = (situation.at - since.sent_at).days
    yield Condition(
        kind="silence",
        opens=True,
        facts={"days": days, "limit": rules.silence_days, "since": since.sent_at.isoformat()},
        mail_ids=(since.id,),
    )


def _keyword(rules: Rules, situation: Situation) -> Iterator[Condition]:
    """One for each word and conversation: its first mail of late that says it, in the customer's own words."""
    for conversation in situation.talks:
        ids = frozenset(touch.id for touch in conversation)
        saying: dict[str, list[tuple[Touch, bool]]] = {}
        for touch in conversation:
            if touch.side != "customer" or situation.at - touch.sent_at > KEPT:
                continue
            for word in situation.words.get(touch.id, ()):
                if rules.wants(word.term):
                    saying.setdefault(word.term, []).append((touch, word.conditional))
        for term, mails in saying.items():
            fresh = [held for held in mails if situation.at - held[0].sent_at <= NEWS]
            told = fresh or mails
            yield Condition(
                kind="keyword",
                opens=bool(fresh),
                facts={"conditional": all(conditional for _, conditional in told)},
                mail_ids=tuple(touch.id for touch, _ in told),
                anchor=told[0][0].id,
                term=term,
                group=ids,
            )


def _unanswered(rules: Rules, situation: Situation) -> Iterator[Condition]:
    """An open turn waits for us from the first mail in it that asks something; one open for 30 days is history."""
    for conversation in situation.talks:
        turn = list(takewhile(lambda touch: touch.side == "customer", reversed(conversation)))[::-1]
        asked = next((touch for touch in turn if touch.id in situation.asking), None)
        if asked is None or situation.at - asked.sent_at > STALE:
            continue
        hours = situation.calendar.hours(asked.sent_at, situation.at)
        if hours < rules.unanswered_hours - _ROUNDING:
            continue
        yield Condition(
            kind="unanswered",
            opens=True,
            facts={
                "hours": round(hours, 1),
                "limit": rules.unanswered_hours,
                "since": asked.sent_at.isoformat(),
            },
            mail_ids=(asked.id,),
            anchor=asked.id,
            group=frozenset(touch.id for touch in turn),
        )
