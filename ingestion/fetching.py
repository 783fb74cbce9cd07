"""Fetching the messages of one batch: heads of those that may be anybody's, bodies of those that are a customer's."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from crm import schema
from crm.database import Database
from crm.errors import LealUpError, MessageGone, UnreadableMail
from gmail.gateway import BATCH, Answers, GmailGateway
from gmail.payload import read
from ingestion import store
from ingestion.judgement import Verdict, colleagues_hide_any, judge, load_rules, thread_customers
from ingestion.reasons import NO_CUSTOMER, OUTSIDE_WINDOW

_log = logging.getLogger(__name__)
_THREAD_PAYS = 3  # messages of one thread for which the whole thread costs less than they do: it costs as much as two
_OF_NOBODY = (NO_CUSTOMER, OUTSIDE_WINDOW)


@dataclass(kw_only=True)
class Batch:
    """The messages of one batch: read, gone from Gmail, or failed. `whole` are those read with their body."""

    ids: Sequence[str]
    read: dict[str, store.Fetched] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    gone: list[str] = field(default_factory=list)
    failed: dict[str, LealUpError] = field(default_factory=dict)

    def take(self, answers: Answers, *, whole: bool) -> None:
        for gmail_id, answer in answers.items():
            self.read.pop(gmail_id, None)
            if isinstance(answer, MessageGone):
                self.gone.append(gmail_id)
            elif isinstance(answer, LealUpError):
                self.failed[gmail_id] = answer
            else:
                self._read(gmail_id, answer)
                if whole and gmail_id in self.read:
                    self.whole.add(gmail_id)

    def _read(self, gmail_id: str, answer: dict[str, Any]) -> None:
        try:
            self.read[gmail_id] = _fetched(answer)
        except Exception as error:  # noqa: BLE001
            # Whatever one mail does to a parser, it must not stop the mailbox.
            _log.exception("a mail can't be read", extra={"fields": {"gmail_id": gmail_id}})
            self.failed[gmail_id] = UnreadableMail(type(error).__name__)


class Fetcher:
    """Fetches one mailbox for as few quota units as S4 allows: no body is asked for before its thread is known to
    belong to a customer.

    `threads` is the Gmail thread of each message as far as listings and history told it. Of a thread of which nothing is
    known the head of one message is read first: if it is a customer's, the others are fetched whole at once, and from
    three on as one thread. Not thread-safe.
    """

    def __init__(self, database: Database, gateway: GmailGateway, mailbox_id: int, threads: Mapping[str, str]) -> None:
        self._database, self._gateway, self._mailbox_id, self._threads = database, gateway, mailbox_id, threads
        self._customers: set[str] = set()  # threads that turned out to be a customer's, stored or not yet

    def batches(self, gmail_ids: Sequence[str]) -> Iterator[Batch]:
        """All of them, 25 at a time, a thread's messages together, in the order of each thread's first."""
        together: dict[str, list[str]] = {}
        for gmail_id in gmail_ids:
            together.setdefault(self._thread(gmail_id), []).append(gmail_id)
        ordered = [gmail_id for members in together.values() for gmail_id in members]
        for begin in range(0, len(ordered), BATCH):
            yield self.fetch(ordered[begin : begin + BATCH])

    def fetch(self, gmail_ids: Sequence[str]) -> Batch:
        """Raises `LealUpError` when Gmail as a whole refuses; what fails alone is in the batch."""
        batch = Batch(ids=gmail_ids)
        if self._must_see_every_head(gmail_ids):
            linked = self._read_heads(batch, gmail_ids)
            batch.take(self._gateway.fetch(linked, bodies=True), whole=True)
            return batch
        unknown = [gmail_id for gmail_id in gmail_ids if self._thread(gmail_id) not in self._customers]
        firsts = {self._thread(gmail_id): gmail_id for gmail_id in reversed(unknown)}.values()
        self._read_heads(batch, list(firsts))
        others = [gmail_id for gmail_id in gmail_ids if gmail_id not in firsts]
        at_once = [gmail_id for gmail_id in others if self._thread(gmail_id) in self._customers]
        linked = self._read_heads(batch, [gmail_id for gmail_id in others if gmail_id not in at_once])
        batch.take(self._whole([*at_once, *linked]), whole=True)
        return batch

    def _must_see_every_head(self, gmail_ids: Sequence[str]) -> bool:
        """As `sees_every_head`; learns which of the threads the store knows for a customer's."""
        with self._database.read() as session:
            threads = {self._thread(gmail_id) for gmail_id in gmail_ids}
            self._customers |= set(thread_customers(session, self._mailbox_id, threads))
            return sees_every_head(session, session.get_one(schema.Mailbox, self._mailbox_id))

    def _read_heads(self, batch: Batch, gmail_ids: Sequence[str]) -> list[str]:
        """Read headers and names of attachments; returns which of all the batch's heads lack a body they should have."""
        batch.take(self._gateway.fetch(gmail_ids, bodies=False), whole=False)
        verdicts = self._judge(batch.read.values())
        for gmail_id, verdict in verdicts.items():
            if verdict.matches:
                self._customers.add(batch.read[gmail_id].gmail_thread_id)
        return [
            gmail_id
            for gmail_id, verdict in verdicts.items()
            if (verdict.matches and not verdict.reason)
            # by its own people it is nobody's, but its thread is a customer's, and not stored yet
            or (verdict.reason in _OF_NOBODY and batch.read[gmail_id].gmail_thread_id in self._customers)
        ]

    def _judge(self, heads: Iterable[store.Fetched]) -> dict[str, Verdict]:
        with self._database.read() as session:
            mailbox = session.get_one(schema.Mailbox, self._mailbox_id)
            cases = [store.case_of_fetched(mailbox, fetched) for fetched in heads]
            return judge(session, mailbox.id, cases, load_rules(session, mailbox))

    def _whole(self, gmail_ids: Sequence[str]) -> Answers:
        """Messages with their bodies; whatever a thread's answer does not show is asked for by its own id."""
        wanted: dict[str, set[str]] = {}
        for gmail_id in gmail_ids:
            wanted.setdefault(self._thread(gmail_id), set()).add(gmail_id)
        large = [thread_id for thread_id, members in wanted.items() if len(members) >= _THREAD_PAYS]
        results: Answers = {}
        for thread_id, answer in self._gateway.fetch_threads(large, bodies=True).items():
            if not isinstance(answer, LealUpError):
                shown = {str(message["id"]): message for message in answer.get("messages", [])}
                results.update({gmail_id: shown[gmail_id] for gmail_id in wanted[thread_id] & shown.keys()})
        missing = [gmail_id for gmail_id in gmail_ids if gmail_id not in results]
        return results | self._gateway.fetch(missing, bodies=True)

    def _thread(self, gmail_id: str) -> str:
        """Its thread, or its own id while that is unknown: then it is alone."""
        return self._threads.get(gmail_id) or gmail_id


def sees_every_head(session: Session, mailbox: schema.Mailbox) -> bool:
    """True where somebody keeps a never-log list, or a colleague a private conversation: a thread's customer does not
    mean that each of its mails may be read.
    """
    return colleagues_hide_any(session, mailbox) or any(load_rules(session, mailbox).never_log.key)


def units_of_thread(costs: Mapping[str, int], mails: int, stored: int, *, every_head: bool) -> int:
    """Quota units that a `Fetcher` spends on a new conversation of so many mails, of which so many were a customer's."""
    if every_head:
        return (mails + stored) * costs["get"]
    if not stored:
        return mails * costs["get"]
    at_once = costs["threads.get"] if mails >= _THREAD_PAYS else mails * costs["get"]
    return costs["get"] + at_once


def _fetched(answer: dict[str, Any]) -> store.Fetched:
    headers = answer.get("payload", {}).get("headers", [])
    dates = [str(header.get("value", "")) for header in headers if str(header.get("name", "")).lower() == "date"]
    return store.Fetched(
        gmail_id=str(answer["id"]),
        gmail_thread_id=str(answer["threadId"]),
        label_ids=tuple(answer.get("labelIds", ())),
        date_header=dates[0] if dates else "",
        mail=read(answer),
    )
