"""`lealup doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.opening import opened
from cli.output import console, print_json
from crm.errors import LealUpError


def register(app: typer.Typer) -> None:
    @app.command()
    def doctor(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
        """Check the installation live: store, index, Gmail, model, Slack."""
        from wiring.doctor import check

        with opened() as house:
            findings = check(house)
        if as_json:
            print_json([{"check": held.check, "ok": held.ok, "detail": held.detail} for held in findings])
        else:
            for held in findings:
                console.print(f"{'ok ' if held.ok else 'NO '} {held.check}: {held.detail}")
        if any(not held.ok for held in findings):
            raise LealUpError("doctor", sentence="Something needs attention.", next_step="See the lines marked NO.")
