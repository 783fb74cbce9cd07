"""`lealup drafts …`. Approval is a human at a terminal; there is no flag that approves."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import click
import typer

from cli.opening import opened
from cli.output import console, print_json, print_table
from crm.errors import InputError

_UserOption = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]
_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


def register(app: typer.Typer) -> None:
    drafts = typer.Typer(help="Replies that wait for a human.", no_args_is_help=True)
    app.add_typer(drafts, name="drafts")

    @drafts.command("list")
    def list_(user: _UserOption = None, as_json: _AsJson = False) -> None:
        """Your drafts, newest first."""
        from outbox.drafts import list_drafts

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                found = list_drafts(session, principal)
        if as_json:
            print_json([draft_json(draft) for draft in found])
        else:
            rows = [(draft.id, draft.status, draft.version, ", ".join(draft.to), draft.subject) for draft in found]
            print_table(("id", "status", "version", "to", "subject"), rows)

    @drafts.command()
    def show(draft_id: str, user: _UserOption = None, as_json: _AsJson = False) -> None:
        """One draft, decoded from the bytes that would be sent."""
        from outbox.drafts import get

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                draft = get(session, principal, draft_id)
        if as_json:
            print_json(draft_json(draft))
        else:
            _print(draft)

    @drafts.command()
    def review(draft_id: str, user: _UserOption = None) -> None:
        """Look at the exact text and decide: send, edit, discard, or leave it. Needs a terminal."""
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise InputError(
                "no terminal", sentence="Only a human at a terminal can approve a draft.",
                next_step="Run it in a terminal, or approve it in the web app or in Slack.",
            )  # fmt: skip
        from outbox.approvals import approve
        from outbox.drafts import discard, edit, get

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                draft = get(session, principal, draft_id)
            while True:
                _print(draft)
                if draft.status not in ("draft", "approved"):  # approved: the last attempt died before it sent
                    return
                choice = typer.prompt("Type the word: send, edit, discard or later", default="later").strip().lower()
                if choice == "send":
                    with house.database.write() as session:
                        approve(session, house.clock, principal, draft.id, sha256=draft.sha256, face="terminal")
                    draft = house.sender.send(principal, draft.id, sha256=draft.sha256)
                    console.print(f"Sent. It lies in the Sent mail of {draft.mailbox}.")
                    return
                if choice == "edit":
                    text = click.edit(draft.text)
                    if text is not None:
                        with house.database.write() as session:
                            draft = edit(session, house.clock, principal, draft.id, sha256=draft.sha256, text=text)
                elif choice == "discard":
                    with house.database.write() as session:
                        discard(session, house.clock, principal, draft.id)
                    console.print("Discarded.")
                    return
                elif choice == "later":
                    return


def draft_json(draft: Any) -> dict[str, Any]:
    return {
        "id": draft.id,
        "status": draft.status,
        "version": draft.version,
        "sha256": draft.sha256,
        "mailbox": draft.mailbox,
        "answers": draft.mail_id,
        "customers": list(draft.customers),
        "from": draft.sender,
        "to": list(draft.to),
        "cc": list(draft.cc),
        "bcc": list(draft.bcc),
        "subject": draft.subject,
        "text": draft.text,
        "warnings": list(draft.warnings),
        "gmail_id": draft.gmail_id,
        "error": draft.error,
        "created_at": draft.created_at.isoformat(),
        "updated_at": draft.updated_at.isoformat(),
    }


def _print(draft: Any) -> None:
    console.print(f"Draft {draft.id} · version {draft.version} · {draft.status}")
    for name, value in (("From", draft.sender), ("To", ", ".join(draft.to)), ("Cc", ", ".join(draft.cc)),
                        ("Bcc", ", ".join(draft.bcc)), ("Subject", draft.subject)):  # fmt: skip
        if value:
            console.print(f"{name}: {value}")
    console.print(f"\n{draft.text}")
    for warning in draft.warnings:
        console.print(f"! {warning}")
    if draft.error:
        console.print(f"! {draft.error}")
