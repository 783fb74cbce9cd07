"""A customer's card, the choice between several, and health."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from crm.customers import Customer
from crm.health.report import Health
from crm.mails import StoredMail
from slack_app.blocks.text import Message, button, clip, escape, mrkdwn, pack, sections, sentence

Purpose = Literal["card", "health"]
CHOOSE = "customer_choose"
_MOST_BUTTONS = 25
_BANDS = {
    "healthy": ":large_green_circle:",
    "neutral": ":large_yellow_circle:",
    "at_risk": ":red_circle:",
    "unknown": ":white_circle:",
}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a candidate's button carries."""

    purpose: Purpose
    customer_id: int

    def encode(self) -> str:
        return f"{self.purpose}.{self.customer_id}"

    @classmethod
    def decode(cls, value: str) -> Choice:
        purpose, _, customer_id = value.partition(".")
        return cls(purpose="health" if purpose == "health" else "card", customer_id=int(customer_id))


def choice(name: str, candidates: Sequence[Customer], purpose: Purpose) -> Message:
    """Which of them?"""
    names = ", ".join(held.name for held in candidates)
    text = escape(f"“{name}” fits several customers: {clip(names, 1500)}. Which one?")
    buttons = [
        button(held.name, f"{CHOOSE}_{held.id}", Choice(purpose=purpose, customer_id=held.id).encode())
        for held in candidates[:_MOST_BUTTONS]
    ]
    return Message(text=text, blocks=(*sections(text), {"type": "actions", "elements": buttons}))


def customer_card(customer: Customer, health: Health, last: StoredMail | None, at: datetime, zone: ZoneInfo) -> Message:
    """Health and its trend, ARR, renewal, the last mail by hand, and what to look at now."""
    lines = [f"*{escape(customer.name)}* · {escape(customer.status)}", f"Health: {_score(health)}"]
    if customer.arr is not None:
        plan = f" · {escape(customer.plan)}" if customer.plan else ""
        lines.append(f"ARR: {customer.arr:,.0f}{plan}")
    if customer.renewal_date is not None:
        days = (customer.renewal_date - at.astimezone(zone).date()).days
        when = f"in {days} d" if days >= 0 else f"{-days} d ago"
        lines.append(f"Renewal: {customer.renewal_date.isoformat()} ({when})")
    lines.append(f"Last contact: {_last(last, zone)}")
    lines += [f":warning: {escape(flag.explanation)}" for flag in health.flags]
    lines += [f":hourglass: {escape(waiting.explanation)}" for held in health.responses for waiting in held.waiting]
    if customer.owner:
        lines.append(f"Owner: {escape(customer.owner)}")
    return _lines(lines, text=f"{customer.name}: {health.summary}")


def health_card(health: Health) -> Message:
    """One customer's score with every reason behind it."""
    lines = [f"*{escape(health.customer)}* · {_score(health)}", escape(health.summary)]
    for dimension in health.dimensions:
        value = "n/a" if dimension.value is None else f"{dimension.value:.0f}"
        lines.append(f"*{escape(dimension.name.capitalize())}* {value} · weight {dimension.weight:.0%}")
        lines += [f"• {escape(part.explanation)}" for part in dimension.parts]
    lines += [f":warning: {escape(flag.explanation)}" for flag in health.flags]
    return _lines(lines, text=health.summary)


def health_list(found: Sequence[Health], total: int) -> Message:
    """All customers, the worst first; `total` are more when only the worst were found."""
    if not found:
        return sentence("There are no customers yet.")
    ranked = sorted(found, key=lambda held: (held.score is None, held.score or 0.0, held.customer))
    lines = [
        f"{_score(held)} · *{escape(held.customer)}*"
        + (f" · {escape(held.flags[0].explanation)}" if held.flags else "")
        for held in ranked
    ]
    if total > len(found):
        lines.append(f"_The lowest {len(found)} of {total} customers; all are on the page Customers._")
    return _lines(lines, text=f"Health of {total} customers")


def _score(health: Health) -> str:
    mark = _BANDS[health.band]
    if health.score is None:
        return f"{mark} not enough mail"
    trend = ""
    if health.previous is not None:
        change = health.score - health.previous
        trend = f" ({change:+.0f} in 7 d)" if abs(change) >= 0.5 else " (unchanged)"
    return f"{mark} {health.score:.0f}{trend}"


def _last(mail: StoredMail | None, zone: ZoneInfo) -> str:
    if mail is None:
        return "none"
    day = mail.sent_at.astimezone(zone).date().isoformat()
    who = mail.sender.name or mail.sender.email
    return f"{day} · {escape(who)} · {escape(clip(mail.subject, 150))}"


def _lines(lines: Sequence[str], *, text: str) -> Message:
    pieces = pack(lines)[:49]
    return Message(text=escape(text), blocks=tuple({"type": "section", "text": mrkdwn(piece)} for piece in pieces))
