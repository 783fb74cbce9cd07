"""Random lives of two mailboxes, synced by a process that dies, over a Gmail that fails; in the end all must agree.

`Mailboxes` is the Hypothesis state machine. Its oracle is the local Gmail itself and what `Directory` says of customers:
it shares no code with the product's association or folding.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import format_datetime
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select, text

from crm import schema
from crm.customers import find_customer, save_contact, save_customer
from crm.errors import LealUpError
from crm.identity import Principal
from ingestion.coverage import coverage
from sandbox.gmail import sending
from sandbox.gmail.faults import Fault
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.message import Message
from sandbox.gmail.rfc822 import head_of
from tests.house import COLLEAGUE, CSM, balanced
from tests.ingestion.breaking import Breakable, Crash, Step

BOXES = (CSM, COLLEAGUE)
ALIAS = "vera.ruiz@lealup.example"
PEOPLE = ("maria@globex.example", "joao@initech.example", "eve@shop.example", "pat@gmail.com")
# (customer, the domain or contact that comes and goes)
DIRECTORY = (
    ("Globex", "globex.example"), ("Initech", "initech.example"), ("Globex", "shop.example"),
    ("Initech", "pat@gmail.com"), ("Globex", "eve@shop.example"),
)  # fmt: skip
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 429, "reason": "rateLimitExceeded"},
    {"kind": "retry_after", "retry_after": 3},
    {"kind": "status", "status": 403, "reason": "userRateLimitExceeded"},
    {"kind": "status", "status": 403, "reason": "rateLimitExceeded"},
    {"kind": "status", "status": 403, "reason": "dailyLimitExceeded"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "drop"},
    {"kind": "empty_page"},
)
METHODS = (
    "messages.list", "history.list", "batch", "messages.get", "messages.get", "getProfile", "settings.sendAs.list",
    "oauth.token",
)  # fmt: skip
CHANGES = (
    "deliver", "deliver", "deliver_both", "deliver_spam", "answer", "answer", "send", "send", "reply", "draft",
    "draft_sent", "draft_send", "star", "star", "trash", "trash", "untrash", "spam", "unspam", "delete", "delete",
    "alias", "expire", "expire", "hour",
)  # fmt: skip

small = st.integers(0, 7)
operations = st.tuples(st.sampled_from(CHANGES), small, small)  # what may happen while a sync runs
with_directory = st.tuples(st.sampled_from((*CHANGES, "directory", "directory", "directory")), small, small)
# Anywhere, or between two pages of a listing: there few steps lie, and what is wrong there loses mail.
steps: st.SearchStrategy[Step] = st.one_of(
    st.integers(0, 90), st.tuples(st.sampled_from(["history", "messages"]), st.integers(0, 2))
)
faults = st.tuples(st.sampled_from(FAULTS), st.sampled_from(METHODS), st.sampled_from([1, 1, 2, 3, 7]))
Operation = tuple[str, int, int]


class Mailboxes(RuleBasedStateMachine):
    """`house` is shared by all examples and cleaned for each."""

    house: ClassVar[Breakable]

    def __init__(self) -> None:
        super().__init__()
        self.house.clean()
        self.count = 0
        self.cursors = dict.fromkeys(BOXES, 0)
        self.domains: dict[str, set[str]] = {"Globex": set(), "Initech": set()}
        self.contacts: dict[str, set[str]] = {"Globex": set(), "Initech": set()}
        self.texts: dict[str, str] = {}  # Message-ID -> what the mail says
        self.people: dict[str, set[str]] = {}  # Message-ID -> who is on it
        self.seen: dict[tuple[str, str], set[str]] = {}  # (mailbox, thread) -> Message-IDs that were ever in it
        self.me: Principal = self.house.connect(CSM)
        for name, domain in DIRECTORY[:2]:
            self.house.customer(self.me, name, domain)
            self.domains[name].add(domain)

    @initialize(both=st.booleans())
    def colleague(self, both: bool) -> None:
        """Half of the workspaces have a second mailbox; Gmail delivers to it in all of them."""
        if both:
            self.house.connect(COLLEAGUE)

    @property
    def connected(self) -> list[str]:
        return list(self.house.mailbox_ids)

    # --- what happens -------------------------------------------------------------------------------------------------

    @rule(several=st.lists(with_directory, min_size=1, max_size=6))
    def change(self, several: list[Operation]) -> None:
        for operation in several:
            self._apply(operation)

    def _apply(self, operation: Operation) -> None:
        kind, a, b = operation
        self.house.clock.advance(minutes=1)
        box = self.house.gmail.mailbox(BOXES[b % 4 == 3])  # mostly the first
        getattr(self, f"_{kind}")(box, a, b)
        for email in BOXES:
            for message in self.house.gmail.mailbox(email).messages.values():
                self.seen.setdefault((email, message.thread_id), set()).add(message.rfc_id)

    @rule(
        which=small,
        crash=st.one_of(st.none(), steps),
        meanwhile=st.lists(st.tuples(steps, operations), max_size=3),
        broken=st.lists(faults, max_size=2),
    )
    def sync(
        self,
        which: int,
        crash: Step | None,
        meanwhile: list[tuple[Step, Operation]],
        broken: list[tuple[dict[str, Any], str, int]],
    ) -> None:
        """A sync that dies at a step, while the mailbox changes, over a Gmail that fails."""
        for fault, method, times in broken:
            self.house.faults.add(Fault.from_json({**fault, "method": method, "times": times}))
        changes: dict[Step, Callable[[], None]] = {
            at: lambda operation=operation: self._apply(operation)  # type: ignore[misc]
            for at, operation in meanwhile
        }
        self.house.steps.restart(crash_at=crash, meanwhile=changes)
        email = self.connected[-1] if which % 4 == 3 else CSM
        try:
            self.house.sync(email)
        except Crash:
            self.house.clock.advance(minutes=1)  # the dead process's lease runs out
        except LealUpError:
            pass  # said to the user, and tried again by the next sync
        finally:
            self.house.steps.restart()
            self.house.faults.waiting.clear()
        self._cursor_and_coverage(email)

    def teardown(self) -> None:
        """One undisturbed sync of each mailbox, a day later (what was quarantined is tried again): all agrees."""
        self.house.steps.restart()
        self.house.clock.advance(hours=25)
        for email in self.connected:
            self.house.sync(email)
            self._cursor_and_coverage(email)
        self.check()

    # --- operations ---------------------------------------------------------------------------------------------------

    def _deliver(self, box: Mailbox, a: int, b: int) -> None:
        self._arrive([box], PEOPLE[a % 4], box.email)

    def _deliver_both(self, box: Mailbox, a: int, b: int) -> None:
        boxes = [self.house.gmail.mailbox(email) for email in BOXES]
        self._arrive(boxes, PEOPLE[a % 4], ", ".join(BOXES))

    def _deliver_spam(self, box: Mailbox, a: int, b: int) -> None:
        self._arrive([box], PEOPLE[a % 4], box.email, labels={"SPAM"})

    def _answer(self, box: Mailbox, a: int, b: int) -> None:
        """Somebody else's mail in a conversation that is there."""
        message = _pick(box, a)
        if message is not None:
            self._arrive([box], PEOPLE[(a + b) % 4], box.email, thread_id=message.thread_id)

    def _send(self, box: Mailbox, a: int, b: int) -> None:
        to = [PEOPLE[a % 4], *([BOXES[box.email == CSM]] if b % 2 else [])]
        raw = self._raw(self._own(box, b), ", ".join(to), f"Mail {self.count + 1}")
        sending.send(self.house.gmail, box, raw, thread_id=None)

    def _reply(self, box: Mailbox, a: int, b: int) -> None:
        message = _pick(box, a)
        if message is not None:
            subject = head_of(message.raw).subject
            raw = self._raw(self._own(box, b), PEOPLE[b % 4], f"Re: {subject}", f"<{message.rfc_id}>")
            sending.send(self.house.gmail, box, raw, thread_id=message.thread_id)

    def _draft(self, box: Mailbox, a: int, b: int) -> None:
        raw = self._raw(box.email, PEOPLE[a % 4], f"Mail {self.count + 1}")
        box.add(raw, labels={"DRAFT"}, date_ms=self.house.gmail.next_ms())

    def _draft_sent(self, box: Mailbox, a: int, b: int) -> None:
        """As some clients do it: the message keeps its id."""
        message = _pick(box, a, "DRAFT")
        if message is not None:
            box.relabel(message, add={"SENT"}, remove={"DRAFT"})

    def _draft_send(self, box: Mailbox, a: int, b: int) -> None:
        """As `drafts.send` does it: another message, and the draft is gone."""
        message = _pick(box, a, "DRAFT")
        if message is not None:
            sending.send(self.house.gmail, box, message.raw, thread_id=None)
            box.delete(message)

    def _star(self, box: Mailbox, a: int, b: int) -> None:
        message = _pick(box, a)
        if message is not None:
            starred = "STARRED" in message.labels
            box.relabel(message, add=() if starred else {"STARRED"}, remove={"STARRED"} if starred else ())

    def _trash(self, box: Mailbox, a: int, b: int) -> None:
        self._label(box, a, "TRASH")

    def _untrash(self, box: Mailbox, a: int, b: int) -> None:
        self._unlabel(box, a, "TRASH")

    def _spam(self, box: Mailbox, a: int, b: int) -> None:
        self._label(box, a, "SPAM")

    def _unspam(self, box: Mailbox, a: int, b: int) -> None:
        self._unlabel(box, a, "SPAM")

    def _delete(self, box: Mailbox, a: int, b: int) -> None:
        message = _pick(box, a)
        if message is not None:
            box.delete(message)

    def _alias(self, box: Mailbox, a: int, b: int) -> None:
        self.house.gmail.mailbox(CSM).addresses.add(ALIAS)

    def _expire(self, box: Mailbox, a: int, b: int) -> None:
        box.history.expire()

    def _directory(self, box: Mailbox, a: int, b: int) -> None:
        """A domain or a contact is added, or removed."""
        self._know(*DIRECTORY[a % len(DIRECTORY)])

    def _hour(self, box: Mailbox, a: int, b: int) -> None:
        self.house.clock.advance(minutes=61)  # the access token ends

    # --- mails --------------------------------------------------------------------------------------------------------

    def _arrive(self, boxes: list[Mailbox], sender: str, to: str, **more: Any) -> None:
        raw = self._raw(sender, to, f"Mail {self.count + 1}")
        for box in boxes:
            box.add(raw, **{"labels": {"INBOX", "UNREAD"}, **more})

    def _raw(self, sender: str, to: str, subject: str, reference: str = "") -> bytes:
        self.count += 1
        message_id, body = f"{self.count}@mail.example", f"Text {self.count}."
        self.texts[message_id] = body
        self.people[message_id] = {sender, *to.split(", ")}
        date = format_datetime(self.house.clock())
        lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}", f"Date: {date}", f"Message-ID: <{message_id}>"]
        lines += [f"References: {reference}", f"In-Reply-To: {reference}"] if reference else []
        return "\r\n".join([*lines, "", body, ""]).encode()

    def _own(self, box: Mailbox, b: int) -> str:
        return sorted(box.addresses)[b % len(box.addresses)]

    @staticmethod
    def _label(box: Mailbox, a: int, label: str) -> None:
        message = _pick(box, a)
        if message is not None:
            box.relabel(message, add={label}, remove={"INBOX"})

    @staticmethod
    def _unlabel(box: Mailbox, a: int, label: str) -> None:
        message = _pick(box, a, label)
        if message is not None:
            box.relabel(message, add={"INBOX"}, remove={label})

    # --- customers ----------------------------------------------------------------------------------------------------

    def _know(self, customer: str, what: str) -> None:
        """Add it to the customer, or take it away again."""
        held = (self.contacts if "@" in what else self.domains)[customer]
        held.symmetric_difference_update({what})
        with self.house.app.database.write() as session:
            saved = save_customer(
                session, self.me.workspace_id, name=customer, aliases=[], domains=self.domains[customer], arr=None,
                plan="", status="active", renewal_date=None, segment="", owner=CSM, language="en",
            )  # fmt: skip
            if "@" in what and what in held:
                save_contact(session, saved, self.me.workspace_id, name=what, email=what, role="")
            elif "@" in what:
                row = session.scalars(select(schema.Contact).where(schema.Contact.email == what)).one()
                session.delete(row)

    def _customers_of(self, message_id: str) -> set[str]:
        """Whose mail it is by its people alone, under today's directory."""
        return {
            customer
            for customer in ("Globex", "Initech")
            for person in self.people[message_id]
            if person in self.contacts[customer] or person.partition("@")[2] in self.domains[customer]
        }

    # --- what must hold -----------------------------------------------------------------------------------------------

    def _cursor_and_coverage(self, email: str) -> None:
        with self.house.app.database.read() as session:
            row = session.get_one(schema.Mailbox, self.house.mailbox_ids[email])
            cursor = int(row.history_id or 0)
            assert cursor >= self.cursors[email], (cursor, self.cursors[email])
            self.cursors[email] = cursor
            assert balanced(coverage(session, row)), coverage(session, row)

    def check(self) -> None:
        with self.house.app.database.read() as session:
            names = {find_customer(session, self.me.workspace_id, name).id: name for name in ("Globex", "Initech")}
            assert session.scalars(select(schema.Pending.gmail_id)).all() == []
            shown: dict[str, str] = {}  # mail id -> Message-ID
            for email in self.connected:
                shown |= self._check_mailbox(session, email, names)
            assert len(set(shown.values())) == len(shown), "one mail, one row"
            lexical = set(session.execute(text("SELECT mail_id FROM mail_lexical")).scalars())
            assert lexical == set(shown)
            links: dict[str, set[int]] = {mail_id: set() for mail_id in shown}
            for link in session.scalars(select(schema.Link).where(schema.Link.mail_id.in_(shown))):
                links[link.mail_id].add(link.customer_id)
        assert self._indexed() == links

    def _check_mailbox(self, session: Any, email: str, names: dict[int, str]) -> dict[str, str]:
        """Compare the mailbox with its rows; returns the mails of it that are on a timeline."""
        box, mailbox_id = self.house.gmail.mailbox(email), self.house.mailbox_ids[email]
        held = session.scalars(select(schema.Message).where(schema.Message.mailbox_id == mailbox_id)).all()
        row = session.get_one(schema.Mailbox, mailbox_id)
        assert row.listed_total == len(held)
        assert coverage(session, row)["quarantined"] == 0
        for copy in held:
            assert (copy.status == "deleted") == (copy.gmail_id not in box.messages), (copy.gmail_id, copy.status)
        copies = {copy.gmail_id: copy for copy in held}
        shown: dict[str, str] = {}
        for message in box.messages.values():
            copy, hidden = copies.get(message.id), _hidden(message)
            if copy is None:  # spam and trash are never listed
                assert message.labels & {"SPAM", "TRASH"}, (message.id, message.labels)
                continue
            assert set(copy.label_ids) == message.labels, (message.id, copy.label_ids, message.labels)
            assert copy.gmail_thread_id == message.thread_id
            if hidden:
                assert (copy.status, copy.reason) == ("filtered", hidden), (copy.status, copy.reason, message.labels)
            elif self._check_copy(email, message, copy, names):
                shown[copy.mail_id or ""] = message.rfc_id
        return shown

    def _check_copy(self, email: str, message: Message, copy: schema.Message, names: dict[int, str]) -> bool:
        """Whether it is on a timeline: always when it must be, never when nothing justifies it."""
        mail = copy.mail
        assert mail is not None
        assert mail.rfc_message_id.strip("<>") == message.rfc_id
        found = {names[link.customer_id] for link in mail.links}
        must = set(self._customers_of(message.rfc_id))
        for other in self.house.gmail.mailbox(email).messages.values():
            if other.thread_id == message.thread_id and not _hidden(other):
                must |= self._customers_of(other.rfc_id)
        conversations = [ids for (box, _), ids in self.seen.items() if box in self.connected and message.rfc_id in ids]
        may = {customer for ids in conversations for other_id in ids for customer in self._customers_of(other_id)}
        assert must <= found <= may, (message.rfc_id, must, found, may)
        if not found:
            assert (copy.status, copy.reason, mail.has_body) == ("filtered", "no_customer", False), message.rfc_id
            return False
        assert (copy.status, copy.reason, mail.has_body) == ("stored", "", True), (copy.status, copy.reason)
        assert mail.new_text.strip() == self.texts[message.rfc_id]
        assert mail.indexed_at not in (None, schema.OUTDATED)
        if "SENT" in message.labels:
            assert mail.direction == "outbound"
        return True

    def _indexed(self) -> dict[str, set[int]]:
        """What the vector index holds: mail id -> customers; each chunk once."""
        found: dict[str, set[int]] = {}
        for collection in self.house.chroma.collections.values():
            for metadata, _ in collection.rows.values():
                found[metadata["mail"]] = {
                    int(name.removeprefix("customer")) for name in metadata if name.startswith("customer")
                }
        return found


def _pick(box: Mailbox, a: int, label: str = "") -> Message | None:
    """The a-th newest message, of those with the label."""
    chosen = [message for message in box.newest_first() if not label or label in message.labels]
    return chosen[a % len(chosen)] if chosen else None


def _hidden(message: Message) -> str:
    return next((label.lower() for label in ("DRAFT", "SPAM", "TRASH") if label in message.labels), "")
