"""Checkpoints: several processes may start on a fresh database at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.checkpoints import close_checkpoints, open_checkpoints


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_processes_that_start_at_once_find_the_tables(empty_url: str, tmp_path: Path) -> None:
    """LangGraph's own setup, run four times at once, fails with a UniqueViolation in three of them."""
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: open_checkpoints(empty_url, tmp_path), range(4)))

    assert all(next(saver.list(None), None) is None for saver in opened)
    for saver in opened:
        close_checkpoints(saver)
