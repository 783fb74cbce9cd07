"""What a human does with the unassigned queue (A7): link it, make a contact of the person, or never log it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm import audit
from crm.clock import Clock
from crm.customers import find_customer, save_contact
from crm.domains import canonical_address, domain_of
from crm.errors import NotFound
from crm.generic_domains import is_generic
from crm.identity import Principal
from crm.never_log import Entry, add_entry
from ingestion.manual_links import Relinked, link, link_mails
from ingestion.unassigned import unassigned_mails


def link_person(session: Session, clock: Clock, principal: Principal, wanted: str, customer: str) -> Relinked:
    """Link every unassigned mail of an address, or the one mail with that id. Mail to come is not: that makes a contact."""
    if "@" not in wanted or wanted.strip().startswith("<"):
        return link(session, clock, principal, wanted, customer)
    mail_ids = unassigned_mails(session, principal, wanted)
    if not mail_ids:
        raise NotFound(
            wanted, sentence=f"No unassigned mail has {wanted} among its people.", next_step="See `lealup unassigned`."
        )
    return link_mails(session, clock, principal, mail_ids, customer)


def make_contact(
    session: Session, clock: Clock, principal: Principal, address: str, customer: str, *, name: str = "", role: str = ""
) -> str:
    """Register the address as a contact; the next sync finds its mail. Returns the customer's name."""
    chosen = find_customer(session, principal.workspace_id, customer)
    email = canonical_address(address)
    save_contact(session, chosen, principal.workspace_id, name=name or email, email=email, role=role)
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id, action="contact.add",
        subject=email, customer=chosen.name,
    )  # fmt: skip
    return chosen.name


def never_log(
    session: Session, clock: Clock, principal: Principal, address: str, *, whole_domain: bool = False
) -> Entry:
    """Put the address, or its domain, on the user's never-log list. A generic domain is never meant as a whole."""
    domain = domain_of(address)
    value = domain if whole_domain and not is_generic(domain) else address
    return add_entry(session, clock, principal, value)
