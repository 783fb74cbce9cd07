"""The store equals the mailbox, whatever happens on the way (docs/reliability.md)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.ingestion.breaking import Breakable, breakable
from tests.ingestion.machine import Mailboxes

FIRST_SEED = int(os.environ.get("LEALUP_PROPERTY_FIRST_SEED", "1"))
SEEDS = int(os.environ.get("LEALUP_PROPERTY_SEEDS", "4"))
EXAMPLES = int(os.environ.get("LEALUP_PROPERTY_EXAMPLES", "250"))  # of each seed


@pytest.fixture(scope="module")
def house(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Breakable]:
    with breakable(migrated_file, tmp_path_factory.mktemp("breakable")) as made:
        yield made


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("number", range(FIRST_SEED, FIRST_SEED + SEEDS))
def test_the_store_equals_the_mailbox(house: Breakable, number: int) -> None:
    Mailboxes.house = house
    run_state_machine_as_test(
        seed(number)(Mailboxes),
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=6, deadline=None, suppress_health_check=list(HealthCheck),
            database=None, report_multiple_bugs=False, phases=[Phase.generate, Phase.shrink],
        ),
    )  # fmt: skip
