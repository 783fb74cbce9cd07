""" "Why is this mail here, or not here?" (A6): the rule that matched, or the reason it was left out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import schema
from crm.association import associate
from crm.customers import directory, list_customers
from crm.domains import canonical_address, domain_of
from crm.generic_domains import is_generic
from crm.identity import Principal
from crm.link_choices import choices_of
from crm.never_log import never_log_of
from ingestion.finding import find_copy, not_seen
from ingestion.judgement import load_rules
from ingestion.mailboxes import mailboxes_of
from ingestion.placement import case_of
from ingestion.reasons import NEVER_LOG, NO_CUSTOMER, OUTSIDE_WINDOW, SENTENCES, UNLINKED

_RULES = {
    "domain": "the domain {detail} is {customer}'s",
    "contact": "{detail} is a contact of {customer}",
    "thread": "its thread belongs to {customer}",
    "manual": "{who} linked it to {customer}",
}


def explain(session: Session, principal: Principal, wanted: str) -> dict[str, Any]:
    """`wanted` is our id, a Gmail id, a Message-ID, or an e-mail address. Raises `NotFound` for what no sync has seen."""
    message = find_copy(session, principal, wanted)
    if message is not None:
        return _explain_message(session, principal, message)
    pending = _pending(session, principal, wanted.strip())
    if pending is not None:
        return _explain_pending(pending)
    if "@" in wanted:
        return _explain_address(session, principal, canonical_address(wanted))
    raise not_seen(wanted)


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
    customers = _names(session, principal)
    mail = message.mail
    shown = message.status == "stored"
    linked = mail.links if mail is not None and message.reason in ("", NO_CUSTOMER) else []
    links = sorted(
        ({"customer": customers[link.customer_id], "rule": link.rule, "detail": link.detail} for link in linked),
        key=lambda link: link["customer"],
    )
    if links:
        where = " and ".join(link["customer"] for link in links)
        because = "; ".join(_because(link) for link in links)
        explanation = (
            f"It is on the timeline of {where}: {because}."
            if shown
            else f"It belongs on the timeline of {where}: {because}. Its text is not read yet; the next sync reads it."
        )
    else:
        explanation = f"It is on no timeline. {_reason(session, message)}"
    return {
        "message_id": message.mail_id,
        "gmail_id": message.gmail_id,
        "status": message.status,
        "reason": message.reason or None,
        "links": links if shown else [],
        "searchable": bool(mail is not None and mail.indexed_at and shown),
        "parse_error": mail.parse_error or None if mail is not None else None,
        "explanation": explanation,
    }


def _because(link: dict[str, str]) -> str:
    return _RULES[link["rule"]].format(**link, who=link["detail"] or "somebody")


def _reason(session: Session, message: schema.Message) -> str:
    """The sentence of its reason, with what stands behind it."""
    mailbox = session.get_one(schema.Mailbox, message.mailbox_id)
    sentence = SENTENCES.get(message.reason, message.reason)
    if message.reason == NEVER_LOG and message.mail is not None:
        case = case_of(message, message.mail)
        hit = load_rules(session, mailbox).never_log.hit(case.people, case.label_ids)
        return f"{sentence[:-1]}: {hit}." if hit else sentence
    if message.reason == OUTSIDE_WINDOW and mailbox.window_start is not None:
        return (
            f"{sentence[:-1]}, which begins on {mailbox.window_start:%Y-%m-%d}. "
            "`lealup sync --days N` reaches further back."
        )
    if message.reason == UNLINKED and message.mail is not None:
        choice = choices_of(
            session, [message.mail.id], mailbox_id=mailbox.id, threads={message.mail.id: message.gmail_thread_id}
        )
        names = session.scalars(
            select(schema.Customer.name).where(schema.Customer.id.in_(choice[message.mail.id].unlinked))
        )
        return f"Somebody took it off the timeline of {' and '.join(sorted(names))} by hand."
    return sentence


def _names(session: Session, principal: Principal) -> dict[int, str]:
    return {held.id: held.name for held in list_customers(session, principal.workspace_id)}


def _explain_address(session: Session, principal: Principal, address: str) -> dict[str, Any]:
    customers = _names(session, principal)
    known = directory(session, principal.workspace_id)
    matches = associate([address], known)
    links = [
        {"customer": customers[match.customer_id], "rule": str(match.rule), "detail": match.detail} for match in matches
    ]
    domain = domain_of(address)
    barred = {
        hit
        for mailbox in mailboxes_of(session, principal)
        if (hit := never_log_of(session, mailbox).hit([address], ()))
    }
    if barred:
        explanation = f"Mail of {address} is never logged: {', '.join(sorted(barred))} is on the never-log list."
    elif links:
        explanation = f"Mail of {address} goes to a timeline: " + "; ".join(map(_because, links)) + "."
    elif address in known.own:
        explanation = f"{address} is one of your own addresses."
    elif is_generic(domain):
        explanation = f"{domain} is a generic domain: add {address} as a contact of its customer."
    else:
        explanation = f"No customer has the domain {domain} or the contact {address}."
    return {"address": address, "links": [] if barred else links, "explanation": explanation}
