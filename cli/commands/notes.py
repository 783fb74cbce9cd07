"""`lealup notes …`: what the team writes on a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.output import console, print_json, print_table

if TYPE_CHECKING:
    from crm.notes import Note

User = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


def register(app: typer.Typer) -> None:
    notes = typer.Typer(help="Notes on customers.", no_args_is_help=True)
    app.add_typer(notes, name="notes")

    @notes.command()
    def add(
        customer: str,
        text: str,
        mail: Annotated[str, typer.Option(help="The mail it is about: our id or Gmail's")] = "",
        user: User = None,
        as_json: AsJson = False,
    ) -> None:
        """Write a note on a customer; at most 10,000 characters."""
        from crm.customers import find_customer
        from crm.notes import add_note

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                held = find_customer(session, principal.workspace_id, customer)
                note = add_note(session, house.clock, principal, held.id, text, mail_id=mail)
        _done(note, as_json, f"Note {note.id} is on {held.name}.")

    @notes.command("list")
    def list_(customer: str, user: User = None, as_json: AsJson = False) -> None:
        """The notes on a customer, newest first."""
        from crm.customers import find_customer
        from crm.notes import notes_of

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                held = find_customer(session, principal.workspace_id, customer)
                found = notes_of(session, principal.workspace_id, held.id)
        if as_json:
            print_json([note_json(note) for note in found])
            return
        rows = [
            (
                note.id,
                f"{note.created_at.astimezone(principal.zone):%Y-%m-%d %H:%M}",
                note.author,
                note.mail_id,
                note.text,
            )
            for note in found
        ]
        print_table(("id", "when", "author", "mail", "text"), rows)

    @notes.command()
    def edit(note_id: int, text: str, user: User = None, as_json: AsJson = False) -> None:
        """Replace the text of your own note; an admin may edit every note."""
        from crm.notes import edit_note

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                note = edit_note(session, house.clock, principal, note_id, text)
        _done(note, as_json, f"Note {note.id} is changed.")

    @notes.command()
    def remove(note_id: int, user: User = None, as_json: AsJson = False) -> None:
        """Delete your own note; an admin may delete every note."""
        from crm.notes import remove_note

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                remove_note(session, house.clock, principal, note_id)
        if as_json:
            print_json({"removed": note_id})
        else:
            console.print(f"Note {note_id} is removed.")


def note_json(note: Note) -> dict[str, Any]:
    return {
        "id": note.id,
        "author": note.author,
        "created_at": note.created_at.isoformat(),
        "edited_at": note.edited_at.isoformat() if note.edited_at else None,
        "mail_id": note.mail_id,
        "text": note.text,
    }


def _done(note: Note, as_json: bool, sentence: str) -> None:
    if as_json:
        print_json(note_json(note))
    else:
        console.print(sentence)
