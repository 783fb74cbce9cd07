"""The leak check: no recipient outside may read in a draft what another customer wrote, or is.

Every mail that was read for a draft is compared with its text: runs of words, figures and identifiers. A source counts as
another's for a recipient who was not on it, whose company is none of its customers', and who is not simply a newcomer to
the customer's own conversation.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import schema
from crm.association import associate
from crm.customers import Customer, directory, list_customers
from crm.folding import fold
from crm.index import lexical
from crm.invisible import bare
from crm.mails import StoredMail, get_mails
from outbox.figures import figures
from outbox.warning import PolicyWarning

RUN = 6  # words in a row that nobody writes twice by chance
RECORD = "customer:"  # how a source names a customer's record
_SHOWN = 12  # words of a run in a warning
_COMMON = 3  # customers whose mail holds the same words: a phrase, and nobody's
_MOST = 5  # warnings of this kind
_LOOKED_AT = 400  # mails that hold a phrase
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Something that was read: its text, whose it is, and who was on it."""

    told: str
    text: str
    customers: frozenset[int]
    people: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A draft as the check sees it. `outside` are recipients who are not our own people, `own_words` what its human wrote."""

    workspace_id: int
    text: str
    outside: tuple[str, ...]
    customers: frozenset[int]
    thread: Sequence[StoredMail]
    sources: Sequence[str]
    own_words: str


def leaks(session: Session, draft: Compared) -> tuple[PolicyWarning, ...]:
    """What blocks the draft, and a warning when a source is no longer there to be compared."""
    mails = get_mails(session, draft.workspace_id, [held for held in draft.sources if not held.startswith(RECORD)])
    read = {mail.id: _of_mail(mail) for mail in (*draft.thread, *mails.values())}
    records = _records(session, draft)
    gone = sum(not held.startswith(RECORD) and held not in read for held in draft.sources)
    found: dict[str, PolicyWarning] = {}
    known = directory(session, draft.workspace_id)
    companies = {email: frozenset(match.customer_id for match in associate([email], known)) for email in draft.outside}
    for email in draft.outside:
        sources = [*read.values(), *records]
        foreign = [source for source in sources if not _may_read(source, email, companies[email], draft.customers)]
        if not foreign:
            continue
        open_ = [source.text for source in sources if source not in foreign]
        for sentence in _repeated(session, draft, foreign, open_, email, companies[email]):
            found.setdefault(sentence, PolicyWarning(kind="other_content", sentence=sentence, blocking=True))
    blocked = tuple(found.values())[:_MOST]
    if gone:
        what = "A mail" if gone == 1 else f"{gone} mails"
        blocked += (
            PolicyWarning(
                kind="unchecked",
                sentence=f"{what} that was read for this draft can no longer be compared with it.",
            ),
        )
    return blocked


def _may_read(source: Source, email: str, companies: Collection[int], thread: Collection[int]) -> bool:
    if email in source.people or source.customers.intersection(companies):
        return True
    return not companies and bool(source.customers.intersection(thread))


def _repeated(
    session: Session,
    draft: Compared,
    foreign: Sequence[Source],
    open_: Iterable[str],
    email: str,
    companies: Collection[int],
) -> list[str]:
    """A sentence for each foreign source that the text repeats, and for what of it."""
    allowed = "\n".join((*open_, draft.own_words))
    runs = _runs(_words(draft.text)) - _runs(_words(allowed))
    open_figures = figures(bare(allowed))
    told = {key: written for key, written in figures(bare(draft.text)).items() if key not in open_figures}
    if not runs and not told:
        return []
    ours = companies or draft.customers
    sentences = []
    for source in foreign:
        theirs = runs & _runs(_words(source.text))
        shared = _stretches(draft.text, theirs) if theirs else []
        told_words = next((held for held in shared if not _is_common(session, draft.workspace_id, held, ours)), "")
        if told_words:
            words = " ".join(told_words.split()[:_SHOWN])
            sentences.append(f"The text repeats words of {source.told}, which {email} must not read: “{words}”.")
        for key in sorted(figures(bare(source.text)).keys() & told.keys()):
            if not _is_common(session, draft.workspace_id, told[key], ours, figure=key):
                sentences.append(f"The text holds “{told[key]}” of {source.told}, which {email} must not read.")
    return sentences


def _stretches(text: str, runs: Collection[tuple[str, ...]]) -> list[str]:
    """The stretches of the text that are made of those runs, the longest first."""
    words, found, start = _words(text), list[list[str]](), None
    for place in range(len(words) - RUN + 2):
        if tuple(words[place : place + RUN]) in runs:
            start = place if start is None else start
        elif start is not None:
            found.append(words[start : place + RUN - 1])
            start = None
    return [" ".join(stretch) for stretch in sorted(found, key=len, reverse=True)]


def _is_common(session: Session, workspace_id: int, phrase: str, ours: Collection[int], *, figure: str = "") -> bool:
    """Whether the draft's own customer has mail with these words too, or so many others that they are nobody's.

    Of a figure, the index knows the digits alone: that a mail holds 15 does not say that it tells 15 %.
    """
    found = sorted(lexical.containing(session, workspace_id, phrase))[:_LOOKED_AT]
    if figure:
        mail = schema.Mail
        texts = session.execute(select(mail.id, mail.subject, mail.new_text).where(mail.id.in_(found)))
        found = [mail_id for mail_id, subject, text in texts if figure in figures(bare(f"{subject}\n{text}"))]
    link = schema.Link
    holders = set(session.scalars(select(link.customer_id).where(link.mail_id.in_(found)).distinct()))
    return bool(holders.intersection(ours)) or len(holders) >= _COMMON


def _of_mail(mail: StoredMail) -> Source:
    people = (mail.sender, *mail.to, *mail.cc)
    return Source(
        told=f"a mail of {' and '.join(mail.customers)} ({mail.sent_at:%Y-%m-%d}, “{' '.join(mail.subject.split())}”)",
        text="\n".join((mail.subject, mail.text, mail.new_text, *(said for _, said in mail.files))),
        customers=frozenset(mail.customer_ids),
        people=frozenset(person.email for person in people),
    )


def _records(session: Session, draft: Compared) -> list[Source]:
    wanted = {int(held.removeprefix(RECORD)) for held in draft.sources if held.startswith(RECORD)}
    customers = list_customers(session, draft.workspace_id)
    return [_of_record(customer) for customer in customers if customer.id in wanted | draft.customers]


def _of_record(customer: Customer) -> Source:
    """Whatever the assistant's tools show of it but its owner, one of us whom replies name. A short word, such as a plan's
    name, is no run and no figure.
    """
    arr = (
        f"{customer.arr:.2f} EUR, {customer.arr:,.0f} EUR" if customer.arr else ""
    )  # in full, and as the tools show it
    renewal = customer.renewal_date.isoformat() if customer.renewal_date else ""
    contacts = [f"{held.name} <{held.email}> ({held.role})" for held in customer.contacts]
    fields = (
        f"plan {customer.plan}, {customer.status}, renewal {renewal}; contacts:",
        *contacts,
    )
    return Source(
        told=f"the record of {customer.name}",
        text="\n".join((arr, *fields)),
        customers=frozenset((customer.id,)),
        people=frozenset(),
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(bare(text)))


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[place : place + RUN]) for place in range(len(words) - RUN + 1)}
