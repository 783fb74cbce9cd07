"""Where a mail belongs: customers by rule, by thread and by hand, or the reason for which it is on no timeline.

One function judges mail that arrives and mail that is stored, so that both always give the same answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from crm import schema
from crm.association import Directory, Match, associate
from crm.customers import directory
from crm.link_choices import Choice, choices_of
from crm.never_log import NeverLog, never_log_of
from crm.slices import slices
from ingestion.reasons import NEVER_LOG, NO_CUSTOMER, OUTSIDE_WINDOW, PRIVATE, UNLINKED, hidden_by

COPYS_OWN = (NEVER_LOG, OUTSIDE_WINDOW)  # they bar one mailbox's copy; another mailbox may show the mail
_NO_CHOICE = Choice()


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Everything a mailbox's mail is judged by, apart from what was decided for single mails and threads.

    `window_start` is the oldest instant of the indexed period; None before the first sync.
    """

    directory: Directory
    never_log: NeverLog
    window_start: datetime | None

    @property
    def key(self) -> str:
        """Changes whenever stored mail has to be judged again."""
        held = self.directory
        parts = (
            sorted(held.domains.items()), sorted(held.contacts.items()), sorted(held.own), self.never_log.key,
            self.window_start,
        )  # fmt: skip
        return hashlib.sha256(repr(parts).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Case:
    """One message of the mailbox. `people` are its sender and recipients; `mail_id` its canonical id, stored or not."""

    gmail_id: str
    thread_id: str
    mail_id: str
    label_ids: tuple[str, ...]
    people: tuple[str, ...]
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`reason` is "" for a mail that belongs on the timelines of `matches`."""

    matches: tuple[Match, ...] = ()
    reason: str = ""


def load_rules(session: Session, mailbox: schema.Mailbox) -> Rules:
    return Rules(
        directory=directory(session, mailbox.workspace_id),
        never_log=never_log_of(session, mailbox),
        window_start=mailbox.window_start,
    )


def judge(session: Session, mailbox_id: int, cases: Sequence[Case], rules: Rules) -> dict[str, Verdict]:
    """Gmail id → verdict. What a case's own people justify, its whole thread inherits (S4), among `cases` and the stored."""
    threads_by_mail = {case.mail_id: case.thread_id for case in cases}
    choices = choices_of(session, threads_by_mail, mailbox_id=mailbox_id, threads=threads_by_mail)
    private = _private(session, mailbox_id, threads_by_mail)
    kept_out = {case.gmail_id: _kept_out(case, rules, private) for case in cases}
    own: dict[str, tuple[Match, ...]] = {}
    here = {case.gmail_id for case in cases}
    threads = thread_customers(session, mailbox_id, {case.thread_id for case in cases}, but=here)
    for case in cases:
        own[case.gmail_id] = ()
        # A mail in the trash still tells whose conversation it was part of; spam and drafts tell nothing.
        if not kept_out[case.gmail_id] and hidden_by(case.label_ids) in ("", "trash"):
            own[case.gmail_id] = _own(case, rules, choices.get(case.mail_id, _NO_CHOICE))
        for match in own[case.gmail_id]:
            inherited = Match(customer_id=match.customer_id, rule="thread", detail=case.thread_id)
            threads.setdefault(case.thread_id, {}).setdefault(match.customer_id, inherited)
    return {
        case.gmail_id: _verdict(
            case, rules, kept_out[case.gmail_id], own[case.gmail_id], threads.get(case.thread_id, {}),
            choices.get(case.mail_id, _NO_CHOICE),
        )
        for case in cases
    }  # fmt: skip


def thread_customers(
    session: Session, mailbox_id: int, thread_ids: Collection[str], *, but: Collection[str] = ()
) -> dict[str, dict[int, Match]]:
    """Customers of each Gmail thread of this mailbox by its stored messages except `but`, as links that mails inherit."""
    copy, link = schema.Message, schema.Link
    found: dict[str, dict[int, Match]] = {}
    for piece in slices(thread_ids):
        query = (
            select(copy.gmail_thread_id, copy.gmail_id, link.customer_id)
            .join(link, link.mail_id == copy.mail_id)
            .where(
                copy.mailbox_id == mailbox_id,
                copy.gmail_thread_id.in_(piece),
                copy.reason.not_in(COPYS_OWN),
                link.rule != "thread",
            )
        )
        for thread_id, gmail_id, customer_id in session.execute(query):
            if gmail_id not in but:
                match = Match(customer_id=customer_id, rule="thread", detail=thread_id)
                found.setdefault(thread_id, {})[customer_id] = match
    return found


def _kept_out(case: Case, rules: Rules, private: Collection[str]) -> str:
    """Why the mail is on no timeline whoever its people are, or ""."""
    if rules.never_log.hit(case.people, case.label_ids):
        return NEVER_LOG
    return PRIVATE if case.mail_id in private else ""


def _own(case: Case, rules: Rules, choice: Choice) -> tuple[Match, ...]:
    return choice.apply(() if _is_outside(case, rules) else associate(case.people, rules.directory))


def _is_outside(case: Case, rules: Rules) -> bool:
    return rules.window_start is not None and case.sent_at is not None and case.sent_at < rules.window_start


def _verdict(
    case: Case, rules: Rules, kept_out: str, own: tuple[Match, ...], inherited: dict[int, Match], choice: Choice
) -> Verdict:
    hidden = hidden_by(case.label_ids)
    if kept_out or hidden not in ("", "trash"):
        return Verdict(reason=hidden or kept_out)
    held = {match.customer_id for match in own} | choice.unlinked
    matches = (*own, *(match for customer_id, match in sorted(inherited.items()) if customer_id not in held))
    if hidden or matches:
        return Verdict(matches=matches, reason=hidden)
    if choice.unlinked:
        return Verdict(reason=UNLINKED)
    return Verdict(reason=OUTSIDE_WINDOW if _is_outside(case, rules) else NO_CUSTOMER)


def _private(session: Session, mailbox_id: int, threads_by_mail: dict[str, str]) -> set[str]:
    """Mails with a copy in a private thread of anybody's mailbox: what its owner hides is hidden everywhere."""
    copy, private = schema.Message, schema.PrivateThread
    same = and_(copy.mailbox_id == private.mailbox_id, copy.gmail_thread_id == private.gmail_thread_id)
    found: set[str] = set()
    for piece in slices(threads_by_mail):
        query = select(copy.mail_id).join(private, same).where(copy.mail_id.in_(piece))
        found.update(str(mail_id) for mail_id in session.scalars(query))
    marked: set[str] = set()
    for piece in slices(set(threads_by_mail.values())):
        here = private.gmail_thread_id.in_(piece)
        marked.update(session.scalars(select(private.gmail_thread_id).where(private.mailbox_id == mailbox_id, here)))
    return found | {mail_id for mail_id, thread_id in threads_by_mail.items() if thread_id in marked}


def colleagues_hide_any(session: Session, mailbox: schema.Mailbox) -> bool:
    """Whether a colleague keeps any conversation private, mails of which may be in this mailbox too."""
    private, other = schema.PrivateThread, schema.Mailbox
    query = select(private.gmail_thread_id).join(other, other.id == private.mailbox_id)
    found = query.where(other.workspace_id == mailbox.workspace_id, other.id != mailbox.id).limit(1)
    return session.scalar(found) is not None


def people_of(kinds: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Addresses of (kind, address) pairs without Reply-To: anybody can write anything there."""
    return tuple(dict.fromkeys(email for kind, email in kinds if kind != "reply_to"))
