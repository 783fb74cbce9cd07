"""`lealup eval`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm.errors import LealUpError


def register(app: typer.Typer) -> None:
    @app.command("eval")
    def eval_(
        suites: Annotated[list[str] | None, typer.Argument(metavar="[SUITE...]")] = None,
        model: Annotated[
            str | None, typer.Option(help="openai:<name> or offline; the configured one by default")
        ] = None,
        json_file: Annotated[Path | None, typer.Option("--json", help="Write the results here")] = None,
        html_file: Annotated[Path | None, typer.Option("--html", help="Write a report here")] = None,
    ) -> None:
        """Score the assistant on its suites; exit code 1 when a threshold is missed."""
        from evals.runner import run_suites

        if not run_suites(tuple(suites or ()), model=model, json_file=json_file, html_file=html_file):
            raise LealUpError(
                "threshold", sentence="A threshold was missed.", next_step="The table above shows which case."
            )
