"""Items made ahead: in order, bounded, with the maker's failure where its item would have come."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from ingestion.ahead import ahead


def test_in_order_and_never_more_than_the_depth_before_they_are_asked_for() -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(20):
            made.append(number)
            yield number

    most = 0
    with ahead(numbers(), 3, lambda: None) as items:
        for count, item in enumerate(items):
            assert item == count
            time.sleep(0.005)
            most = max(most, len(made) - count - 1)

    assert len(made) == 20
    assert 1 <= most <= 3 + 1  # those that lie ready, and the one that waits for a place


def test_a_failure_comes_after_what_was_made_before_it() -> None:
    def failing() -> Iterator[str]:
        yield "first"
        raise ValueError("second")

    seen: list[str] = []
    with pytest.raises(ValueError, match="second"), ahead(failing(), 3, lambda: None) as items:
        seen.extend(items)

    assert seen == ["first"]


def test_leaving_early_stops_the_maker() -> None:
    gone = threading.Event()

    def endless() -> Iterator[int]:
        number = 0
        while not gone.is_set():
            number += 1
            yield number

    before = threading.active_count()
    with pytest.raises(KeyError), ahead(endless(), 3, gone.set) as items:
        raise KeyError(next(items))

    assert gone.is_set()
    assert threading.active_count() == before
