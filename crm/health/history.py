"""Health over time: any past days assessed again, the snapshots that are kept of them, and the changes worth telling."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crm import schema
from crm.customers import Customer, get_customer
from crm.health.assess import REACH, health_of
from crm.health.feeding import figures_of
from crm.health.policy import Policy, policy_of
from crm.health.reading import read_touches
from crm.health.report import Band, Dimension, Health, Move, Part
from crm.health.score import band, cause, moves
from crm.health.wording import Language, band_name, number, part_name, say
from crm.slices import slices

NOTABLE = 10.0  # points since the last change that was told,
TREMOR = 2.0  # and for a new band: one that goes back and forth about its edge is told once


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The health that was kept of a day in the workspace's time zone. `parts` say why; their mails are not kept."""

    day: date
    score: float | None
    dimensions: tuple[Dimension, ...]
    cause: str
    cause_mail_ids: tuple[str, ...]

    @property
    def band(self) -> Band:
        return band(self.score)


@dataclass(frozen=True, kw_only=True)
class HealthChange:
    """The health moved by 10 points and more since the change told before it, or into another band by 2 and more."""

    customer_id: int
    day: date
    before: float | None
    after: float | None
    cause: str
    mail_ids: tuple[str, ...]

    @property
    def band_before(self) -> Band:
        return band(self.before)

    @property
    def band_after(self) -> Band:
        return band(self.after)

    def explanation(self, language: Language = "en") -> str:
        before, after = (
            f"{number(value, language)} ({band_name(band(value), language)})" if value is not None else ""
            for value in (self.before, self.after)
        )
        if not before:
            return say(language, "first_score", now=after)
        if not after:
            return say(language, "score_lost", before=before)
        return say(language, "changed", before=before, now=after, part=part_name(self.cause, language))


def assess_days(
    session: Session,
    workspace_id: int,
    customer: Customer,
    first: date,
    last: date,
    now: datetime,
    *,
    policy: Policy | None = None,
    language: Language = "en",
) -> tuple[Health, ...]:
    """The health of every day from `first` to `last`, at its end; that of a day that has not ended, at `now` (aware)."""
    policy = policy or policy_of(session, workspace_id)
    calendar = policy.calendar
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    instants = [min(calendar.end_of(day), now) for day in days]
    if not instants:
        return ()
    seen = read_touches(session, workspace_id, customer, instants[0] - REACH, instants[-1])
    figures = figures_of(session, customer.id)
    found: list[Health] = []
    for day, at in zip(days, instants, strict=True):
        # At midnight the next day begins: what is assessed is the day before.
        recent = [touch for touch in seen.touches if at - REACH <= touch.sent_at < at]
        before = [touch for touch in seen.touches if touch.sent_at < at - REACH and touch.side == "customer"]
        earlier = before[-1] if before else seen.earlier
        held = health_of(recent, customer, at, policy, earlier=earlier, figures=figures, language=language)
        found.append(replace(held, day=day))
    return tuple(found)


def keep(
    session: Session, workspace_id: int, customer_id: int, healths: Sequence[Health], computed_at: datetime
) -> None:
    """Keep the snapshots of consecutive days, in place of those kept of them before.

    Days before the customer's first score are left out, but for the last one, which says that it was looked at.
    Raises `UnknownCustomer` for a customer of another workspace.
    """
    get_customer(session, workspace_id, customer_id)
    row = schema.HealthSnapshot
    first, last = healths[0].day, healths[-1].day
    session.execute(delete(row).where(row.customer_id == customer_id, row.day >= first, row.day <= last))
    before = next(iter(snapshots(session, customer_id, until=first - timedelta(days=1), newest=1)), None)
    scored = before is not None
    was: tuple[float | None, Sequence[Dimension]] = (before.score, before.dimensions) if before else (None, ())
    for health in healths:
        scored = scored or health.score is not None
        if scored or health is healths[-1]:
            session.add(_row(health, was, computed_at))
        was = (health.score, health.dimensions)
    session.flush()


def snapshots(
    session: Session,
    customer_id: int,
    *,
    since: date | None = None,
    until: date | None = None,
    newest: int | None = None,
) -> tuple[Snapshot, ...]:
    """The kept days from `since` to `until`, both included, oldest first; `newest` takes that many from the end."""
    row = schema.HealthSnapshot
    query = select(row).where(row.customer_id == customer_id).order_by(row.day.desc()).limit(newest)
    if since:
        query = query.where(row.day >= since)
    if until:
        query = query.where(row.day <= until)
    return tuple(map(_snapshot, reversed(session.scalars(query).all())))


def changes(
    session: Session,
    workspace_id: int,
    customer_id: int,
    *,
    since: date | None = None,
    until: date | None = None,
) -> tuple[HealthChange, ...]:
    """When the health changed and why, oldest first, from the kept days. Raises `UnknownCustomer`."""
    get_customer(session, workspace_id, customer_id)
    row = schema.HealthSnapshot
    query = select(row.day, row.score, row.cause).where(row.customer_id == customer_id).order_by(row.day)
    if until:
        query = query.where(row.day <= until)
    days = [(day, score, cause) for day, score, cause in session.execute(query)]
    causes = {day: cause for day, _, cause in days}
    steps = [step for step in _steps(days) if since is None or step[-1] >= since]
    # Only of the days between which something changed is the rest read.
    ends = _held(session, customer_id, {day for step in steps for day in (step[0], step[-1])})
    parts = [_blamed(ends[step[0]], ends[step[-1]]) if len(step) > 1 else "" for step in steps]
    blamed = [tuple(day for day in step[1:] if causes[day] == part) for step, part in zip(steps, parts, strict=True)]
    mails = _cause_mails(session, customer_id, {day for held in blamed for day in held})
    return tuple(
        HealthChange(
            customer_id=customer_id,
            day=step[-1],
            before=ends[step[0]].score if len(step) > 1 else None,
            after=ends[step[-1]].score,
            cause=part,
            mail_ids=tuple(dict.fromkeys(mail_id for day in held for mail_id in mails[day])),
        )
        for step, part, held in zip(steps, parts, blamed, strict=True)
    )


def _steps(days: Sequence[tuple[date, float | None, str]]) -> Iterator[tuple[date, ...]]:
    """The days of each change: that of the change told before it, those between, and its own; of the first only its own."""
    told: float | None = None
    passed: list[date] = []
    for day, score, _ in days:
        if not passed and score is None:
            continue
        passed.append(day)
        if len(passed) == 1 or _notable(told, score):
            yield tuple(passed)
            told, passed = score, [day]


def _notable(told: float | None, now: float | None) -> bool:
    if told is None or now is None:
        return band(told) != band(now)
    return abs(now - told) >= (NOTABLE if band(told) == band(now) else TREMOR)


def _blamed(before: Snapshot, after: Snapshot) -> str:
    """The part that moved the score most from one to the other."""
    if before.score is None or after.score is None:
        return after.cause
    found = moves(after.dimensions, before.dimensions, before.score, language="en")
    move = cause(found, after.score - before.score)
    return move.part if move else after.cause


def _held(session: Session, customer_id: int, days: Collection[date]) -> dict[date, Snapshot]:
    row = schema.HealthSnapshot
    return {
        held.day: _snapshot(held)
        for piece in slices(sorted(days))
        for held in session.scalars(select(row).where(row.customer_id == customer_id, row.day.in_(piece)))
    }


def _cause_mails(session: Session, customer_id: int, days: Collection[date]) -> dict[date, list[str]]:
    row = schema.HealthSnapshot
    return {
        day: mail_ids
        for piece in slices(sorted(days))
        for day, mail_ids in session.execute(
            select(row.day, row.cause_mail_ids).where(row.customer_id == customer_id, row.day.in_(piece))
        )
    }


def _row(health: Health, was: tuple[float | None, Sequence[Dimension]], computed_at: datetime) -> schema.HealthSnapshot:
    values = {held.name: held.value for held in health.dimensions}
    blamed: Move | None = None
    score, dimensions = was
    if score is not None and health.score is not None and score != health.score:
        found = moves(health.dimensions, dimensions, score, language="en")
        blamed = cause(found, health.score - score)
    return schema.HealthSnapshot(
        customer_id=health.customer_id,
        day=health.day,
        score=health.score,
        engagement=values["engagement"],
        sentiment=values["sentiment"],
        dimensions={held.name: _plain(held) for held in health.dimensions},
        cause=blamed.part if blamed else "",
        cause_mail_ids=list(blamed.mail_ids) if blamed else [],
        computed_at=computed_at,
    )


def _plain(held: Dimension) -> dict[str, Any]:
    parts = {part.name: [part.value, part.weight] for part in held.parts}
    return {"value": held.value, "weight": held.weight, "parts": parts}


def _snapshot(row: schema.HealthSnapshot) -> Snapshot:
    return Snapshot(
        day=row.day,
        score=row.score,
        dimensions=tuple(_dimension(name, held) for name, held in row.dimensions.items()),
        cause=row.cause,
        cause_mail_ids=tuple(row.cause_mail_ids),
    )


def _dimension(name: str, held: dict[str, Any]) -> Dimension:
    parts = tuple(
        Part(name=part, value=value, weight=weight, explanation="", mail_ids=())
        for part, (value, weight) in held["parts"].items()
    )
    return Dimension(name=name, value=held["value"], weight=held["weight"], parts=parts)
