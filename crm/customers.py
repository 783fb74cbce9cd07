"""Customers and contacts: the records, and finding one by the name somebody uses for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crm import schema
from crm.association import Directory
from crm.domains import canonical_address, canonical_domain
from crm.errors import AmbiguousCustomer, InputError, NotFound, UnknownCustomer
from crm.folding import fold


@dataclass(frozen=True, kw_only=True)
class Contact:
    id: int
    customer_id: int
    customer: str
    name: str
    email: str
    role: str  # Champion | Stakeholder | Billing | Technical | ""


@dataclass(frozen=True, kw_only=True)
class Customer:
    """`arr` is per year; `renewal_date` a calendar day; `language` an ISO 639-1 code or empty."""

    id: int
    name: str
    aliases: tuple[str, ...]
    domains: tuple[str, ...]
    arr: float | None
    plan: str
    status: str
    renewal_date: date | None
    segment: str
    owner: str
    language: str
    contacts: tuple[Contact, ...]

    @property
    def champion(self) -> Contact | None:
        return next((contact for contact in self.contacts if fold(contact.role) == "champion"), None)


def list_customers(session: Session, workspace_id: int) -> tuple[Customer, ...]:
    """All customers of the workspace, by name. Rows, not objects: every question of a conversation reads them all."""
    customer, domain, contact = (held.__table__ for held in (schema.Customer, schema.CustomerDomain, schema.Contact))
    domains, contacts = defaultdict[int, list[Any]](list), defaultdict[int, list[Any]](list)
    for rows, table in ((domains, domain), (contacts, contact)):
        for row in session.execute(select(table).where(table.c.workspace_id == workspace_id)):
            rows[row.customer_id].append(row)
    query = select(customer).where(customer.c.workspace_id == workspace_id).order_by(customer.c.name_key)
    return tuple(_customer(row, domains[row.id], contacts[row.id]) for row in session.execute(query))


def get_customer(session: Session, workspace_id: int, customer_id: int) -> Customer:
    row = session.get(schema.Customer, customer_id)
    if row is None or row.workspace_id != workspace_id:
        raise UnknownCustomer(str(customer_id))
    return _of(row)


def find_customer(session: Session, workspace_id: int, name: str) -> Customer:
    """The customer with that name, alias or domain, ignoring case and accents.

    A name wins over another's alias, and both over a beginning ("Acme" finds "Acme Robotics"). Raises `UnknownCustomer`, or `AmbiguousCustomer`
    with the candidates.
    """
    return pick_customer(list_customers(session, workspace_id), name)


def pick_customer(customers: Sequence[Customer], name: str) -> Customer:
    """`find_customer` over customers already loaded."""
    wanted = fold(name)
    if not wanted:
        raise UnknownCustomer(name)
    domain = canonical_domain(name)
    levels = (
        lambda held, key: fold(held.name) == key,  # of one customer only
        lambda held, key: _exactly(held, key) or domain in held.domains,
        _by_beginning,
    )
    for level in levels:
        found = [customer for customer in customers if level(customer, wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousCustomer(name, tuple(customer.name for customer in found))
    raise UnknownCustomer(name)


def directory(session: Session, workspace_id: int) -> Directory:
    """What association needs to know of the workspace's customers and own people."""
    held, contact = schema.CustomerDomain, schema.Contact
    domains = {
        canonical_domain(domain): customer_id
        for domain, customer_id in session.execute(
            select(held.domain, held.customer_id).where(held.workspace_id == workspace_id)
        )
    }
    contacts: dict[str, tuple[int, ...]] = {}
    for email, customer_id in session.execute(
        select(contact.email, contact.customer_id)
        .where(contact.workspace_id == workspace_id)
        .order_by(contact.customer_id)
    ):
        address = canonical_address(email)
        contacts[address] = (*contacts.get(address, ()), customer_id)
    return Directory(domains=domains, contacts=contacts, own=own_addresses(session, workspace_id))


def own_addresses(session: Session, workspace_id: int) -> frozenset[str]:
    """Addresses of the workspace's users, their mailboxes and aliases, lower case."""
    own = set(session.scalars(select(schema.User.email).where(schema.User.workspace_id == workspace_id)))
    for mailbox in session.scalars(select(schema.Mailbox).where(schema.Mailbox.workspace_id == workspace_id)):
        own.update([mailbox.email, *mailbox.aliases])
    return frozenset(map(canonical_address, own))


def save_customer(
    session: Session,
    workspace_id: int,
    *,
    name: str,
    aliases: Iterable[str],
    domains: Iterable[str],
    arr: float | None,
    plan: str,
    status: str,
    renewal_date: date | None,
    segment: str,
    owner: str,
    language: str,
) -> Customer:
    """Create the customer of that name, or replace its fields. Raises `InputError` when another one has the domain."""
    key = fold(name)
    row = session.scalar(
        select(schema.Customer).where(schema.Customer.workspace_id == workspace_id, schema.Customer.name_key == key)
    )
    wanted = sorted({canonical_domain(domain) for domain in domains if domain.strip()})
    _check_domains(session, workspace_id, wanted, row)
    if row is None:
        row = schema.Customer(workspace_id=workspace_id)
        session.add(row)
    row.name, row.name_key, row.aliases = name.strip(), key, [alias.strip() for alias in aliases if alias.strip()]
    row.arr, row.plan, row.status, row.renewal_date = arr, plan, status, renewal_date
    row.segment, row.owner, row.language = segment, owner, language
    kept = [held for held in row.domains if held.domain in wanted]
    present = {held.domain for held in kept}
    row.domains = kept + [
        schema.CustomerDomain(workspace_id=workspace_id, domain=domain) for domain in wanted if domain not in present
    ]
    session.flush()
    return _of(row)


def hold_customer(session: Session, workspace_id: int, customer_id: int) -> Customer:
    """The customer as it is now, and nobody else may save it until this transaction ends. Raises `NotFound`."""
    row = session.scalar(
        select(schema.Customer)
        .where(schema.Customer.id == customer_id, schema.Customer.workspace_id == workspace_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(str(customer_id), sentence="That customer is not there any more.", next_step="See Customers.")
    return _of(row)


def rename_customer(session: Session, workspace_id: int, customer_id: int, name: str) -> None:
    """Raises `InputError` when another customer has the name."""
    key = fold(name)
    taken = session.scalar(
        select(schema.Customer).where(schema.Customer.workspace_id == workspace_id, schema.Customer.name_key == key)
    )
    if taken is not None and taken.id != customer_id:
        raise InputError(name, sentence=f"Another customer is called {taken.name}.", next_step="Choose another name.")
    row = session.get_one(schema.Customer, customer_id)
    row.name, row.name_key = name.strip(), key
    session.flush()


def save_contact(session: Session, customer: Customer, workspace_id: int, *, name: str, email: str, role: str) -> None:
    """Add a contact to a customer, or update the one with that address."""
    address = canonical_address(email)
    row = session.scalar(
        select(schema.Contact).where(schema.Contact.customer_id == customer.id, schema.Contact.email == address)
    )
    if row is None:
        row = schema.Contact(workspace_id=workspace_id, customer_id=customer.id, email=address, name=name, role=role)
        session.add(row)
    row.name, row.role = name.strip(), role.strip()
    session.flush()


def remove_customer(session: Session, workspace_id: int, name: str) -> Customer:
    """Delete a customer with its contacts, links and snapshots; its mail stays, and the next sync judges it anew (S8)."""
    customer = find_customer(session, workspace_id, name)
    # First the mails, by id, as every writer takes them, then the customer: nobody waits in a circle, nor adds a snapshot.
    linked = select(schema.Mail.id).join(schema.Link).where(schema.Link.customer_id == customer.id)
    session.execute(linked.order_by(schema.Mail.id).with_for_update(of=schema.Mail, key_share=True))
    session.execute(select(schema.Customer.id).where(schema.Customer.id == customer.id).with_for_update())
    for table in (schema.Link, schema.LinkChoice, schema.HealthSnapshot):
        session.execute(delete(table).where(table.customer_id == customer.id))
    session.delete(session.get_one(schema.Customer, customer.id))
    session.flush()
    return customer


def remove_contact(session: Session, workspace_id: int, email: str, customer: str = "") -> tuple[str, ...]:
    """Delete the contact with that address, at one customer or at all; returns the customers' names. Raises `NotFound`."""
    wanted = [schema.Contact.workspace_id == workspace_id, schema.Contact.email == canonical_address(email)]
    if customer:
        wanted.append(schema.Contact.customer_id == find_customer(session, workspace_id, customer).id)
    rows = session.scalars(select(schema.Contact).where(*wanted)).all()
    if not rows:
        raise NotFound(email, sentence=f"No contact has the address {email}.", next_step="See `lealup customers show`.")
    names = [get_customer(session, workspace_id, row.customer_id).name for row in rows]
    for row in rows:
        session.delete(row)
    session.flush()
    session.expire_all()
    return tuple(sorted(names))


def _check_domains(session: Session, workspace_id: int, domains: Sequence[str], row: schema.Customer | None) -> None:
    for taken in session.scalars(
        select(schema.CustomerDomain).where(
            schema.CustomerDomain.workspace_id == workspace_id, schema.CustomerDomain.domain.in_(domains)
        )
    ):
        if row is None or taken.customer_id != row.id:
            raise InputError(sentence=f"The domain {taken.domain} already belongs to another customer.")


def _exactly(customer: Customer, wanted: str) -> bool:
    names = {fold(customer.name), *map(fold, customer.aliases)}
    return wanted in names


def _by_beginning(customer: Customer, wanted: str) -> bool:
    names = (customer.name, *customer.aliases)
    return any(fold(name).startswith(wanted + " ") for name in names)


def _of(row: schema.Customer) -> Customer:
    return _customer(row, row.domains, row.contacts)


def _customer(row: Any, domains: Iterable[Any], contacts: Iterable[Any]) -> Customer:
    """Of a row or an object, whose columns have the same names."""
    return Customer(
        id=row.id,
        name=row.name,
        aliases=tuple(row.aliases),
        domains=tuple(sorted(held.domain for held in domains)),
        arr=row.arr,
        plan=row.plan,
        status=row.status,
        renewal_date=row.renewal_date,
        segment=row.segment,
        owner=row.owner,
        language=row.language,
        contacts=tuple(
            Contact(id=held.id, customer_id=row.id, customer=row.name, name=held.name, email=held.email, role=held.role)
            for held in sorted(contacts, key=lambda held: held.id)
        ),
    )
