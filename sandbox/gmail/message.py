"""One stored mail."""

from dataclasses import dataclass, field

from sandbox.gmail.searchable import Searchable

Key = tuple[int, str]


@dataclass(slots=True, kw_only=True)
class Message:
    """A mail in one mailbox. `internal_date` in Unix milliseconds; only labels, thread and history id ever change."""

    id: str
    thread_id: str
    raw: bytes
    labels: frozenset[str]
    internal_date: int
    history_id: int
    rfc_id: str
    _searchable: Searchable | None = field(default=None, repr=False, compare=False)

    @property
    def key(self) -> Key:
        """The order of a mailbox: by date, then id."""
        return (self.internal_date, self.id)

    @property
    def searchable(self) -> Searchable:
        # Parsed on the first search only: a mailbox of 100,000 mails has to load fast.
        if self._searchable is None:
            self._searchable = Searchable(self.raw)
        return self._searchable
