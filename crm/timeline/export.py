"""A timeline as a file: CSV for spreadsheets or JSON, entry by entry, so that memory holds one page of any timeline."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from typing import IO, Literal
from zoneinfo import ZoneInfo

from crm.csv_cells import neutral
from crm.mail import Address
from crm.timeline.item import Item
from crm.timeline.plain import plain_item

Format = Literal["csv", "json"]
ENCODING = {"csv": "utf-8-sig", "json": "utf-8"}  # without the mark at the beginning, Excel reads accents wrongly
COLUMNS = (
    "date", "kind", "direction", "from", "to", "cc", "subject", "text", "tone", "critical words", "attachments",
    "automatic", "shared with", "author", "mails",
)  # fmt: skip


def write(items: Iterable[Item], stream: IO[str], form: Format, zone: ZoneInfo) -> int:
    """Write every entry; dates of CSV in `zone`, of JSON in UTC. Returns how many. The stream has `newline=""`."""
    return _csv(items, stream, zone) if form == "csv" else _json(items, stream)


def _csv(items: Iterable[Item], stream: IO[str], zone: ZoneInfo) -> int:
    lines = csv.writer(stream)
    lines.writerow(COLUMNS)
    count = 0
    for item in items:
        lines.writerow(map(neutral, _cells(item, zone)))
        count += 1
    return count


def _cells(item: Item, zone: ZoneInfo) -> tuple[str, ...]:
    date = f"{item.at.astimezone(zone):%Y-%m-%d %H:%M}"
    mail = item.mail
    if mail is None:
        return (date, item.kind, *("",) * 5, item.text, *("",) * 5, item.author, " ".join(item.mail_ids))
    return (
        date,
        item.kind,
        mail.direction,
        _person(mail.sender),
        "; ".join(map(_person, mail.to)),
        "; ".join(map(_person, mail.cc)),
        mail.subject,
        mail.snippet,
        mail.tone,
        "; ".join(sorted({mark.term for mark in mail.keywords if not mark.negated})),
        "; ".join(file.name for file in mail.attachments),
        "automatic" if mail.automatic else "bulk" if mail.bulk else "",
        "; ".join(mail.customers) if mail.shared else "",
        item.author,
        mail.id,
    )


def _json(items: Iterable[Item], stream: IO[str]) -> int:
    count = 0
    for item in items:
        stream.write(",\n" if count else "[\n")
        json.dump(plain_item(item), stream, ensure_ascii=False)
        count += 1
    stream.write("\n]\n" if count else "[]\n")
    return count


def _person(address: Address) -> str:
    return f"{address.name} <{address.email}>" if address.name else address.email
