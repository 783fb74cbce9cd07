"""What it costs to keep health up to date: python -m benchmarks.health [--customers N] [--mails M] [--database URL].

A store of N customers with M mails each, spread over 180 days. Measured, each beside the same work done the plain way
(assess everybody anew), in the same run:

- the first refresh, which computes 91 days of every customer;
- one new mail: the refresh touches one customer;
- a new day: every customer, one or two days each;
- what a reader notices: the list of customers read while another process runs the first refresh, as the worker does,
  beside the same reads when nothing runs (median and p95).
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from crm import schema
from crm.clock import fixed_clock
from crm.customers import list_customers, save_contact, save_customer
from crm.database import Database
from crm.health.assess import assess_all
from crm.identity import Principal, create_workspace
from crm.refresh import Refresher

_AT = datetime(2026, 6, 15, 12, tzinfo=UTC)
_SPREAD = 180 * 24 * 60  # minutes
_TONES = ("positive", "neutral", "neutral", "negative")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.health", description=__doc__)
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--mails", type=int, default=100, help="of each customer")
    parser.add_argument(
        "--database", default="", help="an empty database's URL; SQLite in a temporary folder by default"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(chosen.database or f"sqlite:///{Path(folder) / 'health.db'}")
        database.migrate()
        workspace_id = _fill(database, chosen.customers, chosen.mails)
        _measure(database, workspace_id, chosen.customers)
        database.close()


def _measure(database: Database, workspace_id: int, customers: int) -> None:
    idle = _reads(database, workspace_id, lambda: False, least=50)
    context = multiprocessing.get_context("spawn")
    told = context.SimpleQueue()
    worker = context.Process(target=_worker, args=(database.url, told))
    worker.start()
    busy = _reads(database, workspace_id, worker.is_alive, least=0)
    worker.join()
    seconds, days = told.get()
    print(f"first refresh: {seconds:.1f} s, {days} days of {customers} customers, {1e3 * seconds / days:.2f} ms a day")
    print(f"reads when idle: {_told(idle)}; while it ran: {_told(busy)}, {len(busy)} reads")
    with database.read() as session:
        began = time.perf_counter()
        assess_all(session, workspace_id, _AT)
        everybody = time.perf_counter() - began
    print(f"everybody assessed anew, today alone: {everybody:.2f} s")
    with database.write() as session:
        _mails(session, workspace_id, 1, [1], random.Random(2), first=10_000_000, spread=60)
    seconds, days = _refresh(database, _AT)
    print(
        f"one new mail: {1e3 * seconds:.0f} ms, {days} days of 1 customer; {everybody / seconds:.0f}× less than everybody"
    )
    seconds, days = _refresh(database, _AT + timedelta(days=1))
    print(f"a new day: {seconds:.1f} s, {days} days; {seconds / everybody:.1f}× everybody assessed once")


def _worker(url: str, told: Any) -> None:
    database = Database(url)
    told.put(_refresh(database, _AT))
    database.close()


def _refresh(database: Database, at: datetime) -> tuple[float, int]:
    began = time.perf_counter()
    done = Refresher(database, fixed_clock(at)).run()
    return time.perf_counter() - began, done.days


def _reads(database: Database, workspace_id: int, going: Callable[[], bool], *, least: int) -> list[float]:
    """Seconds of each read of the newest scores, as the list of customers shows them."""
    found: list[float] = []
    row = schema.HealthSnapshot
    while len(found) < least or going():
        began = time.perf_counter()
        with database.read() as session:
            session.execute(select(row.customer_id, func.max(row.day)).group_by(row.customer_id)).all()
            session.execute(
                select(schema.Customer.id, schema.Customer.name).where(schema.Customer.workspace_id == workspace_id)
            ).all()
        found.append(time.perf_counter() - began)
        time.sleep(0.02)
    return found


def _told(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return (
        f"median {1e3 * statistics.median(ordered):.1f} ms, p95 {1e3 * ordered[int(0.95 * (len(ordered) - 1))]:.1f} ms"
    )


def _fill(database: Database, customers: int, mails: int) -> int:
    rng = random.Random(1)
    with database.write() as session:
        principal = create_workspace(
            session, fixed_clock(_AT), name="Bench", user_email="ana@leal.example", timezone="Europe/Madrid"
        )
        mailbox_id = _mailbox(session, principal)
        for n in range(customers):
            held = save_customer(
                session, principal.workspace_id, name=f"Customer {n}", aliases=[], domains=[f"c{n}.example"], arr=None,
                plan="", status="active", renewal_date=None, segment="", owner="", language="",
            )  # fmt: skip
            save_contact(
                session, held, principal.workspace_id, name="Maria", email=f"maria@c{n}.example", role="Champion"
            )
        ids = [held.id for held in list_customers(session, principal.workspace_id)]
        session.expunge_all()
        for begin in range(0, len(ids), 50):
            _mails(
                session, principal.workspace_id, mailbox_id, ids[begin : begin + 50] * mails, rng, first=begin * mails
            )
    return principal.workspace_id


def _mailbox(session: Session, principal: Principal) -> int:
    box = schema.Mailbox(
        workspace_id=principal.workspace_id, user_id=principal.user_id, email=principal.email, created_at=_AT
    )
    session.add(box)
    session.flush()
    return box.id


def _mails(
    session: Session,
    workspace_id: int,
    mailbox_id: int,
    customer_ids: list[int],
    rng: random.Random,
    *,
    first: int,
    spread: int = _SPREAD,
) -> None:
    """One mail for every customer named, at any of the last `spread` minutes; about four of a customer's share a thread."""
    mails, links, copies = [], [], []
    for n, customer_id in enumerate(customer_ids, first):
        ours, mail_id = rng.random() < 0.5, f"mail-{n}"
        mails.append(
            {
                "id": mail_id, "workspace_id": workspace_id, "sent_at": _AT - timedelta(minutes=rng.randrange(1, spread)),
                "has_body": True, "direction": "outbound" if ours else "inbound",
                "sender_email": "ana@leal.example" if ours else f"maria@c{customer_id}.example",
                "tone": rng.choice(_TONES), "tone_confidence": 0.9,
            }
        )  # fmt: skip
        links.append({"mail_id": mail_id, "customer_id": customer_id, "rule": "domain", "detail": ""})
        copies.append(
            {
                "mailbox_id": mailbox_id, "gmail_id": mail_id, "gmail_thread_id": f"{customer_id}/{rng.randrange(25)}",
                "mail_id": mail_id, "status": "stored",
            }
        )  # fmt: skip
    session.execute(insert(schema.Mail), mails)
    session.execute(insert(schema.Message), copies)
    session.execute(insert(schema.Link), links)


if __name__ == "__main__":
    main()
