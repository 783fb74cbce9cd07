"""`lealup prompts …`: questions that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.commands.answers import ExportFile, ask_and_show
from cli.opening import opened
from cli.output import console, print_json, print_table
from crm.errors import InputError

if TYPE_CHECKING:
    from crm.prompts.store import Prompt

User = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
_Shared = Annotated[bool | None, typer.Option("--shared/--own", help="Whether the whole workspace sees it")]


def register(app: typer.Typer) -> None:
    prompts = typer.Typer(help="Saved prompts, your own and those the workspace shares.", no_args_is_help=True)
    app.add_typer(prompts, name="prompts")

    @prompts.command("list")
    def list_(
        user: User = None,
        starters: Annotated[bool, typer.Option("--starters", help="The built-in ones, to copy from")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Your prompts and the shared ones."""
        from crm.prompts.starters import STARTERS
        from crm.prompts.store import prompts_of

        if starters:
            rows = [{"language": held.language, "name": held.name, "text": held.text} for held in STARTERS]
            if as_json:
                print_json(rows)
            else:
                print_table(("language", "name", "text"), [tuple(row.values()) for row in rows])
            return
        with opened() as house, house.database.read() as session:
            found = prompts_of(session, house.principal(user))
        if as_json:
            print_json([prompt.as_json() for prompt in found])
            return
        print_table(
            ("id", "name", "whose", "text"),
            [
                (held.id, held.name, f"shared by {held.owner}" if held.shared else held.owner, held.text)
                for held in found
            ],
        )

    @prompts.command()
    def add(
        text: Annotated[str, typer.Argument(help="The question; {customer}, {person}, {period} are asked for")],
        name: Annotated[str, typer.Option(help="What it is called; by default its beginning")] = "",
        shared: _Shared = None,
        user: User = None,
        as_json: AsJson = False,
    ) -> None:
        """Keep a question, at most 4,000 characters."""
        from crm.prompts.store import add_prompt

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                prompt = add_prompt(session, house.clock, principal, text=text, name=name, shared=bool(shared))
        _done(prompt, as_json, "is saved")

    @prompts.command()
    def edit(
        which: Annotated[str, typer.Argument(help="Number or name")],
        text: Annotated[str | None, typer.Option(help="The new question")] = None,
        name: Annotated[str | None, typer.Option(help="The new name")] = None,
        shared: _Shared = None,
        user: User = None,
        as_json: AsJson = False,
    ) -> None:
        """Change one of your own; an admin may change shared ones."""
        from crm.prompts.store import edit_prompt, get_prompt

        if text is None and name is None and shared is None:
            raise InputError(
                sentence="Nothing was said to change.", next_step="Give --text, --name, --shared or --own."
            )
        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                held = get_prompt(session, principal, which)
                prompt = edit_prompt(session, house.clock, principal, held.id, text=text, name=name, shared=shared)
        _done(prompt, as_json, "is changed")

    @prompts.command()
    def remove(
        which: Annotated[str, typer.Argument(help="Number or name")], user: User = None, as_json: AsJson = False
    ) -> None:
        """Delete one of your own; an admin may delete shared ones."""
        from crm.prompts.store import get_prompt, remove_prompt

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                prompt = get_prompt(session, principal, which)
                remove_prompt(session, house.clock, principal, prompt.id)
        _done(prompt, as_json, "is removed")

    @prompts.command()
    def run(
        which: Annotated[str, typer.Argument(help="Number or name")],
        values: Annotated[
            list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Fill a place, as in customer=Acme")
        ] = None,
        user: User = None,
        thread: Annotated[str | None, typer.Option(help="Continue this conversation")] = None,
        at: Annotated[str | None, typer.Option(help="Ask as of this ISO date")] = None,
        export: ExportFile = None,
        as_json: AsJson = False,
    ) -> None:
        """Fill a prompt and ask it. On a terminal, what is missing is asked for."""
        import sys

        from crm.prompts.placeholders import filled, places
        from crm.prompts.store import get_prompt

        given = dict(map(_pair, values or ()))
        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                prompt = get_prompt(session, principal, which)
            for name in places(prompt.text):
                if name not in given and sys.stdin.isatty():
                    given[name] = typer.prompt(name)
            question = filled(prompt.text, given)
            ask_and_show(house, principal, question, thread=thread, at=at, export=export, as_json=as_json)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(text, sentence=f"“{text}” is not NAME=VALUE.", next_step="Write it as customer=Acme.")
    return name.strip().lower(), value


def _done(prompt: Prompt, as_json: bool, what: str) -> None:
    if as_json:
        print_json(prompt.as_json())
    else:
        console.print(f"Prompt {prompt.id} “{prompt.name}” {what}.")
