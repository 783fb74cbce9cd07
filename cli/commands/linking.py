"""`lealup link`, `unlink` and `unassigned …`: what a human decides about single mails and people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.output import console, print_json, print_table

if TYPE_CHECKING:
    from ingestion.manual_links import Relinked

User = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


def register(app: typer.Typer) -> None:
    @app.command()
    def link(message_id: str, customer: str, user: User = None, as_json: AsJson = False) -> None:
        """Put a mail on a customer's timeline by hand; its thread follows, the next sync reads the text."""
        from ingestion.manual_links import link as link_

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                done = link_(session, house.clock, principal, message_id, customer)
        _say(done, as_json, f"The mail is linked to {done.customer}.")

    @app.command()
    def unlink(
        message_id: str,
        customer: str,
        thread: Annotated[
            bool, typer.Option("--thread", help="The whole conversation, with what is still to come")
        ] = False,
        user: User = None,
        as_json: AsJson = False,
    ) -> None:
        """Take a mail off a customer's timeline by hand; no rule puts it back."""
        from crm.index.reindex import drop_hidden
        from ingestion.manual_links import unlink as unlink_

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                done = unlink_(session, house.clock, principal, message_id, customer, thread=thread)
            drop_hidden(house.database, house.index, principal.workspace_id)
        what = f"{done.mails} mails of the conversation are" if thread else "The mail is"
        _say(done, as_json, f"{what} off the timeline of {done.customer}.")

    queue = typer.Typer(help="People outside that matched no customer: list them, and link, add or bar them.")
    app.add_typer(queue, name="unassigned")

    @queue.callback(invoke_without_command=True)
    def unassigned(context: typer.Context, user: User = None, as_json: AsJson = False) -> None:
        """Mails with people outside that matched no customer, suggestions first, then the most frequent."""
        from ingestion.unassigned import unassigned_of

        if context.invoked_subcommand is not None:
            return
        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                found = unassigned_of(session, principal)
        if as_json:
            print_json(found)
        else:
            print_table(("address", "mails", "last", "suggestion"), [
                (one["address"], one["mails"], one["last"][:10], _suggestion(one)) for one in found
            ])  # fmt: skip

    @queue.command("link")
    def link_person_(address_or_id: str, customer: str, user: User = None, as_json: AsJson = False) -> None:
        """Link all unassigned mails of an address (or one mail, by its id) to a customer by hand."""
        from ingestion.assigning import link_person

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                done = link_person(session, house.clock, principal, address_or_id, customer)
        _say(done, as_json, f"{_mails(done.mails)} linked to {done.customer}.")

    @queue.command("contact")
    def contact(
        address: str,
        customer: str,
        name: Annotated[str, typer.Option(help="The person's name")] = "",
        role: Annotated[str, typer.Option(help="Such as Champion")] = "",
        user: User = None,
    ) -> None:
        """Make the address a contact of a customer: its mail belongs there, known and to come."""
        from ingestion.assigning import make_contact

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                chosen = make_contact(session, house.clock, principal, address, customer, name=name, role=role)
        console.print(f"{address} is a contact of {chosen}. The next sync reads its mail.")

    @queue.command("never-log")
    def never_log_(
        address: str,
        domain: Annotated[bool, typer.Option("--domain", help="Everybody at that domain")] = False,
        user: User = None,
    ) -> None:
        """Put the address, or its domain, on your never-log list."""
        from cli.commands.filters import apply_everywhere
        from ingestion.assigning import never_log

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                entry = never_log(session, house.clock, principal, address, whole_domain=domain)
            applied = apply_everywhere(house, principal)
        console.print(f"Mail with {entry.value} is never logged. {applied}")


def _suggestion(one: dict[str, Any]) -> str:
    return f"{one['suggestion']} (by {one['because']})" if one["suggestion"] else ""


def _say(done: Relinked, as_json: bool, sentence: str) -> None:
    if as_json:
        print_json({"message_id": done.mail_id, "customer": done.customer, "mails": done.mails, "queued": done.queued})
        return
    console.print(
        sentence + (f" The next sync reads {done.queued} text{'' if done.queued == 1 else 's'}." if done.queued else "")
    )


def _mails(number: int) -> str:
    return "1 mail is" if number == 1 else f"{number} mails are"
