"""`lealup customers …`, `lealup contacts …`, `lealup set-tone`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from cli.commands import customer_editing
from cli.opening import opened
from cli.output import console, print_json, print_table
from crm.customers import Customer
from crm.errors import InputError

User = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


def register(app: typer.Typer) -> None:
    customers = typer.Typer(help="Customers: import, export, look up, add, edit, remove.", no_args_is_help=True)
    contacts = typer.Typer(help="Contacts: import, export, add, edit, remove.", no_args_is_help=True)
    app.add_typer(customers, name="customers")
    app.add_typer(contacts, name="contacts")
    customer_editing.register(customers, contacts)

    @customers.command("import")
    def import_customers_(file: Path, user: User = None, as_json: AsJson = False) -> None:
        """Import customers from a CSV file; bad rows are reported by line, good ones go in."""
        from crm.csv_import import import_customers

        _import(file, user, as_json, import_customers)

    @contacts.command("import")
    def import_contacts_(file: Path, user: User = None, as_json: AsJson = False) -> None:
        """Import contacts from a CSV file; bad rows are reported by line, good ones go in."""
        from crm.csv_import import import_contacts

        _import(file, user, as_json, import_contacts)

    @customers.command("list")
    def list_(user: User = None, as_json: AsJson = False) -> None:
        """All customers."""
        from crm.customers import list_customers

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                found = list_customers(session, principal.workspace_id)
        if as_json:
            print_json([customer_json(customer) for customer in found])
        else:
            rows = [
                (held.name, ", ".join(held.domains), _money(held.arr), held.status, held.renewal_date, held.owner)
                for held in found
            ]
            print_table(("name", "domains", "ARR", "status", "renewal", "owner"), rows)

    @customers.command("show")
    def show(name: str, user: User = None, as_json: AsJson = False) -> None:
        """One customer, by name, alias or domain."""
        from crm.customers import find_customer

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                customer = find_customer(session, principal.workspace_id, name)
        if as_json:
            print_json(customer_json(customer))
        else:
            print_table(("field", "value"), list(customer_json(customer).items()))

    @customers.command("remove")
    def remove_customer_(name: str, user: User = None) -> None:
        """Remove a customer with its contacts; its mail leaves the timeline now, its text at the next sync."""
        from crm import audit
        from crm.customers import remove_customer

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                gone = remove_customer(session, principal.workspace_id, name)
                audit.record(
                    session, house.clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
                    action="customer.remove", subject=gone.name,
                )  # fmt: skip
        console.print(f"{gone.name} is removed. The next sync judges its mail anew.")

    @contacts.command("remove")
    def remove_contact_(
        email: str,
        customer: Annotated[str, typer.Option(help="Only at this customer")] = "",
        user: User = None,
    ) -> None:
        """Remove a contact; the next sync judges the mail of that address anew."""
        from crm import audit
        from crm.customers import remove_contact

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                names = remove_contact(session, principal.workspace_id, email, customer)
                audit.record(
                    session, house.clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
                    action="contact.remove", subject=email.strip().lower(),
                )  # fmt: skip
        console.print(f"{email} is no contact of {' and '.join(names)} any more. The next sync judges its mail anew.")

    @app.command("set-tone")
    def set_tone_(message_id: str, tone: str, user: User = None) -> None:
        """Set the tone of a mail yourself: positive, neutral or negative. It is never overwritten."""
        from crm.tone_override import set_tone

        if tone not in ("positive", "neutral", "negative"):
            raise InputError(tone, sentence="The tone is positive, neutral or negative.")
        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                set_tone(session, house.clock, principal, message_id, tone)  # type: ignore[arg-type]
        console.print(f"The mail counts as {tone} now.")


def customer_json(customer: Customer) -> dict[str, Any]:
    return {
        **{key: value for key, value in asdict(customer).items() if key not in ("id", "contacts")},
        "renewal_date": customer.renewal_date.isoformat() if customer.renewal_date else None,
        "contacts": [{"name": held.name, "email": held.email, "role": held.role} for held in customer.contacts],
    }


def _import(file: Path, user: str | None, as_json: bool, load: Callable[[Session, int, Path], Any]) -> None:
    with opened() as house:
        principal = house.principal(user)
        with house.database.write() as session:
            report = load(session, principal.workspace_id, file)
    if as_json:
        print_json(asdict(report))
    else:
        console.print(f"{report.imported} imported, {len(report.rejected)} rejected.")
        for warning in report.warnings:
            console.print(f"Line {warning.line}: warning: {warning.reason}.")
        for problem in report.rejected:
            console.print(f"Line {problem.line}: {problem.reason}")
    if report.rejected:
        raise InputError(
            "rows", sentence=f"{len(report.rejected)} rows of {file.name} were not imported.",
            next_step="Correct them and import the file again; the good rows are in.",
        )  # fmt: skip


def _money(amount: float | None) -> str:
    return "" if amount is None else f"{amount:,.2f}".removesuffix(".00")
