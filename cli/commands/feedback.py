"""`lealup feedback …`: thumbs on answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.opening import opened
from cli.output import console, print_json, print_line, print_table

User = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
_Verdict = Annotated[Literal["up", "down"] | None, typer.Option("--verdict", help="Only these votes")]


def register(app: typer.Typer) -> None:
    feedback = typer.Typer(help="Thumbs up and down on answers; an admin sees everybody's.", no_args_is_help=True)
    app.add_typer(feedback, name="feedback")

    @feedback.command()
    def vote(
        answer: Annotated[str, typer.Argument(help="The answer's id, as `lealup ask` prints it")],
        verdict: Annotated[Literal["up", "down"], typer.Argument()],
        comment: Annotated[str | None, typer.Option(help="Why; at most 2,000 characters")] = None,
        user: User = None,
    ) -> None:
        """Vote on one of your answers, or change your vote."""
        from crm.feedback import vote as cast

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                cast(session, house.clock, principal, answer, verdict, face="terminal", comment=comment)
        console.print(f"Your vote on answer {answer} is: {verdict}.")

    @feedback.command("list")
    def list_(verdict: _Verdict = None, user: User = None, as_json: AsJson = False) -> None:
        """The votes, oldest first."""
        from crm.feedback import votes_of

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                found = votes_of(session, principal, verdict=verdict)
        if as_json:
            print_json([held.as_json() for held in found])
            return
        print_table(
            ("when", "who", "vote", "question", "comment", "answer"),
            [
                (
                    f"{held.changed_at.astimezone(principal.zone):%Y-%m-%d %H:%M}",
                    held.voter,
                    held.verdict,
                    held.question,
                    held.comment,
                    held.answer_id,
                )
                for held in found
            ],
        )

    @feedback.command()
    def export(
        out: Annotated[Path | None, typer.Option("--out", help="The file to write instead of standard output")] = None,
        verdict: _Verdict = None,
        user: User = None,
        as_json: Annotated[bool, typer.Option("--json", help="JSON lines, which is what it writes anyway")] = True,
    ) -> None:
        """Votes with question, answer, scope and citations as JSON lines: docs/evals.md tells how one becomes a case."""
        import json

        from crm.errors import InputError
        from crm.feedback import votes_of

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                found = votes_of(session, principal, verdict=verdict)
        if out is None:
            for held in found:
                print_line(held.as_json())
            return
        lines = "".join(json.dumps(held.as_json(), ensure_ascii=False) + "\n" for held in found)
        try:
            out.write_text(lines, encoding="utf-8")
        except OSError as error:
            raise InputError(type(error).__name__, sentence=f"{out} can't be written.") from None
        console.print(f"{len(found)} votes written to {out}.")
