"""Who counts as alive: by its beat, and on this machine by its process."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crm.database import Database
from ingestion.heartbeat import DEAD_AFTER, Heartbeat, last_beat, living_workers
from ingestion.mailboxes import LEASE
from ingestion.processes import is_gone, new_name
from tests.house import MovableClock


@pytest.fixture
def heart(database: Database, clock: MovableClock) -> Heartbeat:
    return Heartbeat(database=database, clock=clock, name=new_name())


def test_a_worker_lives_while_it_beats(heart: Heartbeat, clock: MovableClock) -> None:
    heart.beat()
    clock.advance(seconds=DEAD_AFTER.total_seconds() - 1)
    assert heart.living() == {heart.name}
    heart.beat()
    clock.advance(seconds=DEAD_AFTER.total_seconds() - 1)
    assert heart.living() == {heart.name}
    clock.advance(seconds=2)
    assert heart.living() == set()


def test_another_worker_is_told_apart(heart: Heartbeat, clock: MovableClock) -> None:
    other = replace(heart, name=new_name())
    heart.beat()
    clock.advance(seconds=30)
    other.beat()
    clock.advance(seconds=20)
    assert heart.living() == {other.name}
    heart.beat()  # it was only paused
    assert heart.living() == {heart.name, other.name}
    other.leave()
    assert heart.living() == {heart.name}


def test_one_whose_process_is_gone_is_dead_at_once(heart: Heartbeat) -> None:
    replace(heart, name=_name_of_a_process_that_ended()).beat()
    assert heart.living() == set()


def test_the_dead_are_remembered_for_a_day(heart: Heartbeat, database: Database, clock: MovableClock) -> None:
    replace(heart, name="elsewhere/1:7:00000000").beat()
    seen = clock()
    clock.advance(hours=23)
    heart.beat()
    heart.leave()
    with database.read() as session:
        assert (last_beat(session), living_workers(session, clock())) == (seen, set())
    clock.advance(hours=2)
    heart.beat()
    heart.leave()
    with database.read() as session:
        assert last_beat(session) is None


def test_what_a_dead_worker_held_is_free_when_it_is_taken_over() -> None:
    assert LEASE + timedelta(seconds=5) < DEAD_AFTER


def test_only_a_process_of_this_machine_can_be_seen_to_be_gone() -> None:
    ours = new_name()
    assert not is_gone(ours)
    assert is_gone(_name_of_a_process_that_ended())
    assert not is_gone("elsewhere/1:999999:00000000")
    assert not is_gone("")
    assert ours.split(":")[1] == str(os.getpid())
    assert len({new_name() for _ in range(100)}) == 100


def _name_of_a_process_that_ended() -> str:
    script = "from ingestion.processes import new_name; print(new_name())"
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True, cwd=root
    ).stdout.strip()
