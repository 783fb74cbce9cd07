"""What a human should know before approving: visible warnings with their reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from crm.customers import list_customers, own_addresses
from crm.folding import fold
from crm.identity import Principal
from crm.mail import Address
from crm.mails import StoredMail, thread_of

_ATTACHED = re.compile(
    r"\b(attached|attachment|enclosed|adjunt\w*|anexo|anexos|anexad\w*|em anexo|segue em anexo)\b", re.IGNORECASE
)
_PLACEHOLDER = re.compile(r"\[[^\[\]\n]{1,60}\]")


@dataclass(frozen=True, kw_only=True)
class Warned:
    """A draft as policy sees it: who asks, the mail answered, who would get it, and the text."""

    principal: Principal
    mail: StoredMail
    recipients: Sequence[Address]
    text: str


def review(session: Session, draft: Warned) -> tuple[str, ...]:
    """One sentence per concern, in a fixed order; empty when there is none."""
    checks = (_outside_thread, _reply_to, _other_customer, _missing_attachment, _placeholders)
    return tuple(warning for check in checks for warning in check(session, draft))


def _outside_thread(session: Session, draft: Warned) -> list[str]:
    known = set(own_addresses(session, draft.principal.workspace_id))
    for mail in thread_of(session, draft.principal.workspace_id, draft.mail.id):
        known.update(person.email for person in (mail.sender, *mail.to, *mail.cc))
    domains = {address.rpartition("@")[2] for address in known}
    warnings = []
    for person in draft.recipients:
        if person.email in known:
            continue
        domain = person.email.rpartition("@")[2]
        what = f"and {domain} is new to it" if domain not in domains else "though the domain is"
        warnings.append(f"{person.email} is not part of this thread, {what}.")
    return warnings


def _reply_to(session: Session, draft: Warned) -> list[str]:
    asked = {person.email for person in draft.mail.reply_to} - {draft.mail.sender.email}
    return [
        f"The sender asks for replies at {email}; this goes to {draft.mail.sender.email}." for email in sorted(asked)
    ]


def _other_customer(session: Session, draft: Warned) -> list[str]:
    """Naming another customer to this one is how one customer's affairs reach another."""
    text = _words(draft.text)
    warnings = []
    for customer in list_customers(session, draft.principal.workspace_id):
        if customer.id in draft.mail.customer_ids:
            continue
        names = (customer.name, *customer.aliases, *customer.domains)
        if any(_words(name) in text for name in names if len(name) > 2):
            warnings.append(f"The text names another customer: {customer.name}.")
    return warnings


def _missing_attachment(session: Session, draft: Warned) -> list[str]:
    return ["The text speaks of an attachment; this reply has none."] if _ATTACHED.search(draft.text) else []


def _placeholders(session: Session, draft: Warned) -> list[str]:
    return [f"Still to be filled in: {found}" for found in dict.fromkeys(_PLACEHOLDER.findall(draft.text))]


def _words(text: str) -> str:
    """Folded words between single blanks, so that a name is found only as whole words."""
    found = re.findall(r"[^\W_]+", fold(text))
    return f" {' '.join(found)} "
