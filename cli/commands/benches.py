"""`lealup bench`."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from typing import Annotated

import typer

from crm.errors import InputError, LealUpError

PROGRAMS = {
    "agent": "what an answer costs beside the model, next to a bare agent with one retriever tool",
    "ingestion": "what a backfill costs, beside others; use of Gmail's quota; an idle poll",
    "customers": "how fast the pages of customers are read, beside assessing everybody at every look",
    "health": "what it costs to keep health up to date, and what a reader notices of it",
    "security": "what a compromised model achieves with every published instruction, and how far the leak check sees",
    "sending": "races, crashes and attacks on one send: how often a mail leaves",
    "timeline": "how long a page of a customer's timeline takes, for each filter",
    "understanding": "how well, how safely and how fast a mail is understood",
}


def register(app: typer.Typer) -> None:
    @app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
    def bench(
        context: typer.Context,
        name: Annotated[str, typer.Argument(help="; ".join(f"{key}: {what}" for key, what in PROGRAMS.items()))] = "",
    ) -> None:
        """Run a benchmark: `lealup bench ingestion quota`; what follows NAME goes to it. Without NAME, list them."""
        if not name:
            for known, what in PROGRAMS.items():
                print(f"{known}: {what} (lealup bench {known} --help)")
            return
        if name not in PROGRAMS:
            raise InputError(
                name, sentence=f"There is no benchmark “{name}”.", next_step=f"Known: {', '.join(PROGRAMS)}."
            )
        if importlib.util.find_spec(f"benchmarks.{name}") is None:
            raise LealUpError(
                name,
                sentence="The benchmarks are not installed here.",
                next_step="Run them from a clone of the project.",
            )
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *context.args], check=False)
        raise typer.Exit(done.returncode)
