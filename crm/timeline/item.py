"""What stands on a timeline, and a place in its order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from crm.errors import InputError
from crm.mails import StoredMail

Kind = Literal["mail", "note", "health", "alert"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_SEPARATOR = "~"


@dataclass(frozen=True, kw_only=True, order=True)
class Cursor:
    """The place of an item: entries are ordered by these three, and a page goes on below one. `at` is aware."""

    at: datetime
    kind: Kind
    id: str

    def __str__(self) -> str:
        return _SEPARATOR.join((self.at.astimezone(UTC).isoformat(timespec="microseconds"), self.kind, self.id))


@dataclass(frozen=True, kw_only=True)
class Item:
    """One entry. `at` is aware; `text` is plain text of anybody; `mail_ids` are the mails that it is about.

    A mail carries itself as `mail`, without its bodies. `author` is an address, "" when nobody wrote it.
    """

    kind: Kind
    at: datetime
    id: str
    text: str
    mail_ids: tuple[str, ...] = ()
    author: str = ""
    mail: StoredMail | None = None

    @property
    def place(self) -> Cursor:
        return Cursor(at=self.at, kind=self.kind, id=self.id)


def read_cursor(written: str) -> Cursor:
    """A cursor as `str` wrote it. Raises `InputError`."""
    at, _, rest = written.partition(_SEPARATOR)
    kind, _, id = rest.partition(_SEPARATOR)
    try:
        instant: datetime | None = datetime.fromisoformat(at)
    except ValueError:
        instant = None
    if kind not in KINDS or instant is None or instant.tzinfo is None:
        raise InputError(written, sentence="That is no place on a timeline.", next_step="Start from the first page.")
    return Cursor(at=instant, kind=kind, id=id)
