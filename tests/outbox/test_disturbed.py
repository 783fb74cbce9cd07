"""A slice of `lealup bench sending`: real processes, kill -9, a network that breaks, and who never approved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.sends.kinds import KINDS, Kind
from benchmarks.sends.tally import race
from benchmarks.sends.world import World, built_world
from crm import schema

pytestmark = pytest.mark.skipif("not hasattr(__import__('os'), 'fork')", reason="needs fork")


@pytest.fixture
def world(empty_url: str, tmp_path: Path) -> Iterator[World]:
    with built_world(tmp_path / "home", "" if empty_url.startswith("sqlite") else empty_url) as built:
        yield built


def named(*words: str) -> tuple[Kind, ...]:
    found = tuple(kind for kind in KINDS if any(word in kind.name for word in words))
    assert len(found) >= len(words)
    return found


def test_every_kind_of_fault_once(world: World, empty_url: str) -> None:
    kinds = KINDS if empty_url.startswith("sqlite") else KINDS[::2]  # the whole, on both, is the benchmark's

    result = race(world, len(kinds), seed=7, kinds=kinds)

    assert result.faults == ()
    assert {run.kind.name for run in result.outcomes} == {kind.name for kind in kinds}
    assert sum(len(run.mails) for run in result.outcomes) >= len(kinds) // 3
    assert any(run.status == "uncertain" for run in result.outcomes)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_sender_that_does_not_claim_is_found_out(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judge is no rubber stamp: without the condition on the status, what was sent is sent again."""

    def send_whatever(self: object, draft_id: str, sha256: str) -> object:
        with self._database.write() as session:  # type: ignore[attr-defined]
            row = session.get_one(schema.Draft, draft_id)
            row.status = "sending"
            return row, session.get_one(schema.Mailbox, row.mailbox_id)

    monkeypatch.setattr("outbox.sender.Sender._claim", send_whatever)  # the processes are forked, so they have it too
    with built_world(tmp_path / "home") as world:
        kinds = named("double click", "two senders", "other bytes")
        result = race(world, 6, seed=1, kinds=kinds)

    assert any("sent twice" in fault for fault in result.faults)
    assert any("sent without an approval" in fault for fault in result.faults)
