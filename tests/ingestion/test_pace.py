"""How long the reading still takes: told from what fetching really costs, and from the pace of the sync that runs."""

from __future__ import annotations

import pytest

from crm.never_log import add_entry
from gmail.quota import COSTS, Project
from ingestion.pace import Budget
from ingestion.status import status_of
from tests.house import House, letter

on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
STRANGER = "Bo <bo@partner.example>"
PROJECTS = pytest.mark.parametrize(("project", "limit"), [("new", 600), ("old", 1_500)])


def _conversations(house: House, count: int, *, first_day: int) -> None:
    """Two of three are a customer's, of four mails each; the third is nobody's."""
    for number in range(count):
        sender = STRANGER if number % 3 == 2 else "Maria <maria@globex.example>"
        days_ago = first_day - number / count
        first = house.mail(letter(sender=sender, subject=f"Talk {first_day} {number}", days_ago=days_ago))
        for answer in range(3):
            subject = f"Re: Talk {first_day} {number} {answer}"
            house.mail(letter(sender=sender, subject=subject, days_ago=days_ago - 0.01), thread_id=first.thread_id)


def _eta(house: House, budget: Budget) -> tuple[int, int | None]:
    """(what waits, seconds left)"""
    with house.app.database.read() as session:
        found = status_of(session, house.me, house.clock(), budget)[0]
    return found["coverage"]["pending"], found["eta"]


@on_one_database
@PROJECTS
def test_before_anything_is_read_it_is_the_most_that_mails_can_cost(house: House, project: Project, limit: int) -> None:
    budget = Budget(units_per_minute=limit, costs=COSTS[project])
    _conversations(house, 9, first_day=30)
    seen = []

    house.sync(progress=lambda _: seen.append(_eta(house, budget)))

    assert seen[0] == (36, round(36 * 2 * COSTS[project]["get"] * 60 / limit))
    assert _eta(house, budget) == (0, None)


@on_one_database
@PROJECTS
@pytest.mark.parametrize("barred", [False, True])
def test_later_it_is_what_such_mails_have_cost_here(
    house: House, project: Project, limit: int, *, barred: bool
) -> None:
    """As many units as the next sync then really spends, whether or not every head must be seen first."""
    if barred:
        with house.app.database.write() as session:
            add_entry(session, house.clock, house.me, "eve@nowhere.example")
    _conversations(house, 9, first_day=60)
    house.sync()
    _conversations(house, 9, first_day=30)
    budget, seen = Budget(units_per_minute=limit, costs=COSTS[project]), []

    house.clear_log()
    house.sync(progress=lambda _: seen.append(_eta(house, budget)))

    asked = [len(house.requests(f"{kind}.get")) for kind in ("messages", "threads")]
    spent = asked[0] * COSTS[project]["get"] + asked[1] * COSTS[project]["threads.get"]
    waiting, eta = next(found for found in seen if found[0] == 36)
    # a batch of 25 cuts one conversation in two
    assert eta == pytest.approx(spent * 60 / limit, rel=0.15), (waiting, asked)


@on_one_database
def test_a_sync_that_runs_tells_by_its_own_pace(house: House) -> None:
    """Whatever slows it down: here each look takes a second, and the quota would allow a thousand times more."""
    budget = Budget(units_per_minute=10**9)
    _conversations(house, 30, first_day=60)
    seen: list[tuple[int, int | None]] = []
    began = house.clock()
    at = []

    def look(_: object) -> None:
        house.clock.advance(seconds=6)
        seen.append(_eta(house, budget))
        at.append((house.clock() - began).total_seconds())

    house.sync(progress=look)

    ended = at[next(n for n, (waiting, _) in enumerate(seen) if not waiting and n > 1)]
    measured = [(n, eta) for n, (waiting, eta) in enumerate(seen) if 0 < waiting <= 70 and eta is not None]
    assert len(measured) >= 2
    for n, eta in measured:
        assert eta == pytest.approx(ended - at[n], abs=8)


@on_one_database
def test_a_handful_of_new_mails_is_not_told_by_the_pace_of_an_old_backfill(house: House) -> None:
    budget = Budget(units_per_minute=6_000)
    _conversations(house, 15, first_day=60)
    house.sync()
    house.clock.advance(hours=5)
    house.mail(letter(subject="New", days_ago=0))
    seen = []

    house.sync(progress=lambda _: seen.append(_eta(house, budget)))

    assert [eta for waiting, eta in seen if waiting == 1] != []
    assert all(eta is not None and eta <= 1 for waiting, eta in seen if waiting == 1)
