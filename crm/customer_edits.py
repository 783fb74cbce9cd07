"""Adding and changing customers and contacts by hand, with the rules of the CSV import.

A form hands back what it showed (`seen`). When the record is another by now, the save is refused and says what changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.customers import Contact, Customer, get_customer, hold_customer, rename_customer, save_contact, save_customer
from crm.domains import canonical_address
from crm.errors import EditConflict, InputError, NotFound
from crm.folding import fold
from crm.generic_domains import generic_warnings
from crm.identity import Principal
from crm.record_rows import CustomerRow, PersonRow, checked, contact_values, customer_values


@dataclass(frozen=True, kw_only=True)
class Edited:
    """The customer after the change. `rejudge`: mail may belong to it, or not any more, so a sync has to look again."""

    customer: Customer
    changed: tuple[str, ...]  # the columns
    warnings: tuple[str, ...]
    rejudge: bool


def add_customer(session: Session, clock: Clock, principal: Principal, values: Mapping[str, Any]) -> Edited:
    """A new customer. Raises `InputError` for a wrong value, and when the name or a domain is taken."""
    row = checked(CustomerRow, values)
    key = fold(row.name)
    held = schema.Customer
    taken = session.scalar(select(held.name).where(held.workspace_id == principal.workspace_id, held.name_key == key))
    if taken is not None:
        raise InputError(row.name, sentence=f"There is a customer called {taken} already.", next_step="Edit that one.")
    customer = save_customer(session, principal.workspace_id, **row.model_dump())
    _record(session, clock, principal, "customer.add", str(customer.id))
    return Edited(
        customer=customer, changed=tuple(values), warnings=tuple(generic_warnings(customer.domains)), rejudge=True
    )


def edit_customer(
    session: Session,
    clock: Clock,
    principal: Principal,
    customer_id: int,
    values: Mapping[str, Any],
    *,
    seen: Customer | None = None,
) -> Edited:
    """Set the columns in `values`. Raises `EditConflict`, `InputError`, `NotFound`; nothing is changed then."""
    now = hold_customer(session, principal.workspace_id, customer_id)
    before = customer_values(now)
    if seen is not None:
        _refuse_if_changed(seen.name, customer_values(seen), before)
    row = checked(CustomerRow, {**before, **values})
    rename_customer(session, principal.workspace_id, customer_id, row.name)
    customer = save_customer(session, principal.workspace_id, **row.model_dump())
    after = customer_values(customer)
    changed = tuple(name for name in before if before[name] != after[name])
    if changed:
        _record(session, clock, principal, "customer.edit", str(customer_id), columns=" ".join(changed))
    new = set(customer.domains) - set(now.domains)
    return Edited(
        customer=customer,
        changed=changed,
        warnings=tuple(generic_warnings(sorted(new))),
        rejudge="domains" in changed,
    )


def add_contact(
    session: Session, clock: Clock, principal: Principal, customer_id: int, values: Mapping[str, Any]
) -> Edited:
    """A new contact of a customer. Raises `InputError` for a wrong value or an address that is there, `NotFound`."""
    customer = hold_customer(session, principal.workspace_id, customer_id)
    row = checked(PersonRow, values)
    address = canonical_address(row.email)
    if any(held.email == address for held in customer.contacts):
        raise InputError(address, sentence=f"{address} is a contact of {customer.name} already.")
    save_contact(session, customer, principal.workspace_id, name=row.name, email=row.email, role=row.role)
    _record(session, clock, principal, "contact.add", address, customer=customer_id)
    return _contacts_edited(session, principal, customer_id, tuple(values), rejudge=True)


def edit_contact(
    session: Session,
    clock: Clock,
    principal: Principal,
    customer_id: int,
    contact_id: int,
    values: Mapping[str, Any],
    *,
    seen: Contact | None = None,
) -> Edited:
    """Set the columns (name, email, role) in `values`. Raises `EditConflict`, `InputError`, `NotFound`."""
    customer = hold_customer(session, principal.workspace_id, customer_id)
    now = _contact(customer, contact_id)
    before = contact_values(now)
    if seen is not None:
        _refuse_if_changed(seen.name, contact_values(seen), before)
    row = checked(PersonRow, {**before, **values})
    address = canonical_address(row.email)
    if any(held.email == address and held.id != contact_id for held in customer.contacts):
        raise InputError(address, sentence=f"{address} is another contact of {customer.name}.")
    stored = session.get_one(schema.Contact, contact_id)
    stored.name, stored.email, stored.role = row.name, address, row.role
    session.flush()
    after = {"name": row.name, "email": address, "role": row.role}
    changed = tuple(name for name in before if before[name] != after[name])
    if changed:
        _record(session, clock, principal, "contact.edit", address, customer=customer_id, columns=" ".join(changed))
    return _contacts_edited(session, principal, customer_id, changed, rejudge="email" in changed)


def remove_contact(
    session: Session,
    clock: Clock,
    principal: Principal,
    customer_id: int,
    contact_id: int,
    *,
    seen: Contact | None = None,
) -> Edited:
    """Delete a contact of a customer. Raises `EditConflict`, `NotFound`."""
    customer = hold_customer(session, principal.workspace_id, customer_id)
    now = _contact(customer, contact_id)
    if seen is not None:
        _refuse_if_changed(seen.name, contact_values(seen), contact_values(now))
    session.delete(session.get_one(schema.Contact, contact_id))
    session.flush()
    _record(session, clock, principal, "contact.remove", now.email, customer=customer_id)
    return _contacts_edited(session, principal, customer_id, ("contacts",), rejudge=True)


def told(value: Any) -> str:
    """A value of a column as a sentence names it."""
    if isinstance(value, tuple | list):
        return ", ".join(value) or "nothing"
    return "nothing" if value is None or value == "" else str(value)


def _contacts_edited(
    session: Session, principal: Principal, customer_id: int, changed: tuple[str, ...], *, rejudge: bool
) -> Edited:
    session.expire_all()
    customer = get_customer(session, principal.workspace_id, customer_id)
    return Edited(customer=customer, changed=changed, warnings=(), rejudge=rejudge)


def _contact(customer: Customer, contact_id: int) -> Contact:
    for held in customer.contacts:
        if held.id == contact_id:
            return held
    raise NotFound(
        str(contact_id), sentence="That contact is not there any more.", next_step="See the customer's page."
    )


def _refuse_if_changed(name: str, seen: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    changed = tuple(
        f"{column.replace('_', ' ')} was {told(seen[column])} and is {told(now[column])}"
        for column in seen
        if seen[column] != now[column]
    )
    if changed:
        raise EditConflict(name, changed)


def _record(
    session: Session, clock: Clock, principal: Principal, action: str, subject: str, **detail: str | int | bool
) -> None:
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
        action=action, subject=subject, **detail,
    )  # fmt: skip
