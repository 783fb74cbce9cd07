"""People who wrote from a customer's domain and are in no list of contacts: a question may name them all the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from agent.dates import CALENDAR_WORDS
from agent.ordinary import ORDINARY_ANYWHERE
from agent.wording import FRAME
from agent.words import at_name_place, split_words
from crm import schema
from crm.customers import Contact, Customer
from crm.folding import fold
from crm.generic_domains import is_generic
from crm.signals.lexicon import concept_forms

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 3  # letters of a name worth looking up
_FRAME = frozenset().union(*FRAME.values())
_MOST = 50  # people of a name; beyond that it is none


def with_correspondents(
    session: Session, workspace_id: int, customers: Sequence[Customer], question: str
) -> list[Customer]:
    """The customers, each with those correspondents as contacts without a role that the question may name.

    Somebody is a customer's by the domain they write from. The mail is looked at only when the question holds a word at the
    place of a name that no customer and no contact is called.
    """
    names = _names(question, customers)
    if not names:
        return list(customers)
    known = {contact.email for customer in customers for contact in customer.contacts}
    found: dict[int, list[Contact]] = {}
    for name, email in _senders(session, workspace_id, names):
        customer = _of_domain(email, customers)
        called = _called(name, email, names)
        if customer and called and email not in known:
            known.add(email)
            person = Contact(id=0, customer_id=customer.id, customer=customer.name, name=called, email=email, role="")
            found.setdefault(customer.id, []).append(person)
    return [replace(customer, contacts=(*customer.contacts, *found.get(customer.id, ()))) for customer in customers]


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Somebody of our own side; `written` is how a question names them, folded."""

    name: str
    email: str
    written: str


def colleagues(
    session: Session, workspace_id: int, customers: Sequence[Customer], question: str, *, domain: str
) -> list[Colleague]:
    """Who of our own side, that writes from `domain`, a question names. Who is called like a customer's contact is taken for the contact;
    a provider's domain (gmail.com) is nobody's own.
    """
    names = _names(question, customers)
    if not names or is_generic(domain):
        return []
    found: dict[str, Colleague] = {}
    for name, email in _senders(session, workspace_id, names, at=domain):
        called = _words(name)
        for asked in names:
            if called and (asked == called[:1] or asked in (called, (called[0], called[-1]))):
                found[email] = Colleague(name=name, email=email, written=" ".join(asked))
    return list(found.values())


def _names(question: str, customers: Sequence[Customer]) -> list[tuple[str, ...]]:
    """The folded words of each name that stands where a name can, first name first."""
    plain = "".join((fold(char) or " ")[:1] for char in question)
    taken = _called_by(customers)
    names: list[tuple[str, ...]] = []
    run: list[str] = []
    end, capital = -1, False
    for word in split_words(question, plain):
        continues = bool(run) and plain[end : word.start] == " " and word.capital == capital
        may = (
            len(word.plain) >= _SHORTEST
            and word.plain not in _FRAME | ORDINARY_ANYWHERE | CALENDAR_WORDS | taken
            and (continues or word.capital or len(concept_forms(word.plain)) == 1)  # not "about renewal"
            and (continues or (word.capital and not word.first) or at_name_place(plain[: word.start]))
        )
        if run and not (may and continues):
            names.append(tuple(run))
            run = []
        if may:
            run.append(word.plain)
            end, capital = word.end, word.capital
    return [*names, *([tuple(run)] if run else [])]


def _called_by(customers: Sequence[Customer]) -> set[str]:
    """The folded words of what they and their contacts are called."""
    called = {name for customer in customers for name in (customer.name, *customer.aliases)}
    called |= {contact.name for customer in customers for contact in customer.contacts}
    return {word for name in called for word in (*_words(name), *fold(name).split())}  # "Area51" as a whole too


def _senders(
    session: Session, workspace_id: int, names: Iterable[tuple[str, ...]], *, at: str = ""
) -> list[tuple[str, str]]:
    """(name, address) of whoever wrote to us and may be called so; of whoever wrote `at` a domain, to whomever."""
    mail = schema.Mail
    # Each once before any name is compared: mails are many, senders few. All of it is in one index.
    senders = (
        select(mail.sender_name.label("name"), mail.sender_email.label("email"))
        .where(
            mail.workspace_id == workspace_id,
            mail.sender_email.endswith(f"@{at}", autoescape=True) if at else mail.direction == "inbound",
        )
        .distinct()
        .cte("senders")
        .prefix_with("MATERIALIZED")
    )
    stems = {stem for name in names for stem in (name[0], name[-1])}
    may = or_(*(func.lower(senders.c.name).contains(stem) | senders.c.email.contains(stem) for stem in stems))
    query = select(senders.c.name, senders.c.email).where(may).order_by(senders.c.email, senders.c.name).limit(_MOST)
    return [(str(name), str(email)) for name, email in session.execute(query)]


def _of_domain(email: str, customers: Sequence[Customer]) -> Customer | None:
    host = email.partition("@")[2]
    return next(
        (
            customer
            for customer in customers
            for domain in customer.domains
            if host == domain.lower() or host.endswith(f".{domain.lower()}")
        ),
        None,
    )


def _called(name: str, email: str, names: Iterable[tuple[str, ...]]) -> str:
    """What the sender is called, where that is one of the names asked for; "" otherwise."""
    shown = name.strip(" '\"")
    if "," in shown:  # "Allen, Phillip K."
        last, _, first = shown.partition(",")
        shown = f"{first.strip()} {last.strip()}"
    words = _words(shown) if "@" not in shown else ()
    if words:
        first_names_only = any(len(asked) == 1 and asked[0] == words[0] for asked in names)
        whole = any(len(asked) > 1 and asked[0] == words[0] and asked[1] == words[-1] for asked in names)
        surname = any(asked == words[-1:] for asked in names)
        return shown if first_names_only or whole or surname else ""
    local = fold(email.partition("@")[0])
    for asked in names:
        if len(asked) > 1 and local in _local_parts(asked[0], asked[1]):
            return " ".join(word.capitalize() for word in asked[:2])
    return ""


def _local_parts(first: str, last: str) -> set[str]:
    """How the names of an address are commonly made of a person's."""
    joined = {f"{first}{sign}{last}" for sign in ("", ".", "_", "-")}
    return joined | {f"{first[0]}{last}", f"{first}{last[0]}", f"{last}{first[0]}", f"{first[0]}.{last}"}


def _words(name: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(name)))
