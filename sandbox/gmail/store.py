"""All mailboxes, and mail moving between them."""

from collections.abc import Iterable

from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.message import Message
from sandbox.gmail.rfc822 import UNDATED_MS, envelope_end, head_of


class UnknownMailboxError(LookupError):
    """No mailbox has this address."""


class Store:
    def __init__(self, clock: SandboxClock) -> None:
        self.clock = clock
        self.mailboxes: dict[str, Mailbox] = {}
        self._last_ms = 0

    def add_mailbox(self, email: str, *, aliases: Iterable[str] = (), name: str = "") -> Mailbox:
        """The mailbox of this address, made if it does not exist. An alias sends and receives for it."""
        email = email.lower()
        mailbox = self.mailboxes.setdefault(email, Mailbox(email, name=name))
        mailbox.addresses.update(alias.lower() for alias in aliases)
        return mailbox

    def mailbox(self, email: str) -> Mailbox:
        """Raises `UnknownMailboxError`."""
        try:
            return self.mailboxes[email.lower()]
        except KeyError:
            raise UnknownMailboxError(f"no mailbox {email}") from None

    def owner_of(self, address: str) -> Mailbox | None:
        return next((box for box in self.mailboxes.values() if address.lower() in box.addresses), None)

    def load(self, email: str, mails: Iterable[bytes]) -> list[Message]:
        """Fill a mailbox, oldest first whatever the order given."""
        mailbox = self.mailbox(email)
        stripped = [raw[envelope_end(raw) :] for raw in mails]
        pairs = [(head_of(raw), raw) for raw in stripped]
        pairs.sort(key=lambda pair: UNDATED_MS if pair[0].date_ms is None else pair[0].date_ms)
        return [mailbox.add(raw, head=head) for head, raw in pairs]

    def deliver(
        self, raw: bytes, *, email: str | None = None, date_ms: int | None = None
    ) -> list[tuple[Mailbox, Message]]:
        """A mail from outside arrives, unread, in `email` or else in every mailbox it is addressed to.

        It is dated `date_ms`, else by its Date header, else now. Raises `UnknownMailboxError` when nobody here gets it.
        """
        raw = raw[envelope_end(raw) :]
        head = head_of(raw)
        if email is not None:
            boxes = [self.mailbox(email)]
        else:
            boxes = list(dict.fromkeys(box for box in map(self.owner_of, head.recipients) if box is not None))
        if not boxes:
            raise UnknownMailboxError(f"no mailbox among the recipients {', '.join(head.recipients) or '(none)'}")
        if date_ms is None:
            date_ms = head.date_ms if head.date_ms is not None else self.next_ms()
        delivered = []
        for box in boxes:
            labels = box.default_labels(head)
            if head.labels is None and "INBOX" in labels:
                labels |= {"UNREAD"}
            delivered.append((box, box.add(raw, head=head, labels=labels, date_ms=date_ms)))
        return delivered

    def next_ms(self) -> int:
        """Now in Unix milliseconds, later than the last answer while the clock stands still: mails keep their order."""
        now = self.clock.now_ms()
        is_standing = self._last_ms - 1000 < now <= self._last_ms
        self._last_ms = self._last_ms + 1 if is_standing else now
        return self._last_ms
