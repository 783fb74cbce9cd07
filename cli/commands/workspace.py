"""`lealup init`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.opening import opened
from cli.output import console, print_json


def register(app: typer.Typer) -> None:
    @app.command()
    def init(
        workspace: Annotated[str, typer.Option(help="Name of the workspace")],
        user: Annotated[str, typer.Option(help="E-mail address of the CSM")],
        timezone: Annotated[str, typer.Option(help="IANA time zone of the workspace")] = "Europe/Madrid",
        as_json: Annotated[bool, typer.Option("--json")] = False,
    ) -> None:
        """Create a workspace with a user, or add a user to it. Doing it twice changes nothing."""
        from crm.identity import create_workspace

        with opened() as house:
            with house.database.write() as session:
                made = create_workspace(session, house.clock, name=workspace, user_email=user, timezone=timezone)
            if as_json:
                print_json({"workspace": workspace, "user": made.email, "timezone": made.timezone, "role": made.role})
            else:
                console.print(f"Workspace “{workspace}” is ready for {made.email} ({made.timezone}).")
                console.print("Next: lealup customers import FILE.csv, then lealup connect --user EMAIL")
