"""`lealup sync`, `status`, `why`, `reindex`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from cli.opening import opened
from cli.output import console, print_json, print_table, progress_console

if TYPE_CHECKING:
    from ingestion.sync import SyncReport
    from wiring.app import App

_UserOption = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]
_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


def register(app: typer.Typer) -> None:
    @app.command()
    def sync(
        user: _UserOption = None,
        days: Annotated[
            int | None, typer.Option(min=1, max=36500, help="Length of this backfill in days; the setting goes to 365")
        ] = None,
        once: Annotated[bool, typer.Option("--once", help="One pass (the default); kept for scripts")] = True,
        as_json: _AsJson = False,
    ) -> None:
        """Read new mail: the backfill first, then only what changed. Doing it twice changes nothing."""
        from ingestion.mailboxes import connected_mailboxes

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                boxes = connected_mailboxes(session, principal)
            reports = [_sync_with_bar(house, box.id, box.email, days) for box in boxes]
            for box in boxes:
                house.sender.reconcile_all(box.id)
            _refresh_with_bar(house)
        if as_json:
            shown = [report.as_json() for report in reports]
            print_json(shown[0] if len(shown) == 1 else shown)
            return
        for report in reports:
            coverage = report.coverage
            filtered = ", ".join(f"{count} {reason}" for reason, count in coverage["filtered"].items()) or "none"
            console.print(
                f"{report.mailbox}: {coverage['listed']} listed = {coverage['stored']} stored + filtered ({filtered}) + "
                f"{coverage['quarantined']} quarantined + {coverage['pending']} pending; {report.seconds:.1f} s, "
                f"{report.quota_units} quota units"
            )

    @app.command()
    def status(user: _UserOption = None, as_json: _AsJson = False) -> None:
        """Where each mailbox stands: state, progress, last success, coverage."""
        from ingestion.status import status_of

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                found = status_of(session, principal, house.clock(), house.budget)
        if as_json:
            print_json(found)
        elif not found:
            console.print("No mailbox is connected yet. Connect one with lealup connect.")
        else:
            rows = [(one["mailbox"], one["state"], _progress(one), _minute(one["last_success"])) for one in found]
            print_table(("mailbox", "state", "progress", "last success"), rows)
            for one in found:  # below the table: a sentence in a column is unreadable
                for sentence in filter(None, (one["cause"], one["alarm"])):
                    console.print(f"{one['mailbox']}: {sentence}")

    @app.command()
    def why(message_id: str, user: _UserOption = None, as_json: _AsJson = False) -> None:
        """Why a mail (or an address) is on a timeline, or why not."""
        from ingestion.why import explain

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                found = explain(session, principal, message_id)
        if as_json:
            print_json(found)
        else:
            console.print(found["explanation"])

    @app.command()
    def reindex(user: _UserOption = None) -> None:
        """Build the search indexes anew from the stored mail."""
        from crm.index.reindex import reindex as rebuild

        with opened() as house, _bar() as bar:
            principal = house.principal(user)
            task = bar.add_task("indexing", total=None)
            count = rebuild(
                house.database, house.index, house.vectors, principal.workspace_id,
                lambda done, total: bar.update(task, completed=done, total=total),
            )  # fmt: skip
        console.print(f"{count} mails are searchable.")


def _progress(one: dict[str, Any]) -> str:
    """How much is read, what a sync does at this moment, and how long it takes until everything is read."""
    phase, eta = one["phase"], one["eta"]
    counted = f", {phase['name']} {phase['done']:,} of {phase['total']:,}" if phase and phase["total"] else ""
    rest = "" if eta is None else f", about {eta // 60} min left" if eta >= 60 else ", less than a minute left"
    return f"{one['progress']:.0%}{counted}{rest}"


def _minute(instant: str | None) -> str:
    return (instant or "never")[:16].replace("T", " ")


def _bar() -> Progress:
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=progress_console,
    )  # fmt: skip


def _refresh_with_bar(house: App) -> None:
    with _bar() as bar:
        task = bar.add_task("health", total=None)
        house.refresher.run(progress=lambda done, total: bar.update(task, completed=done, total=total or None))


def _sync_with_bar(house: App, mailbox_id: int, email: str, days: int | None) -> SyncReport:
    with _bar() as bar:
        task = bar.add_task(f"{email}: connecting", total=None)
        return house.sync.run(
            mailbox_id,
            days=days,
            progress=lambda now: bar.update(
                task, description=f"{email}: {now.phase}", completed=now.done, total=now.total or None
            ),
        )
