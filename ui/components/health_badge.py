"""A customer's health: coloured, and with its trend."""

from __future__ import annotations

from math import floor

from crm.health.report import Band, Health
from ui.inert import html

_COLOUR: dict[Band, str] = {"healthy": "lu-good", "neutral": "lu-warn", "at_risk": "lu-bad", "unknown": ""}
_WORD: dict[Band, str] = {
    "healthy": "Healthy",
    "neutral": "Neutral",
    "at_risk": "At risk",
    "unknown": "Not enough mail",
}


def badge(health: Health) -> str:
    """HTML: a coloured dot, the score, its trend over seven days, the band in words."""
    score = "" if health.score is None else f"{floor(health.score)}{_trend(health)} · "  # 49.7 is not 50
    return (
        f'<span class="lu-health {_COLOUR[health.band]}"><span class="lu-dot"></span>'
        f"{html(score)}{_WORD[health.band]}</span>"
    )


def _trend(health: Health) -> str:
    moved = round(health.score - health.previous) if health.score is not None and health.previous is not None else 0
    return f" {'▲' if moved > 0 else '▼'}{abs(moved)}" if moved else ""
