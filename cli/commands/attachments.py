"""`lealup attachments on|off|status`: whether the content of attached files is read."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.opening import opened
from cli.output import console, print_json

_UserOption = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]
_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Whether the content of attached files is read and searched.")
    app.add_typer(group, name="attachments")

    @group.command()
    def on(user: _UserOption = None) -> None:
        """Read PDF, DOCX, TXT, CSV and HTML files from the next sync on, those of stored mail too."""
        from ingestion.attachments.switch import turn_on

        with opened() as house:
            turn_on(house.database, house.clock, house.principal(user))
        console.print("Attachments are read from the next sync on: lealup sync, or the worker within a minute.")

    @group.command()
    def off(user: _UserOption = None) -> None:
        """Delete the text of every file and take it out of the search."""
        from ingestion.attachments.switch import turn_off

        with opened() as house:
            count = turn_off(house.database, house.clock, house.index, house.principal(user))
        console.print(f"Attachments are not read. The text of {count} files is deleted.")

    @group.command()
    def status(user: _UserOption = None, as_json: _AsJson = False) -> None:
        """Whether attachments are read, and what became of each file."""
        from ingestion.attachments.switch import status_of

        with opened() as house:
            found = status_of(house.database, house.principal(user))
        if as_json:
            print_json(found.as_json())
            return
        console.print(f"Index attachments is {'on' if found.on else 'off'}.")
        for state, count in found.counts.items():  # while it is off, nothing is on its way
            console.print(f"  {'not read' if state == 'waiting' and not found.on else state}: {count}")
