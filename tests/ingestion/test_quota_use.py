"""What a sync spends of Gmail's quota, and that Google never has to refuse it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

import pytest

from sandbox.gmail.store import Store
from tests.house import CSM, House, letter

on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
STRANGER = "Bo <bo@partner.example>"


def _bodies_asked(house: House) -> set[str]:
    """Messages asked for by their own id without a mask."""
    asked = house.requests("messages.get")
    return {entry["path"].rsplit("/", 1)[1] for entry in asked if "fields" not in parse_qs(entry["query"])}


def _conversation(house: House, count: int, *, sender: str, subject: str) -> list[str]:
    first = house.mail(letter(sender=sender, subject=subject, days_ago=9))
    rest = [
        house.mail(letter(sender=sender, subject=subject, days_ago=8 - n / 10), thread_id=first.thread_id)
        for n in range(count - 1)
    ]
    return [message.id for message in (first, *rest)]


@on_one_database
def test_google_never_refuses_a_backfill_within_its_limit(
    start_gmail: Callable[..., tuple[str, Store]], make_house: Callable[..., House]
) -> None:
    """The same limit on both sides, Google's a sliding minute. It takes three of the test clock's minutes."""
    house = make_house(*start_gmail(units_per_minute=1_000), units_per_minute=1_000)
    house.connect()
    for number in range(100):
        house.mail(letter(sender=(STRANGER, "Maria <maria@globex.example>")[number % 2], subject=f"Mail {number}"))
    begun = house.clock()

    report = house.sync()

    calls = [entry for entry in house.requests() if entry["user"]]
    assert (report.coverage["stored"], report.coverage["filtered"]) == (50, {"no_customer": 50})
    assert [entry for entry in calls if entry["status"] in (403, 429)] == []
    minutes = (house.clock() - begun).total_seconds() / 60
    # its beginning and its end are in it; tests/gmail/test_quota.py asks for 95 % in between
    assert sum(entry["units"] for entry in calls) >= 0.9 * 1_000 * minutes


@on_one_database
def test_a_conversation_is_asked_for_at_once_when_its_first_mail_is_a_customers(house: House) -> None:
    ids = _conversation(house, 5, sender="Maria <maria@globex.example>", subject="Renewal")

    report = house.sync()

    assert report.coverage["stored"] == 5
    assert len(house.subjects("Globex")) == 5
    heads = [entry for entry in house.requests("messages.get") if "fields" in parse_qs(entry["query"])]
    assert len(heads) == 1
    assert len(house.requests("threads.get")) == 1
    assert len(ids) == 5 and report.quota_units < 5 * 20 + 20


@on_one_database
def test_a_conversation_of_nobody_is_read_by_its_heads_alone(house: House) -> None:
    ids = _conversation(house, 5, sender=STRANGER, subject="Lunch")

    report = house.sync()

    assert report.coverage["filtered"] == {"no_customer": 5}
    assert _bodies_asked(house) == set()
    assert house.requests("threads.get") == []
    assert len(house.requests("messages.get")) == len(ids)


@on_one_database
def test_an_answer_in_a_known_conversation_costs_one_get(house: House) -> None:
    first = house.mail(letter(subject="Renewal", days_ago=2))
    house.sync()
    house.clear_log()

    answer = house.mail(letter(sender=STRANGER, subject="Re: Renewal", days_ago=1), thread_id=first.thread_id)
    house.sync()

    assert [entry["path"].rsplit("/", 1)[1] for entry in house.requests("messages.get")] == [answer.id]
    assert _bodies_asked(house) == {answer.id}
    assert len(house.subjects("Globex")) == 2


@on_one_database
def test_a_thread_that_fails_as_a_whole_is_read_mail_by_mail(house: House) -> None:
    _conversation(house, 5, sender="Maria <maria@globex.example>", subject="Renewal")
    house.fault("status", "threads.get", status=500, times=1000)

    assert house.sync().coverage["stored"] == 5


@on_one_database
def test_with_a_never_log_list_every_head_is_seen_before_a_body(house: House) -> None:
    from crm.never_log import add_entry

    with house.app.database.write() as session:
        add_entry(session, house.clock, house.me, "bo@partner.example")
    ids = _conversation(house, 4, sender="Maria <maria@globex.example>", subject="Renewal")
    thread = house.store.mailbox(CSM).messages[ids[0]].thread_id
    barred = house.mail(letter(sender=STRANGER, subject="Renewal", days_ago=1), thread_id=thread)

    report = house.sync()

    assert report.coverage["stored"] == 4
    assert barred.id not in _bodies_asked(house)
    assert house.requests("threads.get") == []
