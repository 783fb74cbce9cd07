"""What people do with an alert: snooze it, dismiss it, give it to somebody. Each is one claim in the database, and audited."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.alerts.alert import Alert, get_alert
from crm.alerts.owners import user_for
from crm.clock import Clock
from crm.errors import InputError, LealUpError, NotAllowed
from crm.health.calendar import Calendar
from crm.identity import Principal

LONGEST = timedelta(days=365)
SNOOZES = ("1d", "business-day", "1w")


class AlertHandled(LealUpError):
    """Somebody was faster, or the condition has ended."""

    sentence = "This alert was already handled, or it is over."
    next_step = "Look at it again: it shows what became of it."


class NotYourAlert(NotAllowed):
    sentence = "That alert belongs to somebody else."
    next_step = "Ask its owner or an admin of the workspace."


def snooze(session: Session, clock: Clock, principal: Principal, alert_id: int, until: datetime) -> Alert:
    """Keep the alert quiet until then (aware), when it is open and told once more. Raises `AlertHandled`, `NotYourAlert`, `InputError`."""
    now = clock()
    if not now < until <= now + LONGEST:
        raise InputError(sentence="An alert is snoozed until a time within the coming year.")
    until = until.astimezone(UTC).replace(microsecond=0)
    occasion = f"snooze {until.isoformat()}"
    values = {"snoozed_until": until, "handled_by": principal.user_id, "occasion": occasion, "tell_at": until}
    return _claim(session, clock, principal, alert_id, "alerts.snooze", values, until=until.isoformat())


def dismiss(session: Session, clock: Clock, principal: Principal, alert_id: int) -> Alert:
    """Be done with the alert: its episode is not told again. Raises `AlertHandled`, `NotYourAlert`."""
    values = {"dismissed_at": clock(), "handled_by": principal.user_id}
    return _claim(session, clock, principal, alert_id, "alerts.dismiss", values)


def assign(session: Session, clock: Clock, principal: Principal, alert_id: int, user: str) -> Alert:
    """Give the alert to a user, by address or name, who is told of it. Raises `AlertHandled`, `NotYourAlert`, `InputError`."""
    user_id, now = user_for(session, principal.workspace_id, user), clock()
    values: dict[str, Any] = {"user_id": user_id, "assigned": True, "snoozed_until": None}
    if user_id != get_alert(session, principal.workspace_id, alert_id).owner_id:
        values |= {"occasion": f"assigned {user_id} {now.isoformat()}", "tell_at": now}
    return _claim(session, clock, principal, alert_id, "alerts.assign", values, to=user_id)


def may_handle(principal: Principal, alert: Alert) -> bool:
    """Its owner, an admin, or anybody while it is nobody's."""
    return principal.role == "admin" or alert.owner_id in (None, principal.user_id)


def snooze_end(text: str, now: datetime, calendar: Calendar) -> datetime:
    """When a snooze ends (UTC): "1d", "1w", "business-day" (when the next one opens), or an ISO date or time.

    A date means the beginning of business on it; a time without a zone is the workspace's. Raises `InputError`.
    """
    if text == "1d":
        return now + timedelta(days=1)
    if text == "1w":
        return now + timedelta(weeks=1)
    if text == "business-day":
        return next_business_day(now, calendar)
    try:
        if len(text) == 10:
            moment = datetime.combine(datetime.fromisoformat(text).date(), calendar.opens)
        else:
            moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=calendar.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError(
            text, sentence=f"“{text}” is not a time.", next_step="Use 1d, 1w, business-day or 2026-03-31T09:00."
        ) from None


def next_business_day(now: datetime, calendar: Calendar) -> datetime:
    """When business opens on the next day that has any, within the coming year."""
    day = calendar.day_of(now)
    for _ in range(LONGEST.days):
        day += timedelta(days=1)
        if calendar.works_on(day):
            break
    return datetime.combine(day, time(calendar.opens.hour, calendar.opens.minute), calendar.zone).astimezone(UTC)


def _claim(
    session: Session,
    clock: Clock,
    principal: Principal,
    alert_id: int,
    action: str,
    values: dict[str, Any],
    **detail: str | int,
) -> Alert:
    """Of several at once, the first one gets an alert that is neither dismissed nor over."""
    alert = get_alert(session, principal.workspace_id, alert_id)
    if not may_handle(principal, alert):
        raise NotYourAlert(str(alert_id))
    row = schema.Alert
    free = (row.id == alert_id, row.dismissed_at.is_(None), row.ended_at.is_(None))
    owned = row.user_id.is_(None) if alert.owner_id is None else row.user_id == alert.owner_id
    claimed = session.execute(
        update(row).where(*free, owned).values(**values).execution_options(synchronize_session=False)
    )
    if not getattr(claimed, "rowcount", 0):
        raise AlertHandled(str(alert_id))
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id, action=action,
        subject=str(alert_id), **detail,
    )  # fmt: skip
    session.flush()
    return get_alert(session, principal.workspace_id, alert_id)
