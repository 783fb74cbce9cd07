"""One user's mail: messages by id and date, threads, labels, history."""

import hashlib
import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from sandbox.gmail.history import Change, History, Kind
from sandbox.gmail.labels import Labels
from sandbox.gmail.message import Key, Message
from sandbox.gmail.rfc822 import UNDATED_MS, Head, head_of
from sandbox.gmail.threads import Threads

_LATEST_MS = (1 << 43) - 1  # in the year 2248; ids are positive 64-bit numbers
_HEX_ID = re.compile(r"[0-9a-f]{1,16}")


class Mailbox:
    """Ids are deterministic: the same mails loaded into the same address get the same ids."""

    def __init__(self, email: str, *, name: str = "") -> None:
        self.email = email
        self.name = name
        self.addresses: set[str] = {email}
        self.messages: dict[str, Message] = {}
        self.threads: dict[str, list[str]] = {}
        self.labels = Labels()
        self.history = History()
        self.watch: dict[str, object] | None = None
        self._order: list[Key] = []
        self._by_rfc_id: dict[str, list[str]] = {}
        self._threading = Threads(self.addresses)
        self._deleted: set[str] = set()

    def add(
        self,
        raw: bytes,
        *,
        head: Head | None = None,
        labels: Iterable[str] | None = None,
        date_ms: int | None = None,
        thread_id: str | None = None,
        starts_thread: bool = False,
    ) -> Message:
        """Store a mail, by default with its own date, labels by the X-Gmail-Labels header or the sender, in its thread.

        `starts_thread` keeps it out of every thread there is.
        """
        head = head or head_of(raw)
        date_ms = date_ms if date_ms is not None else head.date_ms if head.date_ms is not None else UNDATED_MS
        id_ = self._new_id(raw, date_ms)
        found = None if starts_thread else self._thread_for(head, date_ms)
        message = Message(
            id=id_,
            thread_id=thread_id or found or id_,
            raw=raw,
            labels=frozenset(labels) if labels is not None else self.default_labels(head),
            internal_date=date_ms,
            history_id=0,
            rfc_id=head.message_id,
        )
        self.messages[id_] = message
        self._by_rfc_id.setdefault(head.message_id, []).append(id_)
        insort(self._order, message.key)
        insort(self.threads.setdefault(message.thread_id, []), id_, key=lambda other: self.messages[other].key)
        self._threading.add(message.thread_id, head, date_ms)
        self._record("messagesAdded", message)
        return message

    def default_labels(self, head: Head) -> frozenset[str]:
        if head.labels is not None:
            return self.labels.parse(head.labels)
        return frozenset({"SENT" if self.addresses.intersection(head.sender) else "INBOX"})

    def relabel(self, message: Message, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Add and remove label ids; labels that change nothing leave no trace in the history."""
        added = frozenset(add) - message.labels
        removed = frozenset(remove) & message.labels
        if added:
            message.labels |= added
            self._record("labelsAdded", message, added)
        if removed:
            message.labels -= removed
            self._record("labelsRemoved", message, removed)

    def delete(self, message: Message) -> None:
        """Remove for good, not to the trash."""
        del self.messages[message.id]
        self._deleted.add(message.id)
        self._by_rfc_id[message.rfc_id].remove(message.id)
        del self._order[bisect_left(self._order, message.key)]
        members = self.threads[message.thread_id]
        members.remove(message.id)
        if not members:
            del self.threads[message.thread_id]
            self._threading.forget(message.thread_id)
        self._record("messagesDeleted", message)

    def newest_first(
        self, *, before: Key | None = None, since_ms: int = 0, until_ms: int | None = None
    ) -> Iterator[Message]:
        """Messages below the key `before`, dated in [since_ms, until_ms), newest first."""
        end = len(self._order) if before is None else bisect_left(self._order, before)
        if until_ms is not None:
            end = min(end, bisect_left(self._order, (until_ms, "")))
        begin = bisect_left(self._order, (since_ms, ""))
        for index in range(end - 1, begin - 1, -1):
            yield self.messages[self._order[index][1]]

    def by_rfc_id(self, rfc_id: str) -> list[Message]:
        return [self.messages[id_] for id_ in self._by_rfc_id.get(rfc_id, [])]

    def accepts_in_thread(self, thread_id: str, head: Head) -> bool:
        return self._threading.accepts(thread_id, head)

    def _thread_for(self, head: Head, date_ms: int) -> str | None:
        if not head.thread:
            return self._threading.find(head, date_ms)
        wanted = head.thread.lower()
        # 16 digits beginning with 1: a positive 64-bit number, like the ids of Gmail
        return wanted if _HEX_ID.fullmatch(wanted) else f"1{hashlib.sha256(wanted.encode()).hexdigest()[:15]}"

    def _new_id(self, raw: bytes, date_ms: int) -> str:
        """16 hexadecimal digits that grow with the date, as Gmail's do: milliseconds, then 20 bits of the mail."""
        digest = hashlib.sha256(self.email.encode() + b"\0" + raw).digest()
        number = min(date_ms, _LATEST_MS) << 20 | int.from_bytes(digest[:3], "big") >> 4
        while (id_ := f"{number:016x}") in self.messages or id_ in self._deleted:
            number += 1
        return id_

    def _record(self, kind: Kind, message: Message, changed: Iterable[str] = ()) -> None:
        message.history_id = self.history.tick()
        self.history.record(
            Change(
                id=message.history_id, kind=kind, message_id=message.id, thread_id=message.thread_id,
                labels=message.labels, changed=tuple(sorted(changed)),
            )
        )  # fmt: skip
