"""`lealup customers add|edit|export`, `lealup contacts add|edit|export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.output import console, print_json
from crm.errors import InputError, NotFound

if TYPE_CHECKING:
    from crm.customer_edits import Edited
    from crm.customers import Contact, Customer

User = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
Out = Annotated[Path | None, typer.Option("--out", help="The file to write; standard output by default")]
Column = Annotated[str | None, typer.Option()]
Several = Annotated[str | None, typer.Option(help="Several are separated by ;")]
Arr = Annotated[str | None, typer.Option(help="A number, per year")]
Status = Annotated[str | None, typer.Option(help="active|trial|paused|churned")]
Day = Annotated[str | None, typer.Option(help="2026-12-31")]
Role = Annotated[str | None, typer.Option(help="Champion|Stakeholder|Billing|Technical, or your own word")]


def register(customers: typer.Typer, contacts: typer.Typer) -> None:
    _register_customers(customers)
    _register_contacts(contacts)


def _register_customers(customers: typer.Typer) -> None:
    @customers.command()
    def add(
        name: str, aliases: Several = None, domains: Several = None, arr: Arr = None, plan: Column = None,
        status: Status = None, renewal_date: Day = None, segment: Column = None, owner: Column = None,
        language: Column = None, user: User = None, as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Add a customer, by the rules of the import."""
        from crm.customer_edits import add_customer

        given = _given(
            name=name, aliases=aliases, domains=domains, arr=arr, plan=plan, status=status, renewal_date=renewal_date,
            segment=segment, owner=owner, language=language,
        )  # fmt: skip
        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                done = add_customer(session, house.clock, principal, given)
        _told(done, as_json, f"{done.customer.name} is added.")

    @customers.command()
    def edit(
        customer: Annotated[str, typer.Argument(metavar="NAME", help="Its name, alias or domain")],
        name: Annotated[str | None, typer.Option(help="A new name")] = None,
        aliases: Several = None, domains: Several = None, arr: Arr = None, plan: Column = None,
        status: Status = None, renewal_date: Day = None, segment: Column = None, owner: Column = None,
        language: Column = None, user: User = None, as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Change the columns named and leave the others; "" empties one."""
        from crm.customer_edits import edit_customer
        from crm.customers import find_customer

        given = _given(
            name=name, aliases=aliases, domains=domains, arr=arr, plan=plan, status=status, renewal_date=renewal_date,
            segment=segment, owner=owner, language=language,
        )  # fmt: skip
        if not given:
            raise InputError(sentence="Nothing to change.", next_step="Name a column, such as --plan Pro.")
        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                held = find_customer(session, principal.workspace_id, customer)
                done = edit_customer(session, house.clock, principal, held.id, given)
        _told(done, as_json, f"{done.customer.name}: {_columns(done)}.")

    @customers.command("export")
    def export_customers(out: Out = None, user: User = None) -> None:
        """All customers as CSV that `customers import` reads again."""
        from crm.csv_export import customers_csv

        _write(out, customers_csv(_all(user)))


def _register_contacts(contacts: typer.Typer) -> None:
    @contacts.command("add")
    def add_contact_(
        customer: str, name: str, email: str, role: Role = None, user: User = None, as_json: AsJson = False
    ) -> None:
        """Add a contact to a customer."""
        from crm.customer_edits import add_contact
        from crm.customers import find_customer

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                held = find_customer(session, principal.workspace_id, customer)
                given = {"name": name, "email": email, "role": role}
                done = add_contact(session, house.clock, principal, held.id, given)
        _told(done, as_json, f"{email} is a contact of {done.customer.name}.")

    @contacts.command("edit")
    def edit_contact_(
        email: str,
        name: Column = None,
        new_email: Annotated[str | None, typer.Option("--email", help="A new address")] = None,
        role: Role = None,
        customer: Annotated[str, typer.Option(help="At this customer, when several have the contact")] = "",
        user: User = None,
        as_json: AsJson = False,
    ) -> None:
        """Change a contact's name, address or role."""
        from crm.customer_edits import edit_contact
        from crm.customers import list_customers

        given = _given(name=name, email=new_email, role=role)
        if not given:
            raise InputError(sentence="Nothing to change.", next_step="Name a column, such as --role Champion.")
        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                held = _contact(list_customers(session, principal.workspace_id), email, customer)
                done = edit_contact(session, house.clock, principal, held.customer_id, held.id, given)
        _told(done, as_json, f"{held.name} of {done.customer.name}: {_columns(done)}.")

    @contacts.command("export")
    def export_contacts(out: Out = None, user: User = None) -> None:
        """All contacts as CSV that `contacts import` reads again."""
        from crm.csv_export import contacts_csv

        _write(out, contacts_csv(_all(user)))


def _given(**columns: str | None) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if value is not None}


def _contact(customers: tuple[Customer, ...], email: str, customer: str) -> Contact:
    from crm.customers import pick_customer
    from crm.domains import canonical_address

    among = [pick_customer(customers, customer)] if customer else customers
    found = [held for one in among for held in one.contacts if held.email == canonical_address(email)]
    if not found:
        raise NotFound(email, sentence=f"No contact has the address {email}.", next_step="See `lealup customers show`.")
    if len(found) > 1:
        names = ", ".join(held.customer for held in found)
        raise InputError(
            email, sentence=f"{email} is a contact of {names}.", next_step="Name one of them with --customer."
        )
    return found[0]


def _all(user: str | None) -> tuple[Customer, ...]:
    from crm.customers import list_customers

    with opened() as house:
        principal = house.principal(user)
        with house.database.read() as session:
            return list_customers(session, principal.workspace_id)


def _write(out: Path | None, content: bytes) -> None:
    if out is None:
        sys.stdout.write(content.decode("utf-8-sig").replace("\r\n", "\n"))
        return
    try:
        out.write_bytes(content)
    except OSError:
        raise InputError(str(out), sentence=f"The file {out.name} can't be written.") from None
    console.print(f"Written to {out}.")


def _columns(done: Edited) -> str:
    return f"{', '.join(done.changed)} changed" if done.changed else "nothing changed"


def _told(done: Edited, as_json: bool, sentence: str) -> None:
    from cli.commands.records import customer_json

    if as_json:
        print_json({"customer": customer_json(done.customer), "changed": done.changed, "warnings": done.warnings})
        return
    console.print(f"{sentence}{' The next sync judges its mail anew.' if done.rejudge else ''}")
    for warning in done.warnings:
        console.print(f"Warning: {warning}.")
