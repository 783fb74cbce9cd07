"""Which conversation a mail belongs to: by References and In-Reply-To, then by subject with participants."""

from dataclasses import dataclass, field

from sandbox.gmail.rfc822 import Head, base_subject

# Same subject and people without a reference is one conversation when close in time, as in Gmail.
_SUBJECT_WINDOW_MS = 7 * 24 * 3600 * 1000


@dataclass(kw_only=True)
class _Thread:
    subjects: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    references: set[str] = field(default_factory=set)
    message_ids: set[str] = field(default_factory=set)
    latest_ms: int = 0


class Threads:
    """The conversations of one mailbox. `own` are the mailbox's addresses: they are in every mail and tell nothing."""

    def __init__(self, own: set[str]) -> None:
        self._own = own
        self._threads: dict[str, _Thread] = {}
        self._by_reference: dict[str, str] = {}
        self._by_subject: dict[str, list[str]] = {}

    def find(self, head: Head, date_ms: int) -> str | None:
        """The thread this mail continues, None for a new one."""
        for reference in reversed(head.references):
            if reference in self._by_reference:
                return self._by_reference[reference]
        subject = base_subject(head.subject)
        named = self._by_reference.get(head.message_id)
        # A reused Message-ID on another subject is another mail.
        if named is not None:
            thread = self._threads[named]
            if subject in thread.subjects or head.message_id not in thread.message_ids:
                return named
        people = self._people(head)
        for thread_id in reversed(self._by_subject.get(subject, []) if subject else []):
            thread = self._threads[thread_id]
            is_near = abs(date_ms - thread.latest_ms) <= _SUBJECT_WINDOW_MS
            if is_near and (people & thread.people or people == thread.people):
                return thread_id
        return None

    def accepts(self, thread_id: str, head: Head) -> bool:
        """Gmail's rule for a send that names its thread: the subject matches and a reference points into it."""
        thread = self._threads[thread_id]
        return base_subject(head.subject) in thread.subjects and bool(thread.message_ids.intersection(head.references))

    def add(self, thread_id: str, head: Head, date_ms: int) -> None:
        """Note that a mail was put into the thread."""
        subject = base_subject(head.subject)
        thread = self._threads.setdefault(thread_id, _Thread())
        if subject not in thread.subjects:
            thread.subjects.add(subject)
            self._by_subject.setdefault(subject, []).append(thread_id)
        thread.people |= self._people(head)
        thread.latest_ms = max(thread.latest_ms, date_ms)
        if head.message_id:
            thread.message_ids.add(head.message_id)
        for reference in {head.message_id, *head.references} - {""}:
            thread.references.add(reference)
            self._by_reference.setdefault(reference, thread_id)

    def forget(self, thread_id: str) -> None:
        """The thread's last mail was deleted."""
        thread = self._threads.pop(thread_id)
        for subject in thread.subjects:
            self._by_subject[subject].remove(thread_id)
        for reference in thread.references:
            if self._by_reference[reference] == thread_id:
                del self._by_reference[reference]

    def _people(self, head: Head) -> set[str]:
        return {*head.sender, *head.recipients} - self._own
