""" "Why is this mail here, or not here?" (A6): the rule that matched, or the reason it was left out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crm import schema
from crm.association import associate
from crm.customers import directory, list_customers
from crm.errors import NotFound
from crm.generic_domains import is_generic
from crm.identity import Principal

_REASONS = {
    "no_customer": "None of its people belongs to a customer: no domain and no contact matched.",
    "draft": "It is a draft in Gmail; drafts are not read.",
    "trash": "It lies in Gmail's trash.",
    "spam": "Gmail marked it as spam.",
    "chat": "It is a chat message.",
    "deleted": "It was deleted in Gmail.",
}
_RULES = {
    "domain": "the domain {detail} is {customer}'s",
    "contact": "{detail} is a contact of {customer}",
    "thread": "its thread belongs to {customer}",
    "manual": "somebody linked it to {customer}",
}


def explain(session: Session, principal: Principal, wanted: str) -> dict[str, Any]:
    """`wanted` is our id, a Gmail id, a Message-ID, or an e-mail address. Raises `NotFound` for what no sync has seen."""
    message = _message(session, principal, wanted.strip().strip("<>"))
    if message is not None:
        return _explain_message(session, principal, message)
    pending = _pending(session, principal, wanted.strip())
    if pending is not None:
        return _explain_pending(pending)
    if "@" in wanted:
        return _explain_address(session, principal, wanted.strip().lower())
    raise NotFound(
        wanted,
        sentence="No sync has seen that mail.",
        next_step="It may be older than the indexed period, in another mailbox, or newer than the last sync.",
    )


def _message(session: Session, principal: Principal, wanted: str) -> schema.Message | None:
    """A copy in the user's own mailbox, or one on a timeline of the workspace."""
    mine = schema.Mailbox.user_id == principal.user_id
    on_timeline = schema.Message.status == "stored"
    return session.scalar(
        select(schema.Message)
        .join(schema.Mailbox, schema.Mailbox.id == schema.Message.mailbox_id)
        .outerjoin(schema.Mail, schema.Mail.id == schema.Message.mail_id)
        .where(
            schema.Mailbox.workspace_id == principal.workspace_id,
            or_(mine, on_timeline),
            or_(
                schema.Message.gmail_id == wanted,
                schema.Message.mail_id == wanted,
                schema.Mail.rfc_message_id.in_([wanted, f"<{wanted}>"]),
            ),
        )
        .limit(1)
    )


def _pending(session: Session, principal: Principal, wanted: str) -> schema.Pending | None:
    """One of the user's own mails that is known by its Gmail id only."""
    return session.scalar(
        select(schema.Pending)
        .join(schema.Mailbox, schema.Mailbox.id == schema.Pending.mailbox_id)
        .where(schema.Mailbox.user_id == principal.user_id, schema.Pending.gmail_id == wanted)
        .limit(1)
    )


def _explain_pending(pending: schema.Pending) -> dict[str, Any]:
    explanation = "It is not read yet. The next sync reads it."
    if pending.attempts:
        explanation = f"It is not read yet: {pending.attempts} attempts failed ({pending.error}). It is tried again."
    return {
        "message_id": None,
        "gmail_id": pending.gmail_id,
        "status": "quarantined" if pending.quarantined_at else "pending",
        "reason": pending.error or None,
        "links": [],
        "searchable": False,
        "parse_error": None,
        "explanation": explanation,
    }


def _explain_message(session: Session, principal: Principal, message: schema.Message) -> dict[str, Any]:
    customers = {held.id: held.name for held in list_customers(session, principal.workspace_id)}
    mail = message.mail
    links = sorted(
        ({"customer": customers[link.customer_id], "rule": link.rule, "detail": link.detail} for link in mail.links),
        key=lambda link: link["customer"],
    ) if mail is not None and message.status == "stored" else []  # fmt: skip
    if links:
        because = "; ".join(_RULES[link["rule"]].format(**link) for link in links)
        explanation = f"It is on the timeline of {' and '.join(link['customer'] for link in links)}: {because}."
    else:
        explanation = f"It is on no timeline. {_REASONS.get(message.reason, message.reason)}"
    return {
        "message_id": message.mail_id,
        "gmail_id": message.gmail_id,
        "status": message.status,
        "reason": message.reason or None,
        "links": links,
        "searchable": bool(mail is not None and mail.indexed_at and message.status == "stored"),
        "parse_error": mail.parse_error or None if mail is not None else None,
        "explanation": explanation,
    }


def _explain_address(session: Session, principal: Principal, address: str) -> dict[str, Any]:
    customers = {held.id: held.name for held in list_customers(session, principal.workspace_id)}
    known = directory(session, principal.workspace_id)
    matches = associate([address], known)
    links = [
        {"customer": customers[match.customer_id], "rule": match.rule, "detail": match.detail} for match in matches
    ]
    domain = address.rpartition("@")[2]
    if links:
        explanation = (
            f"Mail of {address} goes to a timeline: "
            + "; ".join(_RULES[str(link["rule"])].format(**link) for link in links)
            + "."
        )
    elif address in known.own:
        explanation = f"{address} is one of your own addresses."
    elif is_generic(domain):
        explanation = f"{domain} is a generic domain: add {address} as a contact of its customer."
    else:
        explanation = f"No customer has the domain {domain} or the contact {address}."
    return {"address": address, "links": links, "explanation": explanation}
