"""How fast one person was answered, or answers: turn by turn, in elapsed time and in business hours."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import datetime, timedelta

from agent.offline.compose import Told, who_wrote
from crm.health.calendar import Calendar
from crm.health.wording import hours
from crm.mails import StoredMail
from tools.rendering import reference

_SHOWN = 6  # turns
Turn = tuple[StoredMail, StoredMail]  # what was written, and its answer


def personal_pace(told: Told, mails: Sequence[StoredMail], calendar: Calendar, *, ours: bool | None) -> str:
    """The times between a person's mail and our answer in the same conversation (`ours`), or the other way round, or both; the
    newest first.
    """
    people = {person.email for person in told.scope.people}
    lines: list[str] = []
    for side in (True, False) if ours is None else (ours,):
        turns = answered(mails, people, ours=side)
        if not turns:
            continue
        spent = [calendar.hours(asked.sent_at, answer.sent_at) for asked, answer in turns]
        lines.append(
            told.counted(
                "person_us" if side else "person_them", len(turns), n=len(turns), names=", ".join(told.names()), read=len(mails),
                median=hours(statistics.median(spent), told.scope.language),
                mean=hours(statistics.fmean(spent), told.scope.language),
            )
        )  # fmt: skip
        lines += [_line(told, asked, answer, calendar) for asked, answer in turns[:_SHOWN]]
    return "\n".join(lines) or told.say("pace_none")


def answered(mails: Sequence[StoredMail], people: set[str], *, ours: bool) -> list[Turn]:
    """The first mail of each turn of one side with the other side's answer in its conversation, newest first."""
    human = sorted((mail for mail in mails if not (mail.automatic or mail.bulk)), key=lambda mail: mail.sent_at)
    open_: dict[tuple[str, str], StoredMail] = {}
    found: list[Turn] = []
    for mail in human:
        thread, theirs = (mail.mailbox, mail.gmail_thread_id), mail.direction == "inbound"
        receivers = {person.email for person in (*mail.to, *mail.cc)}
        if (theirs and mail.sender.email not in people) or not (theirs or people & receivers):
            continue
        if theirs is ours:
            open_.setdefault(thread, mail)
        elif asked := open_.pop(thread, None):
            found.append((asked, mail))
    return found[::-1]


def _line(told: Told, asked: StoredMail, answer: StoredMail, calendar: Calendar) -> str:
    spent = hours(calendar.hours(asked.sent_at, answer.sent_at), told.scope.language)
    return (
        f"- {_at(told, asked.sent_at)} {who_wrote(asked)} → {_at(told, answer.sent_at)} {who_wrote(answer)}"
        f" · {asked.subject}: {elapsed(answer.sent_at - asked.sent_at)} ({spent}) {reference(asked.id)} {reference(answer.id)}"
    )


def _at(told: Told, instant: datetime) -> str:
    return f"{told.day(instant)} {instant.astimezone(told.zone):%H:%M}"


def elapsed(time: timedelta) -> str:
    """Days and hours, or hours and minutes where it is less than a day ("4 d 14 h", "3 h 5 min"): the same in the three languages."""
    minutes = int(time.total_seconds() // 60)
    days, rest = divmod(minutes, 24 * 60)
    if days:
        return f"{days} d {rest // 60} h"
    return f"{rest // 60} h {rest % 60} min" if rest >= 60 else f"{rest} min"
