"""Long lists in bounded pieces: a statement takes 32,766 variables on SQLite and 65,535 on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

SLICE = 500
_Item = TypeVar("_Item")


def slices(items: Iterable[_Item], size: int = SLICE) -> Iterator[list[_Item]]:
    """The items in order, in lists of up to `size`; nothing for no items."""
    rest = iter(items)
    while piece := list(islice(rest, size)):
        yield piece
