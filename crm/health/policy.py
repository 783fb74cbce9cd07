"""What a workspace decides about health: how much each dimension weighs, and when it works."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from crm import schema
from crm.audit import record
from crm.clock import Clock
from crm.errors import InputError, NotAllowed
from crm.health.calendar import Calendar, country_of, known_country
from crm.identity import Principal

PRESETS: Mapping[str, Mapping[str, float]] = {
    "balanced": {"usage": 40, "engagement": 30, "support": 20, "sentiment": 10},
    "relationship": {"usage": 10, "engagement": 50, "support": 10, "sentiment": 30},
    "product_led": {"usage": 60, "engagement": 20, "support": 10, "sentiment": 10},
    "support_led": {"usage": 20, "engagement": 20, "support": 40, "sentiment": 20},
}
MEASURED = ("engagement", "sentiment")  # from mail; every other dimension is fed
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
NO_HOLIDAYS = "NONE"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """`weights` are points by dimension; those of dimensions without data are shared out among the others."""

    calendar: Calendar
    weights: Mapping[str, float] = field(default_factory=lambda: PRESETS["balanced"])

    @property
    def preset(self) -> str:
        """The name of the preset these weights are, or "custom"."""
        return next((name for name, weights in PRESETS.items() if weights == self.weights), "custom")


def policy_of(session: Session, workspace_id: int) -> Policy:
    """What the workspace decided; by default the balanced preset, Monday to Friday 9–18, and the holidays of its zone's country."""
    zone = ZoneInfo(session.get_one(schema.Workspace, workspace_id).timezone)
    row = session.get(schema.HealthSettings, workspace_id)
    if row is None:
        return Policy(calendar=Calendar(zone=zone, country=country_of(zone.key)))
    calendar = Calendar(
        zone=zone,
        opens=time.fromisoformat(row.opens),
        closes=time.fromisoformat(row.closes),
        weekdays=frozenset(row.weekdays),
        country="" if row.country == NO_HOLIDAYS else row.country or country_of(zone.key),
    )
    return Policy(calendar=calendar, weights=row.weights or PRESETS["balanced"])


def save_policy(
    session: Session,
    clock: Clock,
    principal: Principal,
    *,
    weights: Mapping[str, float],
    opens: time,
    closes: time,
    weekdays: Iterable[int],
    country: str | None = None,
) -> Policy:
    """Replace the workspace's policy; its scores are due again. Raises `InputError` naming what is wrong, `NotAllowed` unless admin.

    `country` is ISO 3166 with an optional subdivision ("ES", "ES-MD"), `NO_HOLIDAYS`, "" for the time zone's own, or None for
    what it was.
    """
    if principal.role != "admin":
        raise NotAllowed(
            "health settings", sentence="Only an admin may change how health is scored.", next_step="Ask your admin."
        )
    workspace_id = principal.workspace_id
    row = session.get(schema.HealthSettings, workspace_id) or schema.HealthSettings(workspace_id=workspace_id)
    points, days = checked_weights(weights), sorted(set(weekdays))
    country = (country if country is not None else row.country or "").strip().upper()
    if opens >= closes:
        raise InputError(sentence="Business hours must open before they close.")
    if not days or not all(0 <= day <= 6 for day in days):
        raise InputError(sentence="Business hours need at least one day of the week.")
    if country not in ("", NO_HOLIDAYS) and not known_country(country):
        raise InputError(
            country, sentence=f"The public holidays of “{country}” are not known.", next_step="Use ES, BR, US or ES-MD."
        )
    row.weights, row.weekdays, row.country = points, days, country
    row.opens, row.closes = opens.isoformat("minutes"), closes.isoformat("minutes")
    session.add(row)
    record(
        session, clock, workspace_id=workspace_id, user_id=principal.user_id, action="health settings changed",
        subject="health", **{name: str(value) for name, value in points.items()},
    )  # fmt: skip
    session.flush()
    return policy_of(session, workspace_id)


def checked_weights(weights: Mapping[str, float]) -> dict[str, float]:
    """Raises `InputError` unless the names are plain, the points finite and not negative, and one of them counts."""
    for name, points in weights.items():
        dimension_name(name)
        if not math.isfinite(points) or not 0 <= points <= 1000:
            raise InputError(name, sentence=f"The weight of {name} must lie between 0 and 1000.")
    if not any(points > 0 for points in weights.values()):
        raise InputError(sentence="At least one dimension must weigh something.")
    return {name: float(points) for name, points in weights.items()}


def dimension_name(name: str) -> str:
    """Raises `InputError` unless it is lower case letters, digits and _, at most 40."""
    if not _NAME.fullmatch(name):
        raise InputError(
            name, sentence=f"“{name}” is not the name of a dimension.", next_step="Use lower case letters and _: usage."
        )
    return name
