"""Instants and days as a page writes them, in the workspace's time zone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def day(moment: date) -> str:
    """9 Mar 2025"""
    return f"{moment.day} {moment:%b %Y}"


def minute(moment: datetime, zone: ZoneInfo) -> str:
    """9 Mar 2025, 14:05"""
    local = moment.astimezone(zone)
    return f"{day(local)}, {local:%H:%M}"


def ago(moment: datetime, now: datetime) -> str:
    """just now · 5 min ago · 3 h ago · 6 d ago"""
    seconds = max(0, int((now - moment).total_seconds()))
    return "just now" if seconds < 60 else f"{span(seconds)} ago"


def span(seconds: float) -> str:
    """45 s · 5 min · 3 h · 6 d"""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
