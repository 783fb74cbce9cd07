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
from gmail.compose import Reply
from outbox.warning import PolicyWarning

_ATTACHED = re.compile(
    r"\b(attached|attachment|enclosed|adjunt\w*|anexo|anexos|anexad\w*|em anexo|segue em anexo)\b", re.IGNORECASE
)
_MOST = 20  # warnings of a draft
_PLACEHOLDER = re.compile(r"\[[^\[\]\n]{1,60}\]")


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """A draft as policy sees it: who asks, the mail answered, the reply as composed, what the assistant had read for it and
    what its human had asked for.
    """

    principal: Principal
    mail: StoredMail
    reply: Reply
    sources: Sequence[str] = ()
    asked: str = ""

    @property
    def recipients(self) -> Sequence[Address]:
        return (*self.reply.to, *self.reply.cc, *self.reply.bcc)


def review(session: Session, draft: Reviewed) -> tuple[PolicyWarning, ...]:
    """One sentence per concern, in a fixed order; empty when there is none."""
    checks = (_outside_thread, _reply_to, _other_customer, _missing_attachment, _placeholders)
    found = [warning for check in checks for warning in check(session, draft)]
    if len(found) > _MOST:  # a card has room for so many; what blocks stands first
        more = PolicyWarning(kind="note", sentence=f"There are {len(found) - _MOST} more warnings.")
        return (*found[:_MOST], more)
    return tuple(found)


def _outside_thread(session: Session, draft: Reviewed) -> list[PolicyWarning]:
    known = set(own_addresses(session, draft.principal.workspace_id))
    for mail in thread_of(session, draft.principal.workspace_id, draft.mail.id):
        known.update(person.email for person in (mail.sender, *mail.to, *mail.cc))
    domains = {address.rpartition("@")[2] for address in known}
    warnings = []
    for person in draft.recipients:
        if person.email in known:
            continue
        domain = person.email.rpartition("@")[2]
        new = domain not in domains
        what = f"and {domain} is new to it" if new else "though the domain is"
        warnings.append(
            PolicyWarning(
                kind="new_domain" if new else "outside",
                sentence=f"{person.email} is not part of this thread, {what}.",
            )
        )
    return warnings


def _reply_to(session: Session, draft: Reviewed) -> list[PolicyWarning]:
    asked = {person.email for person in draft.mail.reply_to} - {draft.mail.sender.email}
    return [
        PolicyWarning(
            kind="reply_to",
            sentence=f"The sender asks for replies at {email}; this goes to {draft.mail.sender.email}.",
        )
        for email in sorted(asked)
    ]


def _other_customer(session: Session, draft: Reviewed) -> list[PolicyWarning]:
    """Naming another customer to this one is how one customer's affairs reach another."""
    text = _words(draft.reply.text)
    warnings = []
    for customer in list_customers(session, draft.principal.workspace_id):
        if customer.id in draft.mail.customer_ids:
            continue
        names = (customer.name, *customer.aliases, *customer.domains)
        if any(_words(name) in text for name in names if len(name) > 2):
            sentence = f"The text names another customer: {customer.name}."
            warnings.append(PolicyWarning(kind="other_customer", sentence=sentence))
    return warnings


def _missing_attachment(session: Session, draft: Reviewed) -> list[PolicyWarning]:
    if draft.reply.files or not _ATTACHED.search(draft.reply.text):
        return []
    return [PolicyWarning(kind="attachment", sentence="The text speaks of an attachment; this reply has none.")]


def _placeholders(session: Session, draft: Reviewed) -> list[PolicyWarning]:
    return [
        PolicyWarning(kind="placeholder", sentence=f"Still to be filled in: {found}")
        for found in dict.fromkeys(_PLACEHOLDER.findall(draft.reply.text))
    ]


def _words(text: str) -> str:
    """Folded words between single blanks, so that a name is found only as whole words."""
    found = re.findall(r"[^\W_]+", fold(text))
    return f" {' '.join(found)} "
