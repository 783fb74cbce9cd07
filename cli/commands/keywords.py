"""`lealup keywords …`: the workspace's own critical words beside the built-in ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import opened
from cli.output import console, print_json, print_table

if TYPE_CHECKING:
    from wiring.app import App

_UserOption = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]


def register(app: typer.Typer) -> None:
    keywords = typer.Typer(help="Critical words beside the built-in lists.", no_args_is_help=True)
    app.add_typer(keywords, name="keywords")

    @keywords.command("list")
    def list_(user: _UserOption = None, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
        """The workspace's own words."""
        from crm.signals.terms import workspace_terms

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                found = workspace_terms(session, principal.workspace_id)
        if as_json:
            print_json([{"form": form, "term": term} for form, term in sorted(found.items())])
        else:
            print_table(("word", "counts as"), sorted(found.items()))

    @keywords.command()
    def add(
        term: str,
        counts_as: Annotated[
            str, typer.Option("--as", help="cancel|terminate|problem|critical_bug|competitor:<name>|<own>")
        ],
        user: _UserOption = None,
    ) -> None:
        """Add a word; stored mail is looked through for it."""
        from crm.signals.terms import add_term, workspace_terms

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                former = workspace_terms(session, principal.workspace_id)
                add_term(session, principal.workspace_id, term, counts_as)
            count = _mark_again(house, principal.workspace_id, former)
        console.print(f"“{term}” counts as {counts_as}; {count} mails were marked anew.")

    @keywords.command()
    def remove(term: str, user: _UserOption = None) -> None:
        """Remove one of the workspace's own words."""
        from crm.signals.terms import remove_term, workspace_terms

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                former = workspace_terms(session, principal.workspace_id)
                remove_term(session, principal.workspace_id, term)
            count = _mark_again(house, principal.workspace_id, former)
        console.print(f"“{term}” was removed; {count} mails were marked anew.")


def _mark_again(house: App, workspace_id: int, former: Mapping[str, str]) -> int:
    from ingestion.rereading import mark_keywords

    return mark_keywords(house.database, house.analyser.keywords, workspace_id, former)
