"""The unassigned queue (A7): people outside whose mail matched no customer, with a suggestion where one is likely.

Subjects, domains and names are all that is looked at: bodies of unassigned mail are never fetched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from crm import schema
from crm.customers import Customer, list_customers, own_addresses
from crm.domains import canonical_address, domain_of
from crm.folding import fold
from crm.generic_domains import is_generic
from crm.identity import Principal
from ingestion.reasons import NO_CUSTOMER

_SHORTEST = 4  # letters of a name that a subject or a domain may suggest


@dataclass(kw_only=True)
class _Person:
    name: str = ""
    mails: dict[str, tuple[datetime, str]] = field(default_factory=dict)  # id → (when, subject)


def unassigned_of(session: Session, principal: Principal) -> list[dict[str, Any]]:
    """One entry per address in the user's own mailboxes, suggestions first, then the most frequent.

    {address, name, mails, last, subjects, suggestion, because}; `because` is domain, name or subject, or None.
    """
    own = own_addresses(session, principal.workspace_id)
    ours = {domain_of(address) for address in own if not is_generic(domain_of(address))}
    customers = list_customers(session, principal.workspace_id)
    guess = Suggestions(customers)
    # whoever was just made a contact has a place; the next sync reads the mail
    own |= {canonical_address(contact.email) for customer in customers for contact in customer.contacts}
    people: dict[str, _Person] = defaultdict(_Person)
    for mail_id, sent_at, subject, name, email in session.execute(_rows(principal)):
        if email not in own and domain_of(email) not in ours:
            person = people[email]
            person.name = person.name or name
            person.mails[mail_id] = (sent_at, subject)
    found = [_entry(address, person, guess) for address, person in people.items()]
    return sorted(found, key=lambda one: (one["suggestion"] is None, -one["mails"], one["address"]))


def unassigned_mails(session: Session, principal: Principal, address: str) -> list[str]:
    """Ids of the mails in the queue that have this address among their people."""
    wanted = schema.Participant.email == canonical_address(address)
    return list(dict.fromkeys(row[0] for row in session.execute(_rows(principal).where(wanted))))


def _rows(principal: Principal) -> Select[str, datetime, str, str, str]:
    return (
        select(
            schema.Mail.id,
            schema.Mail.sent_at,
            schema.Mail.subject,
            schema.Participant.name,
            schema.Participant.email,
        )
        .join(schema.Message, schema.Message.mail_id == schema.Mail.id)
        .join(schema.Mailbox, schema.Mailbox.id == schema.Message.mailbox_id)
        .join(schema.Participant, schema.Participant.mail_id == schema.Mail.id)
        .where(
            schema.Mailbox.workspace_id == principal.workspace_id,
            schema.Mailbox.user_id == principal.user_id,
            schema.Message.status == "filtered",
            schema.Message.reason == NO_CUSTOMER,
            ~exists().where(schema.Link.mail_id == schema.Mail.id),  # linked, its body is on its way
            schema.Mail.automatic.is_(False),
            schema.Mail.bulk.is_(False),
            schema.Participant.kind != "reply_to",
        )
        .order_by(schema.Mail.sent_at.desc(), schema.Mail.id)
    )


def _entry(address: str, person: _Person, guess: Suggestions) -> dict[str, Any]:
    mails = sorted(person.mails.values(), key=lambda mail: mail[0], reverse=True)
    customer, because = guess.of(address, person.name, [subject for _, subject in mails])
    return {
        "address": address,
        "name": person.name,
        "mails": len(mails),
        "last": mails[0][0].isoformat(),
        "subjects": [subject for _, subject in mails[:3]],
        "suggestion": customer,
        "because": because,
    }


class Suggestions:
    """A customer who is likely meant: by the domain, by the person's name, or by a subject. Only a human links it (A3)."""

    def __init__(self, customers: Sequence[Customer]) -> None:
        self._names: dict[str, str] = {}
        self._contacts: dict[str, str] = {}
        for customer in customers:
            for name in (customer.name, *customer.aliases):
                if len(name) >= _SHORTEST:
                    self._names.setdefault(" ".join(_words(name)), customer.name)
            for contact in customer.contacts:
                if " " in contact.name.strip():  # a first name alone says nothing
                    self._contacts.setdefault(fold(contact.name), customer.name)
        self._longest = max((len(name.split()) for name in self._names), default=0)

    def of(self, address: str, name: str, subjects: Iterable[str]) -> tuple[str | None, str | None]:
        """(the customer's name, what suggests it), or (None, None)."""
        domain = domain_of(address)
        if not is_generic(domain) and (customer := self._by_domain(domain)):
            return customer, "domain"
        if customer := self._contacts.get(fold(name)) or self._named(name):
            return customer, "name"
        customer = next(filter(None, map(self._named, subjects)), None)
        return (customer, "subject") if customer else (None, None)

    def _by_domain(self, domain: str) -> str | None:
        """Globex for globex-labs.example, and Acme Robotics for acmerobotics.example."""
        labels = domain.split(".")[:-1]
        for name, customer in self._names.items():
            first, whole = name.partition(" ")[0], name.replace(" ", "")
            for label in labels:
                if whole == label.replace("-", "") or (len(first) >= _SHORTEST and first in label.split("-")):
                    return customer
        return None

    def _named(self, text: str) -> str | None:
        """The first customer whose whole name stands in the text."""
        words = _words(text)
        for begin in range(len(words)):
            for length in range(min(self._longest, len(words) - begin), 0, -1):
                if customer := self._names.get(" ".join(words[begin : begin + length])):
                    return customer
        return None


def _words(text: str) -> list[str]:
    """Folded words without the marks around them."""
    return "".join(char if char.isalnum() else " " for char in fold(text)).split()
