"""Making the next things while the last ones are worked on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from queue import Full, Queue
from typing import TypeVar

ItemT = TypeVar("ItemT")
_GLANCE = 0.1  # seconds
_FAREWELL = 5.0  # seconds; a request that hangs for longer is left to its own time limit


@contextmanager
def ahead(made: Iterable[ItemT], depth: int, abandon: Callable[[], None]) -> Iterator[Iterator[ItemT]]:
    """The items of `made`, in order, made in a thread of their own; at most `depth` lie ready, so memory is bounded.

    What `made` raises is raised where its item would have come. When the block ends by an exception, `abandon()` is
    called, which should make `made` stop soon.
    """
    ready: Queue[tuple[ItemT | None, BaseException | None]] = Queue(depth)
    over = threading.Event()

    def put(item: ItemT | None, error: BaseException | None) -> None:
        while not over.is_set():
            try:
                ready.put((item, error), timeout=_GLANCE)
            except Full:
                continue
            return

    def work() -> None:
        try:
            for item in made:
                put(item, None)
                if over.is_set():
                    return
            put(None, None)
        except BaseException as error:  # noqa: BLE001 – it is raised again in the thread that waits for the item
            put(None, error)

    def taken() -> Iterator[ItemT]:
        while True:
            item, error = ready.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item

    maker = threading.Thread(target=copy_context().run, args=(work,), name="gmail-ahead", daemon=True)
    maker.start()
    try:
        yield taken()
    except BaseException:
        abandon()
        raise
    finally:
        over.set()
        maker.join(timeout=_FAREWELL)
