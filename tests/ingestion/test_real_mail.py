"""Real mail through the real sync: every message is accounted for, and none that can be read is quarantined."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm import schema
from sandbox.gmail import feed
from sandbox.gmail.store import Store
from tests.house import CSM, House, balanced

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
# (folder, customers by domain, the moment of the sync: just after the newest mails, a year back)
CORPORA = [
    ("enron/allen-p", {"Aol": "aol.com", "Enron": "enron.com"}, datetime(2001, 12, 31, tzinfo=UTC)),
    ("enron/arora-h", {"Enron": "enron.com", "Caiso": "caiso.com"}, datetime(2002, 3, 1, tzinfo=UTC)),
    ("spamassassin", {"Kluge": "kluge.net", "Ximian": "ximian.com"}, datetime(2002, 12, 31, tzinfo=UTC)),
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("folder", "customers", "now"), CORPORA, ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_message_is_accounted_for(
    start_gmail: Callable[..., tuple[str, Store]],
    make_house: Callable[..., House],
    folder: str,
    customers: dict[str, str],
    now: datetime,
) -> None:
    if not (DATA / folder).is_dir():
        pytest.skip(f"the corpus {folder} is not on this machine")
    house = make_house(*start_gmail())
    house.clock.instant = now
    for name, domain in customers.items():
        house.customer(name, domains=[domain])
    house.connect()
    box = house.store.mailbox(CSM)
    house.store.load(CSM, feed.read(DATA / folder))
    start = (now.timestamp() - 365 * 86_400) * 1000
    inside = {message.id for message in box.newest_first(since_ms=int(start)) if not message.labels & {"SPAM", "TRASH"}}

    report = house.sync(days=365)

    found = report.coverage
    assert balanced(found)
    assert found["listed"] == len(inside) > 100
    assert (found["pending"], found["quarantined"]) == (0, 0)
    assert found["stored"] > 0
    with house.app.database.read() as session:
        known = set(session.scalars(select(schema.Message.gmail_id)))
        bodies = session.scalar(select(func.count()).select_from(schema.Mail).where(schema.Mail.has_body))
        empty = session.scalars(
            select(schema.Mail.subject).where(schema.Mail.has_body, schema.Mail.text == "", schema.Mail.html == "")
        ).all()
    assert known == inside
    assert bodies == len(house.app.vectors.ids(house.me.workspace_id))
    assert empty == [], "a stored mail without any text"
