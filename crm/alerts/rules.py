"""When a workspace wants to be alerted: each kind's number and switch, the words, the language, and where in Slack."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.errors import InputError, NotAllowed
from crm.health.wording import Language
from crm.identity import Principal
from crm.signals.terms import COMPETITOR, workspace_terms

Kind = Literal["drop", "threshold", "negative", "silence", "keyword", "unanswered"]
Where = Literal["owner", "channel", "off"]
KINDS: tuple[Kind, ...] = get_args(Kind)
COMPETITORS = "competitor"  # stands for every competitor, also those that the workspace names
TERMS = (
    "cancel", "terminate", "non_renewal", "problem", "critical_bug", COMPETITORS, "complaint", "downgrade", "legal",
    "price", "refund",
)  # fmt: skip
"""What the built-in critical words stand for (crm/signals/keywords.yaml)."""
_CHANNEL = re.compile(r"#?[\w.-]{1,80}")


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A number of a kind: its bounds, both included, and what it counts."""

    field: str
    least: float
    most: float
    whole: bool
    unit: str


LIMITS: Mapping[str, Limit] = {
    "drop.points": Limit(field="drop_points", least=1, most=99, whole=False, unit="points in 7 days"),
    "threshold.below": Limit(field="threshold_below", least=1, most=100, whole=False, unit="of 100"),
    "negative.mails": Limit(field="negative_mails", least=2, most=20, whole=True, unit="mails"),
    "silence.days": Limit(field="silence_days", least=1, most=365, whole=True, unit="days"),
    "unanswered.hours": Limit(field="unanswered_hours", least=0.5, most=200, whole=False, unit="business hours"),
}


@dataclass(frozen=True, kw_only=True)
class Rules:
    """`off` are the kinds that are switched off. `terms` are the critical words that alert; none means all of them.

    `slack` is where alerts are told: the owner's direct messages, the `channel`, or nowhere.
    """

    off: frozenset[Kind] = frozenset()
    drop_points: float = 15.0
    threshold_below: float = 50.0
    negative_mails: int = 5
    silence_days: int = 45
    terms: tuple[str, ...] = ()
    unanswered_hours: float = 8.0
    language: Language = "en"
    slack: Where = "owner"
    channel: str = ""

    def alerts_on(self, kind: Kind) -> bool:
        return kind not in self.off

    def wants(self, term: str) -> bool:
        """Whether a critical word alerts."""
        if not self.terms or term in self.terms:
            return True
        return term.startswith(COMPETITOR) and COMPETITORS in self.terms

    def number(self, name: str) -> float:
        """The number of that name in `LIMITS`."""
        return float(getattr(self, LIMITS[name].field))

    def with_number(self, name: str, value: float) -> Rules:
        """The rules with another number; it is whole where it counts something."""
        limit = LIMITS[name]
        known: Any = int(value) if limit.whole and value.is_integer() else value
        return replace(self, **{limit.field: known})

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "off": sorted(self.off), "terms": list(self.terms)}


def rules_of(session: Session, workspace_id: int) -> Rules:
    """What the workspace decided, or the defaults."""
    row = session.get(schema.AlertSettings, workspace_id)
    if row is None:
        return Rules()
    known = {held.name for held in fields(Rules)}
    values = {name: value for name, value in row.rules.items() if name in known}
    return Rules(**{**values, "off": frozenset(values.get("off", ())), "terms": tuple(values.get("terms", ()))})


def changed(rules: Rules, settings: Mapping[str, str], known_terms: Collection[str]) -> Rules:
    """`rules` with settings as they are typed: "drop.points": "20", "silence": "off", "keyword.terms": "cancel,churn".

    `known_terms` are the workspace's own. Raises `InputError` naming what is wrong.
    """
    for name, value in settings.items():
        rules = _changed(rules, name.strip(), value.strip())
    return checked(rules, known_terms)


def checked(rules: Rules, known_terms: Collection[str]) -> Rules:
    """The rules themselves. Raises `InputError` for a number out of bounds, an unknown word or no channel."""
    for name, limit in LIMITS.items():
        value = getattr(rules, limit.field)
        if not math.isfinite(value) or not limit.least <= value <= limit.most or (limit.whole and value != int(value)):
            what = "a whole number" if limit.whole else "a number"
            bounds = f"{limit.least:g} to {limit.most:g} {limit.unit}"
            raise InputError(name, sentence=f"{name} must be {what}, {bounds}.")
    for term in rules.terms:
        if term not in TERMS and term not in known_terms:
            choices = ", ".join((*TERMS, *sorted(set(known_terms) - set(TERMS))))
            raise InputError(
                term, sentence=f"“{term}” is not a critical word of this workspace.", next_step=f"Use {choices}."
            )
    if rules.slack == "channel" and not _CHANNEL.fullmatch(rules.channel):
        raise InputError(
            sentence="Alerts in a channel need its name or id.", next_step="Write #customer-alerts or C0123ABCD."
        )
    return rules


def own_terms(session: Session, workspace_id: int) -> frozenset[str]:
    """What the workspace's own critical words stand for."""
    return frozenset(workspace_terms(session, workspace_id).values())


def save_rules(session: Session, clock: Clock, principal: Principal, rules: Rules) -> Rules:
    """Replace the workspace's rules; everybody's alerts are due again. Raises `NotAllowed` for who is no admin, `InputError`."""
    if principal.role != "admin":
        raise NotAllowed(
            sentence="Only an admin changes when alerts are raised.", next_step="Ask an admin of the workspace."
        )
    workspace_id = principal.workspace_id
    before = rules_of(session, workspace_id)
    checked(rules, own_terms(session, workspace_id))
    session.merge(schema.AlertSettings(workspace_id=workspace_id, rules=rules.as_json()))
    now = clock()
    for customer_id in session.scalars(
        select(schema.Customer.id).where(schema.Customer.workspace_id == workspace_id)
    ).all():
        session.add(schema.HealthDue(customer_id=customer_id, since=now))
    was, now_is = before.as_json(), rules.as_json()
    what = {name: str(now_is[name]) for name in now_is if now_is[name] != was[name]}
    audit.record(
        session, clock, workspace_id=workspace_id, user_id=principal.user_id, action="alerts.rules",
        subject=str(workspace_id), **what,
    )  # fmt: skip
    session.flush()
    return rules


def _changed(rules: Rules, name: str, value: str) -> Rules:
    if name in KINDS:
        if value not in ("on", "off"):
            raise InputError(name, sentence=f"{name} is on or off.")
        return replace(rules, off=rules.off - {name} if value == "on" else rules.off | {name})
    if name in LIMITS:
        return rules.with_number(name, _number(name, value))
    if name == "keyword.terms":
        terms = [part.strip() for part in value.split(",") if part.strip()]
        return replace(rules, terms=() if terms == ["all"] else tuple(dict.fromkeys(terms)))
    if name == "language":
        if value not in get_args(Language):
            raise InputError(name, sentence="The language is en, es or pt.")
        return replace(rules, language=value)  # type: ignore[arg-type]
    if name == "slack":
        where, _, channel = value.partition(":")
        if where not in ("owner", "channel", "off"):
            raise InputError(name, sentence="slack is owner, off or channel:NAME.")
        return replace(rules, slack=where, channel=channel.strip())  # type: ignore[arg-type]
    known = ", ".join((*KINDS, *LIMITS, "keyword.terms", "language", "slack"))
    raise InputError(name, sentence=f"“{name}” is not a setting of alerts.", next_step=f"Use {known}.")


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise InputError(name, sentence=f"{name} must be a number.") from None
