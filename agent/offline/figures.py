"""The answers that are computed and not quoted: health, records, counts, files. Every figure comes from a tool."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from agent.offline.coming import Span, coming, months_on
from agent.offline.compose import Told, empty, who_wrote
from agent.offline.routing import about_renewal, about_silence, best_first, biggest_first
from agent.offline.wording import day, say
from crm.mails import StoredMail
from tools.rendering import reference

_RANKING = 3  # customers; beyond that the reasons of each come on request
_FEW = 3  # customers whose contacts are listed


def health(told: Told, artifact: dict[str, Any], asked: str) -> str:
    """Score, reasons and flags as computed; each reason cites its mails. Worst first, unless the best are asked for."""
    found = list(artifact.get("health", []))
    if not found:
        return empty(told)
    if about_silence(asked) and not told.scope.customer_ids:
        return _silent(told, found)
    if best_first(asked):
        found.reverse()
    lines: list[str] = []
    for one in found:
        score = one["score"]
        shown = (
            say(told.language, "unknown_score") if score is None else f"{score:.0f} ({say(told.language, one['band'])})"
        )
        lines.append(f"{one['customer']}: {shown}")
        if len(found) <= _RANKING:
            lines += [f"- {_cited(part)}" for dimension in one["dimensions"] for part in dimension["parts"]]
        lines += [f"- {_cited(flag)}" for flag in one["flags"]]
    return "\n".join(lines)


def _silent(told: Told, found: Sequence[dict[str, Any]]) -> str:
    """The customers flagged as silent, or that there are none."""
    flags = [flag for one in found for flag in one["flags"] if flag["kind"] == "silence"]
    if not flags:
        return say(told.language, "nobody_silent")
    return "\n".join(f"- {_cited(flag)}" for flag in flags)


def attachments(told: Told, mails: Sequence[StoredMail]) -> str:
    """The files by name and size, newest mail first."""
    if not mails:
        return told.say("no_attachments")
    lines = [told.counted("attachments_found", len(mails), mails=len(mails))]
    for mail in mails:
        files = ", ".join(f"{file.name} ({max(file.size // 1024, 1)} KB)" for file in mail.attachments)
        lines.append(f"- {told.day(mail.sent_at)} · {who_wrote(mail)} · {mail.subject}: {files} {reference(mail.id)}")
    return "\n".join(lines)


def records(told: Told, artifact: dict[str, Any], asked: str) -> str:
    """Customer records are facts of the workspace, not of a mail: shown as stored.

    Soonest renewal first, or the biggest first; only the renewals of the period, when one is asked for.
    """
    found = list(artifact.get("records", []))
    if told.scope.people:
        return "\n".join(_person(told, found, person.email) for person in told.scope.people)
    head = ""
    today = told.now.astimezone(told.zone).date()
    if about_renewal(asked) and (span := coming(asked, today) or _named(told, today)):
        found = [record for record in found if record["renewal"] and span.holds(date.fromisoformat(record["renewal"]))]
        head = told.counted("renewals", len(found), count=len(found), label=span.label)
    elif not told.scope.customer_ids:
        head = told.counted("customers", len(found), count=len(found))
    if biggest_first(asked):
        found.sort(key=lambda record: -(record["arr"] or 0.0))
    else:
        found.sort(key=lambda record: (record["renewal"] is None, record["renewal"] or ""))
    lines = [head] if head else []
    for record in found:
        lines.append(f"{'- ' if head else ''}{record['name']}: {_facts(told, record)}")
        if len(found) <= _FEW:
            people = sorted(record["contacts"], key=lambda person: person["role"] != "Champion")
            inset = "  " if head else ""
            lines += [f"{inset}- {person['role'] or '–'}: {person['name']} <{person['email']}>" for person in people]
    return "\n".join(lines) or empty(told)


def _facts(told: Told, record: dict[str, Any]) -> str:
    facts = [
        say(told.language, "arr", arr=f"{record['arr']:,.0f}") if record["arr"] is not None else "",
        record["plan"],
        say(told.language, f"status_{record['status']}") if record["status"] else "",
        say(told.language, "renewal", day=_short(told, record["renewal"])) if record["renewal"] else "",
        say(told.language, "owner", owner=record["owner"]) if record["owner"] else "",
    ]
    return " · ".join(fact for fact in facts if fact)


def _short(told: Told, iso: str) -> str:
    return day(told.language, datetime.combine(date.fromisoformat(iso), time(12), told.zone))


def _person(told: Told, found: Sequence[dict[str, Any]], email: str) -> str:
    lines = [
        f"{contact['name']} <{contact['email']}>: {contact['role'] or '–'} · {record['name']} ({_facts(told, record)})"
        for record in found
        for contact in record["contacts"]
        if contact["email"] == email
    ]
    return "\n".join(lines)


def _named(told: Told, today: date) -> Span | None:
    """The period of the question as one of renewals: a month or day without a year is the coming one."""
    period = told.scope.period
    since, until = (
        instant.astimezone(told.zone).date() if instant else None for instant in (period.since, period.until)
    )
    if since is None and until is None:
        return None
    if (
        until is not None
        and until <= today
        and not re.search(r"\b(?:19|20)\d\d\b|last|pasad|passad|ultim", period.label)
    ):
        since, until = (months_on(since, 12) if since else None), months_on(until, 12)
    return Span(since=since, until=until, label=period.label)


def count(told: Told, artifact: dict[str, Any], mails: Sequence[StoredMail]) -> str:
    """How many mails are in scope, and the latest of them."""
    total = int(artifact.get("total", 0))
    lines = [told.counted("count", total, total=total)]
    if mails:
        lines.append(say(told.language, "latest"))
        lines += [
            f"- {told.day(mail.sent_at)} · {who_wrote(mail)}: {mail.subject} {reference(mail.id)}" for mail in mails
        ]
    return "\n".join(lines)


def _cited(reason: dict[str, Any]) -> str:
    marks = " ".join(reference(mail_id) for mail_id in reason["mail_ids"][:2])
    return f"{reason['explanation']} {marks}".rstrip()
