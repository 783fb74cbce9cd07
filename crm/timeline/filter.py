"""Which entries of a timeline are wanted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crm.folding import UNSTORABLE, fold
from crm.mails import Direction
from crm.timeline.item import KINDS, Kind

_WORDS = 50
Automatic = Literal["shown", "hidden", "only"]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Every condition holds at once. `since` is inclusive, `until` exclusive, both aware.

    `text` and `attachment_name` are words, each of which is somewhere, also inside of a word, in any case and with any
    accents: `text` in the subject, the new text, the people and the names of the files. `person` is an address that wrote
    or received; `automatic` speaks of automatic and bulk mail. Empty `kinds` are all of them. Of more than fifty words the
    first fifty count: each is a condition, and databases take so many.
    """

    since: datetime | None = None
    until: datetime | None = None
    person: str = ""
    direction: Direction | None = None
    tone: str = ""
    keyword: str = ""
    attachment: bool = False
    attachment_name: str = ""
    text: str = ""
    shared: bool = False
    automatic: Automatic = "shown"
    kinds: Collection[Kind] = ()

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(fold(self.text).split()))[:_WORDS]

    @property
    def name_words(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(fold(self.attachment_name).split()))[:_WORDS]

    @property
    def of_mail_only(self) -> bool:
        """Whether a condition is set that nothing but a mail can fulfil."""
        return bool(
            self.person or self.direction or self.tone or self.keyword or self.attachment or self.name_words
            or self.shared or self.automatic == "only"
        )  # fmt: skip

    def takes(self, kind: Kind) -> bool:
        return (not self.kinds or kind in self.kinds) and (kind == "mail" or not self.of_mail_only)

    def facets(self) -> tuple[str, ...]:
        """Of `schema.TimelineRow`; all of them must be there."""
        wanted = (("p:", self.person.strip().lower()), ("w:", self.keyword))
        return tuple(UNSTORABLE.sub(" ", f"{prefix}{value}") for prefix, value in wanted if value) or ("",)


ALL_KINDS = frozenset(KINDS)
