"""How long a page of a timeline takes: python -m benchmarks.timeline [--mails N] [--pages P] [--database URL].

A store of N mails (two weeks to five years old) of 201 customers, the first of which has a third of them; health snapshots
of two years for it. Each filter is read at the first page and at deep ones (by cursor; a different place each time), 20
entries a page, mails with all that a row shows. Beside it, in the same run, the way before: `list_mails` with an offset,
and for a text a scan in which every mail is read and folded. Printed: p50 and p95 of ours, its p95 of this
process's processor time (all of it with SQLite; with PostgreSQL the server's is not in it), the median of the way before,
and the ratio of the medians. At the end, what a mail costs to store with the rows and texts that pages are read from, and
without them.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from crm import schema
from crm.clock import fixed_clock
from crm.customers import list_customers, save_customer
from crm.database import Database
from crm.folding import fold
from crm.identity import create_workspace
from crm.mails import MailFilter, StoredMail, list_mails
from crm.timeline import texts
from crm.timeline.filter import Filter
from crm.timeline.item import Cursor
from crm.timeline.page import addresses, read_page

_AT = datetime(2026, 6, 15, 12, tzinfo=UTC)
_SPREAD = 5 * 365 * 24 * 60  # minutes
_CUSTOMERS = 201
_BATCH = 2000
_PAGE = 20
_SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "ro", "tu", "val", "ser", "con", "tra", "ción", "ment")
_RARE = "quokka"  # in one mail of 20,000; "wombat" is in a third of the mails, but in none of the newest fifth


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.timeline", description=__doc__)
    parser.add_argument("--mails", type=int, default=100_000)
    parser.add_argument("--pages", type=int, default=40, help="read for each filter, half of them first pages")
    parser.add_argument("--before", type=int, default=2, help="pages read in the way before, for each filter")
    parser.add_argument(
        "--database", default="", help="an empty database's URL; SQLite in a temporary folder by default"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(chosen.database or f"sqlite:///{Path(folder) / 'timeline.db'}")
        database.migrate()
        began = time.perf_counter()
        workspace_id, customer_id = fill(database, chosen.mails)
        print(f"{chosen.mails} mails in {time.perf_counter() - began:.0f} s, {database.engine.dialect.name}")
        _measure(database, workspace_id, customer_id, chosen.pages, chosen.before)
        with_rows, without = (_storing(database, workspace_id, plain=plain) for plain in (False, True))
        print(f"a mail stored: {_ms(with_rows)} ms, {_ms(without)} ms without the timeline's rows and texts")
        database.close()


def _measure(database: Database, workspace_id: int, customer_id: int, pages: int, before: int) -> None:
    print(
        "| filter | entries found | p50 ms | p95 ms | p95 CPU ms | the way before, ms | times ours |\n|---|---|---|---|---|---|---|"
    )
    everything = _places(database, workspace_id, customer_id)
    for name, chosen in _filters().items():
        ours: list[float] = []
        processor: list[float] = []
        found = 0
        for n in range(pages):
            cursor = everything[n * len(everything) // pages] if n % 2 else None
            began = time.process_time()
            seconds, count = _ours(database, workspace_id, customer_id, chosen, cursor)
            ours.append(seconds)
            processor.append(time.process_time() - began)
            found = max(found, count)
        ours.sort()
        processor.sort()
        told = [
            name,
            f"{found}{'+' if found == _PAGE else ''}",
            _ms(statistics.median(ours)),
            _ms(ours[int(0.95 * (pages - 1))]),
            _ms(processor[int(0.95 * (pages - 1))]),
        ]
        if before:
            was = statistics.median(_before(database, workspace_id, customer_id, chosen) for _ in range(before))
            told += [_ms(was), f"{was / statistics.median(ours):.1f}"]
        print(f"| {' | '.join(told)} |", flush=True)
    began = time.perf_counter()
    with database.read() as session:
        addresses(session, workspace_id, customer_id)
    print(f"everybody's addresses: {_ms(time.perf_counter() - began)} ms")


def _storing(database: Database, workspace_id: int, *, plain: bool) -> float:
    """Seconds a mail, of a batch that is not kept."""
    rng = random.Random(2)
    with Session(database.engine) as session, session.begin() as transaction:
        mailbox_id = session.scalars(select(schema.Mailbox.id)).one()
        ids = sorted(held.id for held in list_customers(session, workspace_id))
        if plain and database.is_sqlite:
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'timeline%'"
            for name in session.scalars(text(triggers)).all():
                session.execute(text(f"DROP TRIGGER {name}"))
        elif plain:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        began = time.perf_counter()
        vocabulary = ["".join(rng.choices(_SYLLABLES, k=3)) for _ in range(5000)]
        numbers = range(9_000_000, 9_000_000 + _BATCH)
        _some(session, workspace_id, mailbox_id, ids, vocabulary, rng, numbers, folded=not plain)
        session.flush()
        seconds = time.perf_counter() - began
        transaction.rollback()
    return seconds / _BATCH


def _filters() -> dict[str, Filter]:
    return {
        "none": Filter(),
        "dates, a month of two years ago": Filter(since=_AT - timedelta(days=760), until=_AT - timedelta(days=730)),
        "person, a third of the mails": Filter(person="person0@c0.example"),
        "person, one mail in 5,000": Filter(person="rare@c0.example"),
        "direction": Filter(direction="inbound"),
        "tone": Filter(tone="negative"),
        "critical word": Filter(keyword="cancel"),
        "person and critical word": Filter(person="person0@c0.example", keyword="cancel"),
        "attachment": Filter(attachment=True),
        "name of an attachment": Filter(attachment_name="contract-77"),
        "shared": Filter(shared=True),
        "automatic hidden": Filter(automatic="hidden"),
        "automatic only": Filter(automatic="only"),
        "text, in every mail": Filter(text="ba"),
        "text, in a third of the mails, none of the newest": Filter(text="wombat"),
        "text, in one mail of 20,000": Filter(text="UOKK"),
        "text, nowhere": Filter(text="platypus"),
        "text of common parts, nowhere": Filter(text="cionbaceciondi"),
        "two words and a tone": Filter(text="wombat cion", tone="negative"),
        "health changes": Filter(kinds=["health"]),
    }


def _places(database: Database, workspace_id: int, customer_id: int) -> list[Cursor]:
    with database.read() as session:
        rows = session.execute(
            text(
                "SELECT t.mail_id, m.sent_at FROM timeline t JOIN mails m ON m.id = t.mail_id "
                "WHERE t.customer_id = :id AND t.facet = '' ORDER BY t.sent_at DESC"
            ).columns(sent_at=schema.UtcDateTime()),
            {"id": customer_id},
        )
        return [Cursor(at=sent_at, kind="mail", id=mail_id) for mail_id, sent_at in rows]


def _ours(
    database: Database, workspace_id: int, customer_id: int, chosen: Filter, cursor: Cursor | None
) -> tuple[float, int]:
    began = time.perf_counter()
    with database.read() as session:
        page = read_page(session, workspace_id, customer_id, chosen, before=cursor, limit=_PAGE)
    return time.perf_counter() - began, len(page.items)


def _before(database: Database, workspace_id: int, customer_id: int, chosen: Filter) -> float:
    """Seconds of the first page as it was read, by what could be filtered; shared and automatic-only were not there."""
    old = MailFilter(
        customer_ids=[customer_id], people=[chosen.person] if chosen.person else [], since=chosen.since, until=chosen.until,
        direction=chosen.direction, tone=chosen.tone or None, keyword=chosen.keyword or None,
        with_attachment=chosen.attachment or bool(chosen.attachment_name), human_only=chosen.automatic == "hidden",
    )  # fmt: skip
    words = (*chosen.words, *chosen.name_words)
    began = time.perf_counter()
    with database.read() as session:
        list(islice(_scanned(session, workspace_id, old, words), _PAGE + 1))
    return time.perf_counter() - began


def _scanned(session: Session, workspace_id: int, old: MailFilter, words: tuple[str, ...]) -> Any:
    offset = 0
    while mails := list_mails(session, workspace_id, old, newest_first=True, limit=100, offset=offset):
        yield from (mail for mail in mails if not words or all(word in _haystack(mail) for word in words))
        offset += 100


def _haystack(mail: StoredMail) -> str:
    people = (mail.sender, *mail.to, *mail.cc)
    files = (file.name for file in mail.attachments)
    return fold(" ".join((mail.subject, mail.new_text, *(f"{held.name} {held.email}" for held in people), *files)))


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:.1f}"


def fill(database: Database, mails: int) -> tuple[int, int]:
    rng = random.Random(1)
    with database.write() as session:
        me = create_workspace(
            session, fixed_clock(_AT), name="Bench", user_email="ana@leal.example", timezone="Europe/Madrid"
        )
        box = schema.Mailbox(workspace_id=me.workspace_id, user_id=me.user_id, email=me.email, created_at=_AT)
        session.add(box)
        session.flush()
        for n in range(_CUSTOMERS):
            save_customer(
                session, me.workspace_id, name=f"Customer {n}", aliases=[], domains=[f"c{n}.example"], arr=None, plan="",
                status="active", renewal_date=None, segment="", owner="", language="",
            )  # fmt: skip
        ids = sorted(held.id for held in list_customers(session, me.workspace_id))
        session.execute(insert(schema.HealthSnapshot), [_snapshot(ids[0], n, rng) for n in range(730)])
        mailbox_id = box.id
    vocabulary = ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(20_000)]
    for begin in range(0, mails, _BATCH):
        with database.write() as session:
            _some(session, me.workspace_id, mailbox_id, ids, vocabulary, rng, range(begin, min(begin + _BATCH, mails)))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not database.is_sqlite:  # what autovacuum does in its own time
            connection.execute(text("VACUUM ANALYZE"))
    return me.workspace_id, ids[0]


def _snapshot(customer_id: int, back: int, rng: random.Random) -> dict[str, Any]:
    return {
        "customer_id": customer_id, "day": date(2026, 6, 15) - timedelta(days=back), "score": 60.0 + 25.0 * math.sin(back / 15) + rng.random(),
        "engagement": 60.0, "sentiment": 60.0, "cause": "", "cause_mail_ids": [],
        "dimensions": {
            name: {"value": 60.0, "weight": 30.0, "parts": {part: [60.0, 0.5] for part in ("one", "two", "three")}}
            for name in ("engagement", "sentiment")
        },
    }  # fmt: skip


def _some(
    session: Session, workspace_id: int, mailbox_id: int, ids: list[int], vocabulary: list[str], rng: random.Random,
    numbers: range, *, folded: bool = True,
) -> None:  # fmt: skip
    rows: dict[type[schema.Base], list[dict[str, Any]]] = {
        schema.Mail: [], schema.Participant: [], schema.MailAttachment: [], schema.MailKeyword: [], schema.Message: [],
        schema.Link: [],
    }  # fmt: skip
    for n in numbers:
        which = 0 if rng.random() < 0.34 else rng.randrange(1, _CUSTOMERS)
        _one(rows, workspace_id, mailbox_id, ids, which, vocabulary, rng, f"mail-{n:07}")
    for model, held in rows.items():  # links last: their trigger then makes all rows of a mail at once
        if held:
            session.execute(insert(model), held)
    for n in numbers if folded else ():
        texts.put(session, session.get_one(schema.Mail, f"mail-{n:07}"))
    session.expunge_all()


def _one(
    rows: dict[type[schema.Base], list[dict[str, Any]]], workspace_id: int, mailbox_id: int, ids: list[int], which: int,
    vocabulary: list[str], rng: random.Random, mail_id: str,
) -> None:  # fmt: skip
    minutes = rng.randrange(14 * 24 * 60, _SPREAD)
    words = [vocabulary[int(len(vocabulary) * rng.random() ** 3)] for _ in range(rng.randint(40, 200))]
    words += [_RARE] * (rng.random() < 1 / 20_000) + ["wombat"] * (rng.random() < 0.4 and minutes > _SPREAD / 5)
    person = "rare" if rng.random() < 1 / 5000 else f"person{min(rng.randrange(3), rng.randrange(40))}"
    theirs, ours = f"{person}@c{which}.example", "ana@leal.example"
    inbound = rng.random() < 0.5
    sender, receiver = (theirs, ours) if inbound else (ours, theirs)
    rows[schema.Mail].append(
        {
            "id": mail_id, "workspace_id": workspace_id, "sent_at": _AT - timedelta(minutes=minutes), "has_body": True,
            "direction": "inbound" if inbound else "outbound", "sender_name": person.title(), "sender_email": sender,
            "subject": " ".join(words[:5]).title(), "snippet": " ".join(words[:20]), "new_text": " ".join(words),
            "text": " ".join(words) * 2, "html": "<p>" + " ".join(words) * 2,
            "tone": rng.choice(("positive", *["neutral"] * 7, "negative")), "tone_confidence": 0.9,
            "automatic": rng.random() < 0.1, "bulk": rng.random() < 0.05, "indexed_at": _AT,
        }
    )  # fmt: skip
    rows[schema.Participant] += [
        {"mail_id": mail_id, "kind": "from", "name": "", "email": sender},
        {"mail_id": mail_id, "kind": "to", "name": "", "email": receiver},
        {"mail_id": mail_id, "kind": "cc", "name": "", "email": f"person{rng.randrange(40)}@c{which}.example"},
    ]
    if rng.random() < 0.15:
        name = f"contract-{rng.randrange(1000)}.pdf"
        rows[schema.MailAttachment].append({"mail_id": mail_id, "name": name, "size": 1, "type": "application/pdf"})
    if rng.random() < 0.05:
        rows[schema.MailKeyword].append(
            {
                "mail_id": mail_id, "term": rng.choice(("cancel", "price")), "form": "x", "start": 0, "end": 1,
                "negated": rng.random() < 0.3, "hypothetical": False, "sentence": "",
            }
        )  # fmt: skip
    rows[schema.Message].append(
        {
            "mailbox_id": mailbox_id, "gmail_id": mail_id, "gmail_thread_id": mail_id, "mail_id": mail_id,
            "status": "stored",
        }
    )  # fmt: skip
    for customer in {which, *([rng.randrange(_CUSTOMERS)] if rng.random() < 0.03 else [])}:
        rows[schema.Link].append({"mail_id": mail_id, "customer_id": ids[customer], "rule": "domain", "detail": ""})


if __name__ == "__main__":
    main()
