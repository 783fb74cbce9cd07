"""Gmail's system labels and a mailbox's own."""

import csv

SYSTEM = (
    "CHAT", "SENT", "INBOX", "IMPORTANT", "TRASH", "DRAFT", "SPAM", "CATEGORY_FORUMS", "CATEGORY_UPDATES",
    "CATEGORY_PERSONAL", "CATEGORY_PROMOTIONS", "CATEGORY_SOCIAL", "STARRED", "UNREAD",
)  # fmt: skip
HIDDEN = frozenset({"TRASH", "SPAM"})
_SYNONYMS = {"DRAFTS": "DRAFT", "SENT_MAIL": "SENT"}
# Google Takeout writes these beside labels; they say "not unread" and "not in the inbox".
_NO_LABELS = frozenset({"OPENED", "ARCHIVED"})


class Labels:
    """Label names and ids of one mailbox, ids in the order of creation."""

    def __init__(self) -> None:
        self._user: dict[str, str] = {}  # id -> name

    def names(self) -> dict[str, str]:
        """Every label, id -> name, system labels first."""
        return {**{name: name for name in SYSTEM}, **self._user}

    def find(self, name: str) -> str | None:
        """The id of a label given by id or name, any case, spaces or hyphens."""
        system = name.strip().upper().replace(" ", "_").replace("-", "_")
        system = _SYNONYMS.get(system, system)
        if system in SYSTEM:
            return system
        wanted = _folded(name)
        return next((id_ for id_, own in self._user.items() if id_ == name or _folded(own) == wanted), None)

    def create(self, name: str) -> str:
        """The id of the label, made if it does not exist."""
        found = self.find(name)
        if found is None:
            found = f"Label_{len(self._user) + 1}"
            self._user[found] = name.strip()
        return found

    def parse(self, header: str) -> frozenset[str]:
        """The ids in an X-Gmail-Labels header (comma separated, quotes around commas), created where new."""
        names = [name.strip() for row in csv.reader([header], skipinitialspace=True) for name in row]
        return frozenset(self.create(name) for name in names if name and name.upper() not in _NO_LABELS)


def _folded(name: str) -> str:
    return name.strip().casefold().replace(" ", "-").replace("/", "-")
