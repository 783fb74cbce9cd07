"""Two processes that start at once on one home share one index server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from wiring.chroma import running_server, serving


def test_of_two_that_start_at_once_both_get_the_index(tmp_path: Path) -> None:
    started, done = Barrier(2), Barrier(2)

    def one() -> str:
        started.wait(10)
        with serving(tmp_path, ""):
            found = running_server(tmp_path)
            done.wait(60)
        return found

    with ThreadPoolExecutor(2) as pool:
        first, second = (future.result() for future in [pool.submit(one), pool.submit(one)])
    assert first == second != ""
