"""A customer's health: coloured, and with its trend."""

from __future__ import annotations

from math import floor
from typing import Protocol

from crm.health.report import Band
from ui.inert import html

COLOUR: dict[Band, str] = {"healthy": "lu-good", "neutral": "lu-warn", "at_risk": "lu-bad", "unknown": ""}
_WORD: dict[Band, str] = {
    "healthy": "Healthy",
    "neutral": "Neutral",
    "at_risk": "At risk",
    "unknown": "Not enough mail",
}


class Scored(Protocol):
    """A score (0–100 or None), its band, and the score of seven days before."""

    @property
    def score(self) -> float | None: ...

    @property
    def previous(self) -> float | None: ...

    @property
    def band(self) -> Band: ...


def badge(held: Scored, *, unknown: str = _WORD["unknown"]) -> str:
    """HTML: a coloured dot, the score, its trend over seven days, the band in words; `unknown` when there is no score."""
    score = "" if held.score is None else f"{floor(held.score)}{_trend(held)} · "  # 49.7 is not 50
    word = unknown if held.score is None else _WORD[held.band]
    return f'<span class="lu-health {COLOUR[held.band]}"><span class="lu-dot"></span>{html(score)}{html(word)}</span>'


def _trend(held: Scored) -> str:
    moved = round(held.score - held.previous) if held.score is not None and held.previous is not None else 0
    return f" {'▲' if moved > 0 else '▼'}{abs(moved)}" if moved else ""
