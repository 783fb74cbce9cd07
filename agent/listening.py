"""Listening to a model: in a thread of its own, so that whoever waits can stop at once, whatever the connection does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import TypeVar

from agent.limits import OutOfTime
from crm.errors import AnswerStopped

_Item = TypeVar("_Item")
_LOOK = 0.1  # seconds between two looks at the clock and at whether anybody still waits


def listen(
    start: Callable[[], Iterator[_Item]],
    into: list[_Item],
    *,
    deadline: float,
    cancelled: threading.Event,
    pulse: Callable[[], None],
) -> None:
    """Put everything that `start()` yields into a list. `deadline` is a `time.monotonic`; `pulse` is called in silences.

    Raises `AnswerStopped` once cancelled, `OutOfTime` at the deadline, and what `start` or its iterator raises. The thread is
    left to end by itself: at the next item, or when the connection times out.
    """
    heard: SimpleQueue[tuple[_Item | None, BaseException | None]] = SimpleQueue()
    left = threading.Event()

    def run() -> None:
        try:
            for item in start():
                if left.is_set():
                    return
                heard.put((item, None))
            heard.put((None, None))
        except BaseException as error:  # noqa: BLE001 (raised below, in the thread that waits)
            heard.put((None, error))

    threading.Thread(target=copy_context().run, args=(run,), name="model", daemon=True).start()
    try:
        while True:
            if cancelled.is_set():
                raise AnswerStopped("cancelled")
            if time.monotonic() > deadline:
                raise OutOfTime
            try:
                item, error = heard.get(timeout=_LOOK)
            except Empty:
                pulse()
                continue
            if error is not None:
                raise error
            if item is None:
                return
            into.append(item)
    finally:
        left.set()
