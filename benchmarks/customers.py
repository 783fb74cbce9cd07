"""How fast the pages of customers are read: python -m benchmarks.customers [--customers N] [--mails M] [--database URL].

A store of N customers with M mails each, spread over 180 days, and a snapshot of 91 days of each (drawn, not
computed: what is measured is reading). Each figure is the median of
the runs, beside the plain way (assess everybody at every look) in the same run.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import insert

from benchmarks.health import _AT, _fill
from crm import schema
from crm.customer_list import Order, matching, page_of
from crm.customers import list_customers
from crm.database import Database
from crm.health.assess import assess, assess_contact
from crm.health.history import snapshots
from crm.health.owed import owed
from crm.last_contact import last_contacts_of_people
from crm.mails import MailFilter, list_mails
from crm.notes import notes_of

_ORDERS: tuple[Order, ...] = ("name", "health", "arr", "renewal", "silence")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.customers", description=__doc__)
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--mails", type=int, default=100, help="of each customer")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument(
        "--database", default="", help="an empty database's URL; SQLite in a temporary folder by default"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(chosen.database or f"sqlite:///{Path(folder) / 'customers.db'}")
        database.migrate()
        workspace_id = _fill(database, chosen.customers, chosen.mails)
        _tell("no snapshots yet, by name", lambda: _page(database, workspace_id, "name"), 3)
        _keep(database, workspace_id)
        for order in _ORDERS:
            _tell(f"list by {order}", partial(_page, database, workspace_id, order), chosen.runs)
        _tell("search", lambda: _page(database, workspace_id, "name", "77"), chosen.runs)
        _tell("one customer", lambda: _customer(database, workspace_id), chosen.runs)
        _tell("the plain way: everybody", lambda: _plain(database, workspace_id), 1)
        database.close()


def _keep(database: Database, workspace_id: int) -> None:
    rng = random.Random(3)
    parts = {"turns": [80.0, 0.5], "recency": [60.0, 0.5]}
    dimensions = {"engagement": {"value": 70.0, "weight": 0.75, "parts": parts}}
    with database.write() as session:
        for held in list_customers(session, workspace_id):
            rows = [
                {
                    "customer_id": held.id, "day": _AT.date() - timedelta(days=n), "score": round(rng.uniform(0, 100), 1),
                    "dimensions": dimensions, "computed_at": _AT,
                }
                for n in range(91)
            ]  # fmt: skip
            session.execute(insert(schema.HealthSnapshot), rows)


def _tell(name: str, look: Callable[[], int], runs: int) -> None:
    took, busy, seen = [], [], 0
    for _ in range(runs):
        began, worked = time.perf_counter(), time.process_time()
        seen = look()
        took.append(time.perf_counter() - began)
        busy.append(time.process_time() - worked)
    median, processor = (1e3 * statistics.median(held) for held in (took, busy))
    print(f"{name}: {median:.0f} ms, {processor:.0f} ms of processor time, {seen} rows", flush=True)


def _page(database: Database, workspace_id: int, order: Order, wanted: str = "") -> int:
    with database.read() as session:
        found = matching(list_customers(session, workspace_id), wanted)
        return len(page_of(session, workspace_id, found, order, 1, _AT))


def _customer(database: Database, workspace_id: int) -> int:
    """What the page of a customer reads, apart from its timeline."""
    with database.read() as session:
        held = list_customers(session, workspace_id)[0]
        assess(session, workspace_id, held, _AT)
        for contact in held.contacts:
            assess_contact(session, workspace_id, held, contact, _AT)
        last_contacts_of_people(session, workspace_id, held.id, [contact.email for contact in held.contacts])
        notes_of(session, workspace_id, held.id)
        return len(snapshots(session, held.id))


def _plain(database: Database, workspace_id: int) -> int:
    """Every customer's health, newest mail and open turns, as before."""
    with database.read() as session:
        customers = list_customers(session, workspace_id)
        for held in customers:
            theirs = MailFilter(customer_ids=[held.id])
            list_mails(session, workspace_id, theirs, newest_first=True, limit=1)
            owed(session, workspace_id, assess(session, workspace_id, held, _AT).responses, _AT)
        return len(customers)


if __name__ == "__main__":
    main()
