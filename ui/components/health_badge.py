"""A customer's health: coloured, with its trend, and with its reasons."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor

from crm.health.report import Band, Dimension, Health
from ui.inert import html

_COLOUR: dict[Band, str] = {"healthy": "lu-good", "neutral": "lu-warn", "at_risk": "lu-bad", "unknown": ""}
_WORD: dict[Band, str] = {
    "healthy": "Healthy",
    "neutral": "Neutral",
    "at_risk": "At risk",
    "unknown": "Not enough mail",
}
_DIMENSION = {"engagement": "Engagement", "sentiment": "Sentiment"}


def badge(health: Health) -> str:
    """HTML: a coloured dot, the score, its trend over seven days, the band in words."""
    score = "" if health.score is None else f"{floor(health.score)}{_trend(health)} · "  # 49.7 is not 50
    return (
        f'<span class="lu-health {_COLOUR[health.band]}"><span class="lu-dot"></span>'
        f"{html(score)}{_WORD[health.band]}</span>"
    )


def reasons(dimensions: Iterable[Dimension]) -> str:
    """HTML: every dimension with its value and weight, and the sentence behind each part."""
    return "".join(_dimension(held) for held in dimensions)


def _dimension(held: Dimension) -> str:
    name = _DIMENSION.get(held.name, held.name)
    value = "not enough mail" if held.value is None else f"{held.value:.0f} of 100, {held.weight:.0%} of the score"
    parts = "".join(f"<li>{html(part.explanation)}</li>" for part in held.parts)
    return f'<div><b>{html(name)}</b> · {html(value)}</div><ul class="lu-reasons">{parts}</ul>'


def _trend(health: Health) -> str:
    moved = round(health.score - health.previous) if health.score is not None and health.previous is not None else 0
    return f" {'▲' if moved > 0 else '▼'}{abs(moved)}" if moved else ""
