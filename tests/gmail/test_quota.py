"""The bucket against Google's own rule: no sixty seconds hold more than the limit, and hardly any hold less."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmail.quota import COSTS, IN_FLIGHT, Stopped, TokenBucket

METHODS = sorted(COSTS["new"])


class Time:
    """A clock that moves by being slept on; `spends` is (when Google charged it, units)."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept = 0.0
        self.spends: list[tuple[float, int]] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds

    def bucket(self, limit: int, project: str = "new") -> TokenBucket:
        costs = COSTS["old" if project == "old" else "new"]
        return TokenBucket(limit, costs=costs, monotonic=self.monotonic, sleep=self.sleep)


def worst_minute(spends: list[tuple[float, int]]) -> int:
    """The most units that any sixty seconds hold, by the rule of the sandbox's limiter."""
    window: deque[tuple[float, int]] = deque()
    total = worst = 0
    for at, units in sorted(spends):
        while window and window[0][0] <= at - 60.0:
            total -= window.popleft()[1]
        window.append((at, units))
        total += units
        worst = max(worst, total)
    return worst


@settings(max_examples=150, deadline=None)
@given(
    limit=st.integers(200, 20_000),
    project=st.sampled_from(["new", "old"]),
    seed=st.integers(0, 10**6),
    slowest=st.floats(0.0, 20.0),
)
def test_no_minute_holds_more_than_the_limit(limit: int, project: str, seed: int, slowest: float) -> None:
    """Any mixture of calls, requests that take any time, idle spells, and Google charging at any moment under way."""
    time, rng = Time(), Random(seed)
    bucket = time.bucket(limit, project)
    costs = COSTS["old" if project == "old" else "new"]
    for _ in range(120):
        method = rng.choice(METHODS)
        calls = rng.randint(1, bucket.calls_at_once(method, 25))
        with bucket.spend(method, calls):
            taken = rng.uniform(0.0, slowest) ** 2 / max(slowest, 1e-9)
            time.spends.append((time.now + rng.uniform(0, taken), min(limit, costs[method] * calls)))
            time.now += taken
        time.now += rng.choice([0.0, 0.0, 0.0, rng.uniform(0, 90)])

    assert worst_minute(time.spends) <= limit


@pytest.mark.parametrize(("limit", "project"), [(6_000, "new"), (15_000, "old"), (3_000, "new"), (1_000, "new")])
def test_a_backfill_spends_at_least_95_percent(limit: int, project: str) -> None:
    """Batches of gets as the gateway makes them, each answered after 0.4 s, a listing in between now and then."""
    time = Time()
    bucket = time.bucket(limit, project)
    size, begun = bucket.calls_at_once("get", 25), time.now
    number = 0
    while time.now < begun + 600:
        number += 1
        method, calls = ("list", 1) if number % 40 == 0 else ("get", size)
        with bucket.spend(method, calls):
            time.spends.append((time.now, COSTS["old" if project == "old" else "new"][method] * calls))
            time.now += 0.4 if limit < 15_000 else 0.1  # one after the other: the pool of five is the gateway's

    inside = sum(units for at, units in time.spends if begun <= at < begun + 600)
    assert inside >= 0.95 * limit * 10
    assert worst_minute(time.spends) <= limit


def test_spends_are_spread_over_the_minute() -> None:
    time = Time()
    bucket = time.bucket(6_000)
    for _ in range(60):
        with bucket.spend("get", 5):
            time.spends.append((time.now, 100))

    assert max(sum(units for at, units in time.spends if start <= at < start + 1) for start in range(1000, 1055)) <= 320


def test_a_pause_holds_everybody_and_is_no_longer_than_asked() -> None:
    time = Time()
    bucket = time.bucket(6_000)
    bucket.pause(7.0)
    bucket.pause(3.0)  # the longer one counts

    with bucket.spend("getProfile"):
        assert 1007.0 <= time.now < 1007.1
    with bucket.spend("getProfile"):
        assert time.now < 1007.1


def test_more_than_a_whole_minute_goes_out_alone() -> None:
    time = Time()
    bucket = time.bucket(60)
    with bucket.spend("getProfile"):
        pass
    with bucket.spend("send"):
        assert time.now >= 1060.0


def test_whoever_has_gone_spends_nothing() -> None:
    time = Time()
    bucket = time.bucket(6_000)
    bucket.pause(60.0)

    with pytest.raises(Stopped), bucket.spend("get", stopped=lambda: time.slept > 2):
        raise AssertionError("spent")

    assert bucket.spent == 0
    assert time.slept < 4


def test_at_most_five_are_under_way() -> None:
    bucket = TokenBucket(1_000_000)
    go, lock = threading.Event(), threading.Lock()
    inside = most = 0

    def work() -> None:
        nonlocal inside, most
        with bucket.spend("getProfile"):
            with lock:
                inside += 1
                most = max(most, inside)
            go.wait(5)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    while inside < IN_FLIGHT:
        pass
    go.wait(0.05)
    assert inside == IN_FLIGHT
    go.set()
    for thread in threads:
        thread.join(5)
    assert (most, inside, bucket.spent) == (IN_FLIGHT, 0, 12)


def test_whoever_stands_behind_others_in_a_pause_may_give_up_too() -> None:
    """Five wait out the pause with the five slots; a sixth must not have to wait as long."""
    bucket = TokenBucket(6_000)
    bucket.pause(3_600)
    over = threading.Event()

    def wait() -> None:
        with contextlib.suppress(Stopped), bucket.spend("get", stopped=over.is_set):
            raise AssertionError("spent")

    threads = [threading.Thread(target=wait) for _ in range(IN_FLIGHT)]
    for thread in threads:
        thread.start()
    given_up = time.monotonic() + 0.3
    with pytest.raises(Stopped), bucket.spend("send", stopped=lambda: time.monotonic() > given_up):
        raise AssertionError("spent")
    over.set()
    for thread in threads:
        thread.join(5)

    assert time.monotonic() < given_up + 10
    assert not any(thread.is_alive() for thread in threads)
    assert bucket.spent == 0


def test_batches_are_small_where_the_limit_is() -> None:
    assert TokenBucket(6_000).calls_at_once("get", 25) == 6
    assert TokenBucket(15_000, costs=COSTS["old"]).calls_at_once("get", 25) == 25
    assert TokenBucket(100).calls_at_once("get", 25) == 1
