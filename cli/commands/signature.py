"""`lealup signature`: the lines below every new reply."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.opening import opened
from cli.output import console, print_json


def register(app: typer.Typer) -> None:
    @app.command()
    def signature(
        text: Annotated[str | None, typer.Argument(help="The new signature; - reads it from standard input")] = None,
        user: Annotated[str | None, typer.Option("--user", help="E-mail address of the user")] = None,
        clear: Annotated[bool, typer.Option("--clear", help="Take the signature away")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
    ) -> None:
        """Show or set your signature: plain text below every new reply, behind a "-- " line."""
        from outbox.signature import set_signature, signature_of

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                if clear or text is not None:
                    new = "" if clear else sys.stdin.read() if text == "-" else (text or "").replace("\\n", "\n")
                    set_signature(session, house.clock, principal, new)
                held = signature_of(session, principal)
        if as_json:
            print_json({"user": principal.email, "signature": held})
        else:
            console.print(held or "There is no signature.")
