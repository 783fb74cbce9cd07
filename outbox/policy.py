"""What a human should know before approving: visible warnings with their reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from crm.customers import directory, list_customers, own_addresses
from crm.domains import canonical_address, domain_of, within
from crm.folding import fold
from crm.generic_domains import is_generic
from crm.identity import Principal
from crm.mail import Address
from crm.mails import StoredMail, get_mails, thread_of
from crm.signals.injection import speaks_to_an_assistant
from gmail.compose import Reply
from outbox.leaks import Compared, leaks
from outbox.look_alike import imitated
from outbox.signature import signature_of
from outbox.warning import PolicyWarning

_ATTACHED = re.compile(
    r"\b(attached|attachment|enclosed|adjunt\w*|anexo|anexos|anexad\w*|em anexo|segue em anexo)\b", re.IGNORECASE
)
_PROVIDERS = frozenset({"gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com"})
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
    checks = (
        _leaks, _look_alikes, _outside_thread, _reply_to, _other_customer, _instructions, _missing_attachment,
        _placeholders,
    )  # fmt: skip
    found = [warning for check in checks for warning in check(session, draft)]
    if len(found) > _MOST:  # a card has room for so many; what blocks stands first
        more = PolicyWarning(kind="note", sentence=f"There are {len(found) - _MOST} more warnings.")
        return (*found[:_MOST], more)
    return tuple(found)


def _leaks(session: Session, draft: Reviewed) -> list[PolicyWarning]:
    """Another customer's content on its way to somebody outside. This is what blocks."""
    workspace = draft.principal.workspace_id
    own = own_addresses(session, workspace)
    companies = directory(session, workspace).domains  # an alias at a customer makes nobody there a colleague
    ours = {
        domain for domain in map(domain_of, own) if not is_generic(domain) and domain not in companies
    }  # a colleague without an account is one of us
    outside = dict.fromkeys(
        person.email
        for person in draft.recipients
        if canonical_address(person.email) not in own and not within(domain_of(person.email), ours)
    )
    compared = Compared(
        workspace_id=workspace,
        text=f"{draft.reply.subject}\n{draft.reply.text}",
        outside=tuple(outside),
        customers=frozenset(draft.mail.customer_ids),
        thread=thread_of(session, workspace, draft.mail.id),
        sources=draft.sources,
        own_words=f"{draft.asked}\n{signature_of(session, draft.principal)}",
    )
    return list(leaks(session, compared))


def _look_alikes(session: Session, draft: Reviewed) -> list[PolicyWarning]:
    """A recipient, in the thread or not, at a domain that imitates a customer's, ours, the thread's or a big provider's."""
    held = directory(session, draft.principal.workspace_id)
    known = {*held.domains, *map(domain_of, held.contacts), *map(domain_of, held.own)} | _PROVIDERS
    thread = {domain_of(address) for address in _people(session, draft)}
    warnings = []
    for person in draft.recipients:
        domain = domain_of(person.email)
        if domain in known or is_generic(domain):
            continue
        others = set() if domain in thread else thread
        if found := imitated(domain, known | others):
            sentence = f"{person.email} is at {domain}, which looks like {found} and is another domain."
            warnings.append(PolicyWarning(kind="look_alike", sentence=sentence))
    return warnings


def _instructions(session: Session, draft: Reviewed) -> list[PolicyWarning]:
    """A mail that speaks to an assistant among those a draft was made from: read the draft as if its sender wrote it."""
    read = get_mails(session, draft.principal.workspace_id, [held for held in draft.sources if ":" not in held])
    suspects = [
        mail
        for mail in read.values()
        if speaks_to_an_assistant("\n".join((mail.subject, mail.new_text, *(said for _, said in mail.files))))
    ]
    return [
        PolicyWarning(
            kind="instruction",
            sentence=f"A mail that was read for this draft holds instructions to an assistant: "
            f"“{' '.join(mail.subject.split())}” of {mail.sender.email}. Check every statement.",
        )
        for mail in sorted(suspects, key=lambda mail: (mail.sent_at, mail.id))
    ]


def _people(session: Session, draft: Reviewed) -> set[str]:
    """Everybody of the thread."""
    return {
        person.email
        for mail in thread_of(session, draft.principal.workspace_id, draft.mail.id)
        for person in (mail.sender, *mail.to, *mail.cc)
    }


def _outside_thread(session: Session, draft: Reviewed) -> list[PolicyWarning]:
    known = _people(session, draft) | own_addresses(session, draft.principal.workspace_id)
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
