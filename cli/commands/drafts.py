"""`lealup drafts …`. Approval is a human at a terminal; there is no flag that approves."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.output import console, print_json, print_table
from crm.errors import InputError

if TYPE_CHECKING:
    from outbox.drafts import Draft

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
            print_draft(draft)

    @drafts.command()
    def versions(draft_id: str, user: _UserOption = None, as_json: _AsJson = False) -> None:
        """Every version of a draft, newest first: who made it, when, and the hash of its bytes."""
        from outbox.drafts import list_versions

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                found = list_versions(session, principal, draft_id)
        if as_json:
            print_json(
                [
                    {"version": held.number, "author": held.author, "how": held.how, "sha256": held.sha256,
                     "created_at": held.created_at.isoformat()}
                    for held in found
                ]
            )  # fmt: skip
        else:
            rows = [
                (held.number, held.author, held.how, f"{held.created_at.astimezone(principal.zone):%Y-%m-%d %H:%M:%S}",
                 held.sha256[:12])
                for held in found
            ]  # fmt: skip
            print_table(("version", "author", "how", "when", "sha256"), rows)

    @drafts.command()
    def undo(draft_id: str, user: _UserOption = None) -> None:
        """Take back the approval of a reply that has not left yet."""
        from outbox.approvals import undo as take_back
        from outbox.drafts import get

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                draft = get(session, principal, draft_id)
                take_back(session, house.clock, principal, draft_id, sha256=draft.sha256)
        console.print("Undone: nothing was sent, and the draft waits for you.")

    @drafts.command()
    def review(draft_id: str, user: _UserOption = None) -> None:
        """Look at the exact text and decide: send it now or later, change it, discard it, or leave it. Needs a terminal."""
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise InputError(
                "no terminal", sentence="Only a human at a terminal can approve a draft.",
                next_step="Run it in a terminal, or approve it in the web app or in Slack.",
            )  # fmt: skip
        from cli.reviewing import Review

        with opened() as house:
            Review(house, house.principal(user), draft_id).run()


def draft_json(draft: Draft) -> dict[str, Any]:
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
        "attachments": [
            {"name": file.name, "type": file.type, "size": file.size, "sha256": file.sha256} for file in draft.files
        ],
        "warnings": [warning.sentence for warning in draft.warnings],
        "blocking": [warning.sentence for warning in draft.warnings if warning.blocking],
        "send_at": draft.send_at.isoformat() if draft.send_at else None,
        "gmail_id": draft.gmail_id,
        "error": draft.error,
        "created_at": draft.created_at.isoformat(),
        "updated_at": draft.updated_at.isoformat(),
    }


def print_draft(draft: Draft) -> None:
    console.print(f"Draft {draft.id} · version {draft.version} · {draft.status}")
    for name, value in (("From", draft.sender), ("To", ", ".join(draft.to)), ("Cc", ", ".join(draft.cc)),
                        ("Bcc", ", ".join(draft.bcc)), ("Subject", draft.subject)):  # fmt: skip
        if value:
            console.print(f"{name}: {value}")
    for file in draft.files:
        console.print(f"File: {file}")
    console.print(f"\n{draft.text}")
    for warning in draft.warnings:
        console.print(f"{'✗' if warning.blocking else '!'} {warning.sentence}")
    if draft.error:
        console.print(f"! {draft.error}")
