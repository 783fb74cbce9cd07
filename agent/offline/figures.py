"""The answers that are computed and not quoted: health, records, counts, files. Every figure comes from a tool."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from agent.offline import patterns
from agent.offline.coming import Span, coming
from agent.offline.compose import Told, empty, who_wrote
from agent.offline.roles import champion_first, said
from agent.offline.routing import about_renewal, about_silence, adds_up, best_first, biggest_first, our_pace, plain
from agent.offline.wording import day, say
from crm.folding import fold
from crm.health.report import WORDS
from crm.health.wording import hours
from crm.mails import StoredMail
from tools.rendering import inert, latest, reference

_WORD = re.compile(r"\w+")
_PLAN = frozenset(("plan", "plano", "planes", "planos", "plans", "tier"))
_OF_PLAN = frozenset(("customers", "clients", "accounts", "clientes", "cuentas", "contas"))
# What is asked after in a record: its people, or a figure of its own.
_PEOPLE = re.compile(
    r"\b(?:who(?! pays?| renews?| is renewing)|whom|contacts?|champion|stakeholders?|quien(?:es)?(?! pagan?| renuevan?)|contactos?"
    r"|quem(?! pagam?| renovam?)|contatos?)\b"
)
_FACT = re.compile(
    r"\bren(?:ew|uev|ov)|\bvenc|\bpa(?:ys?|gan?|gam)\b|\barr\b|\bplan|\bgrand|\bbig|\blarg|\bmayor|\bmaior|\bhow many|\bcuant|\bquant"
)
_STATUS = {
    "trial": frozenset(("trial", "trials", "prueba", "teste")),
    "paused": frozenset(("paused", "pausa", "pausados", "pausadas")),
    "churned": frozenset(("churned", "perdidos", "perdidas")),
}
_FASTEST = re.compile(
    r"\b(?:fast(?:er|est)|quick(?:er|est)|soon(?:er|est)|(?:mas|mais) (?:rapid\w+|depressa|cedo|pronto)|(?:menos) (?:tiempo|tempo)|least time)\b"
)
_AVERAGE = re.compile(r"\b(?:average|mean|on average|promedio|medi[oa]|media)\b")
_RANKING = 3  # customers; beyond that the reasons of each come on request
_FEW = 3  # customers whose contacts are listed
_MARKS = 8  # mails of ours that are cited


def health(told: Told, artifact: dict[str, Any], asked: str, *, silent: bool = False) -> str:
    """Score, reasons and flags as computed; each reason cites its mails. Worst first, unless the best are asked for; of those who
    are not healthy what costs them most first. Who is at risk are those that are not healthy.
    """
    found = list(artifact.get("health", []))
    if not found:
        return empty(told)
    if (silent or about_silence(asked)) and not told.scope.customer_ids:
        return _silent(told, found)
    best = best_first(asked)
    if best:
        found.reverse()
    well = [one["customer"] for one in found if one["band"] == "healthy"]
    at_risk = patterns.AT_RISK.search(plain(asked)) and not patterns.NOT_AT_RISK.search(plain(asked))
    if at_risk and 0 < len(well) < len(found):
        found = [one for one in found if one["band"] != "healthy" and one["score"] is not None]
        found.sort(key=lambda one: _how_surely(artifact, one["customer"]))
    else:
        well = []
    lines: list[str] = []
    for one in found:
        score = one["score"]
        shown = (
            say(told.language, "unknown_score") if score is None else f"{score:.0f} ({say(told.language, one['band'])})"
        )
        lines.append(f"{one['customer']}: {shown}")
        if one["band"] != "healthy":
            lines += _noticed(told, artifact, one["customer"])
        if len(found) <= _RANKING:
            lines += [f"- {_cited(part)}" for part in _costliest_first(one)]
        elif one["band"] != "healthy":  # a number alone says nothing of a customer who has given notice
            parts = [part for dimension in one["dimensions"] for part in dimension["parts"]]
            lines += [f"- {_cited(part)}" for part in parts if part["name"] == WORDS and part["value"]]
        elif best:
            parts = [part for dimension in one["dimensions"] for part in dimension["parts"]]
            lines += [f"- {_cited(part)}" for part in parts if part["name"] == "tone" and part["value"] is not None]
        lines += [f"- {_cited(flag)}" for flag in one["flags"]]
    if well:
        lines.append(told.counted("healthy_others", len(well), names=", ".join(well)))
    return "\n".join(lines)


def _how_surely(artifact: Mapping[str, Any], customer: str) -> int:
    """Who has said that they leave comes before who supposes it, and before who has said nothing of it."""
    one = artifact.get("notices", {}).get(customer)
    return 2 if one is None else int(one["hypothetical"])


def _noticed(told: Told, artifact: Mapping[str, Any], customer: str) -> list[str]:
    """What the customer wrote last about leaving."""
    one = artifact.get("notices", {}).get(customer)
    if not one:
        return []
    supposed = f" ({say(told.language, 'hypothetical')})" if one["hypothetical"] else ""
    said = f"{told.day(datetime.fromisoformat(one['sent_at']))} · {inert(one['sender'])}: “{inert(one['sentence'])}”{supposed}"
    return [_cited({"explanation": f"- {said}", "mail_ids": one["mail_ids"]})]


def _costliest_first(one: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The reasons of a score; of a customer who is not healthy those first that take most off it."""
    parts = [
        (dimension["weight"] * _lost(part), part) for dimension in one["dimensions"] for part in dimension["parts"]
    ]
    if one["band"] != "healthy":
        parts.sort(key=lambda held: -held[0])
    return [part for _, part in parts]


def _lost(part: Mapping[str, Any]) -> float:
    """The points of its dimension that a reason takes off."""
    if part["value"] is None:
        return 0.0
    return float(-part["value"] if part["name"] == WORDS else part["weight"] * (100 - part["value"]))


def _silent(told: Told, found: Sequence[dict[str, Any]]) -> str:
    """The customers flagged as silent, or that there are none."""
    flags = [flag for one in found for flag in one["flags"] if flag["kind"] == "silence"]
    if not flags:
        return say(told.language, "nobody_silent")
    return "\n".join(f"- {_cited(flag)}" for flag in flags)


def silence(told: Told, mails: Sequence[StoredMail]) -> str:
    """When each person of a customer wrote last, longest ago first, and how often we have written since any of them did."""
    written = [mail for mail in mails if not (mail.automatic or mail.bulk)]
    theirs = sorted((mail for mail in written if mail.direction == "inbound"), key=lambda mail: mail.sent_at)
    asked = {person.email for person in told.scope.people}
    last = {mail.sender.email: mail for mail in theirs if not asked or mail.sender.email in asked}
    if not last:
        return told.counted("none_theirs", len(written), read=len(written)) if written else empty(told)
    lines = [told.counted("silence", len(written), read=len(written))]
    for mail in sorted(last.values(), key=lambda mail: mail.sent_at):
        days = (told.now.astimezone(told.zone).date() - mail.sent_at.astimezone(told.zone).date()).days
        wrote = told.counted("wrote_last", days, name=who_wrote(mail), day=told.day(mail.sent_at), days=days)
        shared = "" if len(told.scope.customers) == 1 else f" · {'/'.join(mail.customers)}"
        lines.append(f"- {wrote}{shared} · {mail.subject} {reference(mail.id)}")
    newest = max(mail.sent_at for mail in last.values())
    ours = [mail for mail in written if mail.direction == "outbound" and mail.sent_at > newest]
    if ours:
        marks = " ".join(reference(mail.id) for mail in sorted(ours, key=lambda mail: mail.sent_at)[-_MARKS:])
        lines.append(f"{told.counted('ours_since', len(ours), count=len(ours), day=told.day(newest))} {marks}")
    return "\n".join(lines)


def pace(told: Told, artifact: dict[str, Any], asked: str) -> str:
    """How fast we answer, or they do, or both, customer by customer; of all customers, the slowest first, or the fastest where
    that one is asked for.
    """
    ours = our_pace(asked, told.scope)
    sides = ["us", "customer"] if ours is None else ["us" if ours else "customer"]
    timed = [
        (one["median_hours"], f"- {one['explanation']}{_mean(told, one, asked)}")
        for found in artifact.get("health", [])
        for one in found["responses"]
        if one["side"] in sides and one["n"]
    ]
    if not told.scope.customer_ids:
        timed.sort(key=lambda held: held[0], reverse=not _FASTEST.search(plain(asked)))
    if not timed:
        return told.say("pace_none")
    return "\n".join(line for _, line in timed)


def _mean(told: Told, one: Mapping[str, Any], asked: str) -> str:
    """The mean beside the median, where the average is asked for."""
    if not _AVERAGE.search(plain(asked)):
        return ""
    return f" {say(told.language, 'mean', hours=hours(one['mean_hours'], told.scope.language))}"


def compare(told: Told, artifacts: Sequence[dict[str, Any]]) -> str:
    """The customers side by side: what they pay and renew, their score with its reasons, how fast each side answers."""
    kept = {artifact.get("kind"): artifact for artifact in artifacts}
    scored = {one["customer"]: one for one in kept.get("health", {}).get("health", [])}
    lines: list[str] = []
    for record in kept.get("customers", {}).get("records", []):
        lines.append(f"{record['name']}: {_facts(told, record)}")
        one = scored.get(record["name"])
        if one:
            lines.append(f"- {_score(told, one)}")
            lines += _noticed(told, kept["health"], record["name"])
            lines += [f"- {_cited(part)}" for dimension in one["dimensions"] for part in dimension["parts"]]
            lines += [f"- {side['explanation']}" for side in one["responses"] if side["side"] == "us" and side["n"]]
            lines += [f"- {_cited(flag)}" for flag in one["flags"]]
        lines.append("")
    return "\n".join(lines).strip() or empty(told)


def _score(told: Told, one: dict[str, Any]) -> str:
    if one["score"] is None:
        return say(told.language, "unknown_score")
    return say(told.language, "scored", score=f"{one['score']:.0f}", band=say(told.language, one["band"]))


def attachments(told: Told, mails: Sequence[StoredMail]) -> str:
    """The files by name and size, newest mail first."""
    if not mails:
        return told.say("no_attachments")
    lines = [told.counted("attachments_found", len(mails), mails=len(mails))]
    for mail in mails:
        files = ", ".join(f"{file.name} ({max(file.size // 1024, 1)} KB)" for file in mail.attachments)
        lines.append(f"- {told.day(mail.sent_at)} · {who_wrote(mail)} · {mail.subject}: {files} {reference(mail.id)}")
    return "\n".join(lines)


def records(told: Told, artifact: dict[str, Any], asked: str, question: str = "") -> str:
    """Customer records are facts of the workspace, not of a mail: shown as stored.

    Soonest renewal first, or the biggest first; only the renewals of the period, when one is asked for: by the `question` that
    only carries on another one, `asked`, where it names one ("and in August?").
    """
    found = list(artifact.get("records", []))
    if told.scope.people:
        return "\n".join(_person(told, found, person.email) for person in told.scope.people)
    head = ""
    found = found if told.scope.customer_ids else _chosen(found, asked)
    today = told.now.astimezone(told.zone).date()
    if about_renewal(asked) and (span := _asked_for(told, asked, question, today)):
        found = [record for record in found if record["renewal"] and span.holds(date.fromisoformat(record["renewal"]))]
        head = told.counted("renewals", len(found), count=len(found), label=span.label)
    elif not told.scope.customer_ids:
        head = told.counted("customers", len(found), count=len(found))
    if head and not found:
        return f"{head.rstrip(':')}."
    if biggest_first(asked):
        found.sort(key=lambda record: -(record["arr"] or 0.0))
    else:
        found.sort(key=lambda record: (record["renewal"] is None, record["renewal"] or ""))
    if asked != question and patterns.SUPERLATIVE.fullmatch(plain(question)):
        found, head = _the_one(found, plain(question)), ""
    lines = [head] if head else []
    for record in found:
        lines.append(f"{'- ' if head else ''}{record['name']}: {_facts(told, record)}")
        if about_renewal(asked):
            lines += [f"{'  ' if head else ''}{line}" for line in _noticed(told, artifact, record["name"])]
        if len(found) <= _FEW and (_PEOPLE.search(plain(asked)) or not _FACT.search(plain(asked))):
            people = champion_first(record["contacts"])
            inset = "  " if head else ""
            lines += [f"{inset}- {_contact(told, person)}" for person in people]
    paying = [record["arr"] for record in found if record["arr"] is not None]
    if len(paying) > 1 and adds_up(asked):
        total = sum(paying)
        lines.append(say(told.language, "sum", arr=say(told.language, "arr", arr=_amount(told, total))))
    return "\n".join(lines) or empty(told)


def _the_one(found: Sequence[dict[str, Any]], asked: str) -> list[dict[str, Any]]:
    """Of the records the smallest, the biggest or the next to renew."""
    paying = sorted((record for record in found if record["arr"] is not None), key=lambda record: float(record["arr"]))
    if patterns.SMALLEST.search(asked):
        return paying[:1]
    return paying[-1:] if biggest_first(asked) else list(found[:1])


def _asked_for(told: Told, asked: str, question: str, today: date) -> Span | None:
    if question and question != asked and told.scope.period.label and fold(told.scope.period.label) in fold(question):
        return coming(question, today) or _named(told)
    return coming(asked, today) or _named(told)


_BOUND = re.compile(
    r"\b(?:more than|over|above|(?P<least>at least|al menos|pelo menos)|mas de|mais (?:de|do que)|acima de|por encima de"
    r"|(?P<most>less than|under|below|menos (?:de|do que)|abaixo de|por debajo de))\s+(?:eur\s*|€\s*|\$\s*)?"
    r"(?P<amount>\d{1,3}(?:[.,]\d{3})+|\d+(?:[.,]\d{1,2})?)(?![\d.,]*\d)\s*(?P<unit>(?:k|mil|thousand|m|millon(?:es)?|milh(?:ao|oes)|million)\b)?"
)
_MONEY = re.compile(r"\b(?:pays?|paying|pagan?|pagam?|arr|eur|euros?|worth|contracts?|contratos?)\b|€|\$")


def _chosen(found: Sequence[dict[str, Any]], asked: str) -> list[dict[str, Any]]:
    """The records with the plan or the status that a question names, or all of them."""
    words = set(_WORD.findall(plain(asked)))
    plans = {fold(record["plan"]) for record in found if record["plan"]}
    named = {name for name in plans if set(_WORD.findall(name)) <= words} if words & (_PLAN | _OF_PLAN) else set()
    statuses = {status for status, forms in _STATUS.items() if words & forms}
    text = plain(asked)
    bounds = [bound for bound in _BOUND.finditer(text) if bound["unit"] or _MONEY.search(text)]
    found = [record for record in found if all(_within(record["arr"], bound) for bound in bounds)]
    return [
        record
        for record in found
        if (not named or fold(record["plan"]) in named) and (not statuses or record["status"] in statuses)
    ]


def _within(arr: float | None, bound: re.Match[str]) -> bool:
    """Whether a customer pays as much, or as little, as is asked for."""
    digits = re.sub(r"[.,](?=\d{3}\b)", "", bound["amount"]).replace(",", ".")
    unit = bound["unit"] or ""
    amount = float(digits) * (1_000 if unit in ("k", "mil", "thousand") else 1_000_000 if unit else 1)
    if arr is None:
        return False
    return arr < amount if bound["most"] else arr >= amount if bound["least"] else arr > amount


def _contact(told: Told, person: Mapping[str, Any]) -> str:
    signs = f" · {said(told, person)}" if person["title"] else ""
    return f"{person['role'] or '–'}: {person['name']} <{person['email']}>{signs}"


def _facts(told: Told, record: dict[str, Any]) -> str:
    facts = [
        say(told.language, "arr", arr=_amount(told, record["arr"])) if record["arr"] is not None else "",
        record["plan"],
        say(told.language, f"status_{record['status']}") if record["status"] else "",
        say(told.language, "renewal", day=_short(told, record["renewal"])) if record["renewal"] else "",
        say(told.language, "owner", owner=record["owner"]) if record["owner"] else "",
    ]
    return " · ".join(fact for fact in facts if fact)


def _amount(told: Told, amount: float) -> str:
    """72,000 in English, 72.000 in Spanish and Portuguese."""
    written = f"{amount:,.0f}"
    return written if told.language == "en" else written.replace(",", ".")


def _short(told: Told, iso: str) -> str:
    return day(told.language, datetime.combine(date.fromisoformat(iso), time(12), told.zone))


def _person(told: Told, found: Sequence[dict[str, Any]], email: str) -> str:
    lines = [
        f"{contact['name']} <{contact['email']}>: {contact['role'] or '–'} · {record['name']} ({_facts(told, record)})"
        + (f" · {said(told, contact)}" if contact["title"] else "")
        for record in found
        for contact in record["contacts"]
        if contact["email"] == email
    ]
    return "\n".join(lines)


def _named(told: Told) -> Span | None:
    """The period of the question as one of renewals."""
    period = told.scope.period
    since, until = (
        instant.astimezone(told.zone).date() if instant else None for instant in (period.since, period.until)
    )
    return Span(since=since, until=until, label=period.label) if since or until else None


def count(told: Told, artifact: dict[str, Any], mails: Sequence[StoredMail]) -> str:
    """How many mails are in scope, of each of several customers the one with most first, and the latest of them."""
    total = int(artifact.get("total", 0))
    way = told.scope.direction
    key = f"count_{way}" if way and told.names() and not (told.scope.tone or told.scope.ours) else "count"
    lines = [told.counted(key, total, total=total, names=", ".join(told.names()))]
    each: dict[str, int] = artifact.get("each") or {}
    lines += [f"- {name}: {number}" for name, number in sorted(each.items(), key=lambda held: -held[1])]
    if mails:
        lines.append(say(told.language, "latest"))
        lines += [
            f"- {told.day(mail.sent_at)} · {who_wrote(mail)}: {mail.subject} {reference(mail.id)}" for mail in mails
        ]
    return "\n".join(lines)


def _cited(reason: dict[str, Any]) -> str:
    marks = " ".join(reference(mail_id) for mail_id in latest(reason["mail_ids"]))
    return f"{reason['explanation']} {marks}".rstrip()
