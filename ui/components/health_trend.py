"""The score of the last 90 days as a row of columns, one a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from crm.health.history import Snapshot
from ui.components import moment
from ui.components.health_badge import COLOUR
from ui.inert import html

DAYS = 90


def chart(kept: Sequence[Snapshot], today: date) -> str:
    """HTML; a day without a score is a gap. Hovering over a day tells its score."""
    by_day = {held.day: held for held in kept if held.score is not None}
    if not by_day:
        return '<div class="lu-muted">No health was kept yet.</div>'
    first = today - timedelta(days=DAYS - 1)
    columns = "".join(_column(first + timedelta(days=n), by_day) for n in range(DAYS))
    scores = [held.score for held in by_day.values() if held.score is not None]
    told = f"Health of the last {DAYS} days, between {min(scores):.0f} and {max(scores):.0f}"
    return (
        f'<div class="lu-trend" role="img" aria-label="{html(told)}">{columns}</div>'
        f'<div class="lu-trend-days lu-muted"><span>{moment.day(first)}</span><span>{moment.day(today)}</span></div>'
    )


def _column(day: date, by_day: dict[date, Snapshot]) -> str:
    held = by_day.get(day)
    if held is None or held.score is None:
        return "<i></i>"
    return (
        f'<i class="{COLOUR[held.band]}" title="{moment.day(day)}: {held.score:.0f}">'
        f'<b style="height:{max(held.score, 2):.0f}%"></b></i>'
    )
