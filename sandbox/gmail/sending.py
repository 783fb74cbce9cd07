"""Sending as Gmail does it: who may, into which thread, and to whom it is delivered."""

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime

from sandbox.gmail.errors import invalid_argument, not_found
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.message import Message
from sandbox.gmail.rfc822 import Head, head_of, without_header
from sandbox.gmail.store import Store


def send(store: Store, mailbox: Mailbox, raw: bytes, *, thread_id: str | None) -> Message:
    """Store the mail as sent and deliver it to every mailbox here; raises ApiErrors and then has done nothing.

    A `thread_id` must exist; the mail joins it only when its subject matches and a reference points into it, and starts
    a thread of its own otherwise. https://developers.google.com/workspace/gmail/api/guides/threads
    """
    raw = _completed(raw, mailbox, store.clock.now())
    head = head_of(raw)
    if len(head.sender) != 1 or head.sender[0] not in mailbox.addresses:
        raise invalid_argument("Invalid From header")
    if not head.recipients:
        raise invalid_argument("Recipient address required")
    joins = False
    if thread_id is not None:
        if thread_id not in mailbox.threads:
            raise not_found()
        joins = mailbox.accepts_in_thread(thread_id, head)
    receivers = list(dict.fromkeys(box for box in map(store.owner_of, head.recipients) if box is not None))
    date_ms = store.next_ms()
    sent = mailbox.add(
        raw,
        head=head,
        labels={"SENT", "INBOX", "UNREAD"} if mailbox in receivers else {"SENT"},
        date_ms=date_ms,
        thread_id=thread_id if joins else None,
        starts_thread=thread_id is not None and not joins,
    )
    copy = without_header(raw, "Bcc")
    for box in receivers:
        if box is not mailbox:
            box.add(copy, labels={"INBOX", "UNREAD"}, date_ms=date_ms)
    return sent


def _completed(raw: bytes, mailbox: Mailbox, now: float) -> bytes:
    """With the headers Gmail adds where they are missing; those present are kept as they are."""
    head: Head = head_of(raw)
    added = []
    if not head.sender:
        added.append(f"From: {mailbox.email}")
    if head.date_ms is None:
        added.append(f"Date: {format_datetime(datetime.fromtimestamp(int(now), UTC))}")
    if not head.message_id:
        unique = hashlib.sha256(b"%d\0%s" % (mailbox.history.current, raw)).hexdigest()[:32]
        added.append(f"Message-ID: <CA{unique}@mail.gmail.com>")
    return "".join(f"{line}\r\n" for line in added).encode("ascii") + raw
