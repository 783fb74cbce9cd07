"""`lealup export timeline`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.commands.timeline import (
    Attached,
    AttachmentName,
    Automatic,
    Keyword,
    KindsOption,
    Person,
    Shared,
    Since,
    Tone,
    Until,
    User,
    Way,
    Words,
    chosen_filter,
)
from cli.opening import opened
from cli.output import console
from crm.errors import InputError


def register(app: typer.Typer) -> None:
    export = typer.Typer(help="Write what is known to a file.", no_args_is_help=True)
    app.add_typer(export, name="export")

    @export.command("timeline")
    def timeline(
        customer: str,
        out: Annotated[Path, typer.Option("--out", help="The file to write; an existing one is replaced")],
        form: Annotated[Literal["csv", "json"], typer.Option("--format")] = "csv",
        user: User = None,
        since: Since = None,
        until: Until = None,
        person: Person = "",
        direction: Way = None,
        tone: Tone = None,
        keyword: Keyword = "",
        attachment: Attached = False,
        attachment_name: AttachmentName = "",
        text: Words = "",
        shared: Shared = False,
        automatic: Automatic = "shown",
        kind: KindsOption = None,
    ) -> None:
        """A customer's timeline, newest first, all kinds of entries unless --kind says which."""
        from crm.customers import find_customer
        from crm.timeline.export import ENCODING, write
        from crm.timeline.page import read_all

        with opened() as house:
            principal = house.principal(user)
            chosen = chosen_filter(
                principal, since=since, until=until, person=person, direction=direction, tone=tone, keyword=keyword,
                attachment=attachment, attachment_name=attachment_name, text=text, shared=shared, automatic=automatic,
                kinds=kind, everything=True,
            )  # fmt: skip
            with house.database.read() as session:
                found = find_customer(session, principal.workspace_id, customer)
                try:
                    stream = out.open("w", encoding=ENCODING[form], newline="")
                except OSError as error:
                    raise InputError(
                        type(error).__name__,
                        sentence=f"{out} can't be written.",
                        next_step="Choose another place with --out.",
                    ) from None
                with stream:
                    items = read_all(session, principal.workspace_id, found.id, chosen)
                    count = write(items, stream, form, principal.zone)
        console.print(f"{count} entries of {found.name} are in {out}.")
