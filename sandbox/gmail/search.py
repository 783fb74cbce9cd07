"""Running a query over a mailbox."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from sandbox.gmail import query
from sandbox.gmail.labels import HIDDEN
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.message import Key, Message
from sandbox.gmail.query import Either, Every, Negated, Node, QueryError, Term
from sandbox.gmail.searchable import words

Test = Callable[[Message], bool]

# The API reads dates as midnight in Pacific standard time; seconds since 1970 avoid that.
_PACIFIC = timezone(timedelta(hours=-8))
_DATE = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})")
_AGE = re.compile(r"(\d+)([dmy])")
_DAYS = {"d": 1, "m": 30, "y": 365}
_HEADERS = {
    "from": ("from",), "to": ("to", "cc", "bcc"), "cc": ("cc",), "bcc": ("bcc",), "subject": ("subject",)
}  # fmt: skip
_PLACES = {
    "inbox": "INBOX", "sent": "SENT", "trash": "TRASH", "spam": "SPAM", "drafts": "DRAFT", "draft": "DRAFT",
    "starred": "STARRED", "important": "IMPORTANT", "chats": "CHAT",
}  # fmt: skip
_STATES: dict[str, Test] = {
    "unread": lambda message: "UNREAD" in message.labels,
    "read": lambda message: "UNREAD" not in message.labels,
    "starred": lambda message: "STARRED" in message.labels,
    "important": lambda message: "IMPORTANT" in message.labels,
}


@dataclass(frozen=True, kw_only=True)
class Search:
    """A compiled query: the test, and the bounds that spare testing most of a large mailbox."""

    matches: Test
    since_ms: int
    until_ms: int | None
    rfc_id: str | None
    sees_hidden: bool

    def run(self, mailbox: Mailbox, *, before: Key | None, with_hidden: bool) -> Iterator[Message]:
        """Matching messages below the key `before`, newest first; spam and trash when asked here or in the query."""
        if self.rfc_id is None:
            found = mailbox.newest_first(before=before, since_ms=self.since_ms, until_ms=self.until_ms)
        else:
            candidates = sorted(mailbox.by_rfc_id(self.rfc_id), key=lambda message: message.key, reverse=True)
            found = (message for message in candidates if before is None or message.key < before)
        shows_hidden = with_hidden or self.sees_hidden
        for message in found:
            if (shows_hidden or not message.labels & HIDDEN) and self.matches(message):
                yield message


def compile_query(text: str, mailbox: Mailbox, now: float) -> Search:
    """Raises `QueryError`. `now` in Unix seconds, for newer_than and older_than."""
    tree = query.parse(text)
    compiler = _Compiler(mailbox, now)
    matches = compiler.test(tree)
    required = [node for node in tree.nodes if isinstance(node, Term)]
    sinces = [compiler.instant_ms(term) for term in required if term.operator in ("after", "newer", "newer_than")]
    untils = [compiler.instant_ms(term) for term in required if term.operator in ("before", "older", "older_than")]
    rfc_ids = [term.value.strip("<>") for term in required if term.operator == "rfc822msgid"]
    return Search(
        matches=matches,
        since_ms=max(sinces, default=0),
        until_ms=min(untils, default=None),
        rfc_id=rfc_ids[0] if rfc_ids else None,
        sees_hidden=_names_hidden(tree),
    )


class _Compiler:
    def __init__(self, mailbox: Mailbox, now: float) -> None:
        self._mailbox = mailbox
        self._now = now

    def test(self, node: Node) -> Test:
        match node:
            case Every(nodes=nodes):
                every = [self.test(child) for child in nodes]
                return lambda message: all(test(message) for test in every)
            case Either(nodes=nodes):
                some = [self.test(child) for child in nodes]
                return lambda message: any(test(message) for test in some)
            case Negated(node=child):
                test = self.test(child)
                return lambda message: not test(message)
            case Term():
                return self._term(node)

    def instant_ms(self, term: Term) -> int:
        """The moment a date operator names."""
        if term.operator in ("newer_than", "older_than"):
            age = _AGE.fullmatch(term.value)
            if age is None:
                raise QueryError(f"{term.operator}: needs a number and d, m or y, not {term.value!r}")
            return int((self._now - int(age[1]) * _DAYS[age[2]] * 86_400) * 1000)
        date = _DATE.fullmatch(term.value)
        try:
            if date is not None:
                year, month, day = (int(number) for number in date.groups())
                return int(datetime(year, month, day, tzinfo=_PACIFIC).timestamp() * 1000)
            return int(datetime.fromtimestamp(int(term.value), UTC).timestamp() * 1000)
        except (ValueError, OverflowError, OSError):
            raise QueryError(f"{term.operator}: needs YYYY/MM/DD or seconds since 1970, not {term.value!r}") from None

    def _term(self, term: Term) -> Test:
        builders: dict[str, Callable[[Term], Test]] = {
            "": self._anywhere, "from": self._header, "to": self._header, "cc": self._header, "bcc": self._header,
            "subject": self._header, "after": self._since, "newer": self._since, "newer_than": self._since,
            "before": self._until, "older": self._until, "older_than": self._until, "in": self._label,
            "label": self._label, "is": self._state, "has": self._has, "filename": self._filename,
            "rfc822msgid": self._rfc_id,
        }  # fmt: skip
        return builders[term.operator](term)

    def _anywhere(self, term: Term) -> Test:
        phrase = words(term.value)
        return lambda message: phrase in message.searchable.everything

    def _header(self, term: Term) -> Test:
        names = _HEADERS[term.operator]
        if term.value.lower() == "me" and term.operator != "subject":
            own = [words(address) for address in self._mailbox.addresses]
            return lambda message: any(address in message.searchable.header(*names) for address in own)
        phrase = words(term.value)
        return lambda message: phrase in message.searchable.header(*names)

    def _since(self, term: Term) -> Test:
        since = self.instant_ms(term)
        return lambda message: message.internal_date >= since

    def _until(self, term: Term) -> Test:
        until = self.instant_ms(term)
        return lambda message: message.internal_date < until

    def _has(self, term: Term) -> Test:
        if term.value.lower() != "attachment":
            raise QueryError(f"unknown has:{term.value}")
        return lambda message: message.searchable.has_attachment

    def _filename(self, term: Term) -> Test:
        name = words(term.value)
        return lambda message: any(name in words(own) for own in message.searchable.filenames)

    def _rfc_id(self, term: Term) -> Test:
        rfc_id = term.value.strip("<>")
        return lambda message: message.rfc_id == rfc_id

    def _label(self, term: Term) -> Test:
        if term.operator == "in" and term.value.lower() == "anywhere":
            return lambda _: True
        place = _PLACES.get(term.value.lower()) if term.operator == "in" else None
        label = place or self._mailbox.labels.find(term.value)
        if label is None and term.operator == "in":
            raise QueryError(f"unknown in:{term.value}")
        return lambda message: label in message.labels

    def _state(self, term: Term) -> Test:
        if term.value.lower() not in _STATES:
            raise QueryError(f"unknown is:{term.value}")
        return _STATES[term.value.lower()]


def _names_hidden(node: Node) -> bool:
    match node:
        case Every(nodes=nodes) | Either(nodes=nodes):
            return any(_names_hidden(child) for child in nodes)
        case Term(operator="in", value=value):
            return value.lower() in ("anywhere", "trash", "spam")
        case Term(operator="label", value=value):
            return value.upper() in HIDDEN
        case _:
            return False
