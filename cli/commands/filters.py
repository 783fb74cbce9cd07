"""`lealup never-log …` and `lealup private …`: mail that stays off every timeline."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import opened
from cli.output import console, print_json, print_table

if TYPE_CHECKING:
    from crm.identity import Principal
    from wiring.app import App

User = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
Label = Annotated[bool, typer.Option("--label", help="VALUE is the name of a Gmail label")]
Everybody = Annotated[bool, typer.Option("--workspace", help="In every mailbox of the workspace; for admins")]


def register(app: typer.Typer) -> None:
    never_log = typer.Typer(help="Addresses, domains and labels whose mail is never logged.", no_args_is_help=True)
    private = typer.Typer(help="Conversations that stay off every timeline.", no_args_is_help=True)
    app.add_typer(never_log, name="never-log")
    app.add_typer(private, name="private")
    _never_log(never_log)
    _private(private)


def apply_everywhere(house: App, principal: Principal) -> str:
    """Apply changed filters to what is stored, at once; says so, or when it will be."""
    from ingestion.mailboxes import SyncRunning, workspace_mailboxes

    with house.database.read() as session:
        mailboxes = workspace_mailboxes(session, principal.workspace_id)
    try:
        for mailbox_id in mailboxes:
            house.sync.apply_rules(mailbox_id)
    except SyncRunning:
        return "A sync is running: it counts for stored mail from the next one on."
    return "It counts for stored mail too."


def _never_log(group: typer.Typer) -> None:
    @group.command("list")
    def list_(user: User = None, as_json: AsJson = False) -> None:
        """Your entries and the workspace's."""
        from crm.never_log import entries_of

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                found = entries_of(session, principal)
        if as_json:
            print_json([{"kind": held.kind, "value": held.value, "workspace": held.everybody} for held in found])
        else:
            rows = [(held.value, held.kind, "everybody" if held.everybody else "you") for held in found]
            print_table(("value", "kind", "for"), rows)

    @group.command("add")
    def add(value: str, label: Label = False, workspace: Everybody = False, user: User = None) -> None:
        """Never log mail with this address, domain or label; what is stored of it is erased."""
        from crm.never_log import add_entry

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                entry = add_entry(session, house.clock, principal, value, label=label, everybody=workspace)
            applied = apply_everywhere(house, principal)
        if label:  # the names of labels are known after a sync
            applied = "It counts from the next sync on, for stored mail too."
        console.print(f"Mail with the {entry.kind} {entry.value} is never logged. {applied}")

    @group.command("remove")
    def remove(value: str, label: Label = False, workspace: Everybody = False, user: User = None) -> None:
        """Log such mail again; the next sync reads what belongs to a customer."""
        from crm.never_log import remove_entry

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                remove_entry(session, house.clock, principal, value, label=label, everybody=workspace)
            apply_everywhere(house, principal)
        console.print(f"{value} is off the list. The next sync reads its mail where it belongs to a customer.")


def _private(group: typer.Typer) -> None:
    @group.command("list")
    def list_(user: User = None, as_json: AsJson = False) -> None:
        """Your private conversations."""
        from ingestion.private_threads import private_of

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                found = private_of(session, principal)
        if as_json:
            print_json([asdict(held) for held in found])
        else:
            rows = [(held.thread_id, held.mails, held.subject, held.mailbox) for held in found]
            print_table(("thread", "mails", "subject", "mailbox"), rows)

    @group.command("add")
    def add(thread_or_message_id: str, user: User = None) -> None:
        """Take a conversation of your mailbox off every timeline and index; its text is erased here."""
        from crm.index.reindex import drop_hidden
        from ingestion.private_threads import make_private

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                held = make_private(session, house.clock, principal, thread_or_message_id)
            drop_hidden(house.database, house.index, principal.workspace_id)
        console.print(f"The conversation “{held.subject}” ({held.mails} mails) is private.")

    @group.command("remove")
    def remove(thread_or_message_id: str, user: User = None) -> None:
        """Take that back; the next sync reads the conversation again."""
        from ingestion.private_threads import make_public

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                held = make_public(session, house.clock, principal, thread_or_message_id)
        console.print(f"The conversation “{held.subject}” is not private any more. The next sync reads it.")
