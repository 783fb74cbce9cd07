"""The unassigned queue (A7): people outside whose mail matched no customer, with a suggestion where one is likely."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import schema
from crm.customers import Customer, list_customers, own_addresses
from crm.folding import fold
from crm.generic_domains import is_generic
from crm.identity import Principal


def unassigned_of(session: Session, principal: Principal) -> list[dict[str, Any]]:
    """One entry per address in the user's own mailboxes: {address, name, mails, last, subjects, suggestion}; suggestions first."""
    own = own_addresses(session, principal.workspace_id)
    ours = {address.rpartition("@")[2] for address in own if not is_generic(address.rpartition("@")[2])}
    customers = list_customers(session, principal.workspace_id)
    rows = session.execute(
        select(schema.Mail, schema.Participant.name, schema.Participant.email)
        .join(schema.Message, schema.Message.mail_id == schema.Mail.id)
        .join(schema.Mailbox, schema.Mailbox.id == schema.Message.mailbox_id)
        .join(schema.Participant, schema.Participant.mail_id == schema.Mail.id)
        .where(
            schema.Mailbox.user_id == principal.user_id,
            schema.Message.status == "filtered",
            schema.Message.reason == "no_customer",
            schema.Mail.automatic.is_(False),
            schema.Mail.bulk.is_(False),
            schema.Participant.kind != "reply_to",
        )
    ).all()
    grouped: dict[str, list[tuple[schema.Mail, str]]] = defaultdict(list)
    for mail, name, email in rows:
        if email not in own and email.rpartition("@")[2] not in ours:
            grouped[email].append((mail, name))
    found = [_entry(address, held, customers) for address, held in grouped.items()]
    return sorted(found, key=lambda one: (one["suggestion"] is None, -one["mails"], one["address"]))


def _entry(address: str, held: list[tuple[schema.Mail, str]], customers: tuple[Customer, ...]) -> dict[str, Any]:
    mails = sorted({mail.id: mail for mail, _ in held}.values(), key=lambda mail: mail.sent_at, reverse=True)
    return {
        "address": address,
        "name": next((name for _, name in held if name), ""),
        "mails": len(mails),
        "last": mails[0].sent_at.isoformat(),
        "subjects": [mail.subject for mail in mails[:3]],
        "suggestion": _suggestion(address, mails, customers),
    }


def _suggestion(address: str, mails: list[schema.Mail], customers: tuple[Customer, ...]) -> str | None:
    """A customer whose name stands in the domain or in a subject; only a human links it (A3)."""
    domain = address.rpartition("@")[2]
    company = "" if is_generic(domain) else fold(domain.partition(".")[0])
    for customer in customers:
        names = [fold(name) for name in (customer.name, *customer.aliases) if len(name) > 3]
        in_domain = company and any(company == name.replace(" ", "") or company in name.split() for name in names)
        in_subject = any(f" {name} " in f" {fold(mail.subject)} " for mail in mails for name in names)
        if in_domain or in_subject:
            return customer.name
    return None
