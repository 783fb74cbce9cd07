"""Page tokens that stay right while the mailbox changes: they name the last entry shown, not a position."""

from collections.abc import Iterator
from itertools import islice

from sandbox.gmail.call import Params
from sandbox.gmail.errors import ApiError, invalid_argument
from sandbox.gmail.message import Key, Message

# Gmail only ever estimates; with more to come it says this.
MANY = 201
# Before the newest message there can be.
START = str((1 << 63) << 64)


def page_token(key: Key) -> str:
    return str(key[0] << 64 | int(key[1], 16))


def key_of(params: Params) -> Key | None:
    """Where the page begins. Raises an ApiError for a token that was never handed out."""
    token = params.text("pageToken")
    if not token:
        return None
    if not token.isdecimal():
        raise invalid_page_token()
    return int(token) >> 64, f"{int(token) & (1 << 64) - 1:016x}"


def take(found: Iterator[Message], size: int) -> tuple[list[Message], bool]:
    """Up to `size` messages, and whether there are more."""
    page = list(islice(found, size + 1))
    return page[:size], len(page) > size


def invalid_page_token() -> ApiError:
    return invalid_argument("Invalid pageToken", reason="invalidArgument", location="pageToken")
