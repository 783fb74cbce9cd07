"""`lealup coverage`: every message that Gmail showed, accounted for; with `--check`, against Gmail and the indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.output import console, print_json
from crm.errors import LealUpError

if TYPE_CHECKING:
    from crm.identity import Principal
    from wiring.app import App

User = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


def register(app: typer.Typer) -> None:
    @app.command()
    def coverage(
        user: User = None,
        check: Annotated[
            bool,
            typer.Option(
                "--check", help="List Gmail again and look into the indexes; exit 1 when something is missing"
            ),
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """Listed = stored + left out by reason + quarantined + pending, for each mailbox."""
        with opened() as house:
            found = _report(house, house.principal(user), check)
        if as_json:
            print_json(found)
        else:
            _print(found)
        if not found["ok"]:
            raise LealUpError("coverage", sentence="Something is missing.", next_step=" ".join(found["next"]))


def _report(house: App, principal: Principal, check: bool) -> dict[str, Any]:
    from ingestion.coverage import coverage as coverage_of
    from ingestion.coverage_check import check_indexes, check_mailbox
    from ingestion.mailboxes import mailboxes_of

    boxes: list[dict[str, Any]] = []
    steps: list[str] = []
    with house.database.read() as session:
        mailboxes = mailboxes_of(session, principal)
    for mailbox in mailboxes:
        with house.database.read() as session:
            counts = coverage_of(session, mailbox)
        held = counts["stored"] + sum(counts["filtered"].values()) + counts["quarantined"] + counts["pending"]
        one: dict[str, Any] = {
            "mailbox": mailbox.email,
            **counts,
            "balanced": counts["listed"] == held,
            "window_start": mailbox.window_start.isoformat() if mailbox.window_start else None,
        }
        if check and mailbox.sealed_token:
            checked = check_mailbox(house.database, house.access.gateway(mailbox), mailbox.id)
            one["check"] = checked.as_json()
            if not checked.ok:
                steps.append(_resync(principal, checked.history_expired))
        elif check:
            one["check"] = None
            steps.append(f"Connect {mailbox.email} again with `lealup connect --user {principal.email}`.")
        boxes.append(one)
    found: dict[str, Any] = {"mailboxes": boxes, "index": None}
    if check:
        indexes = check_indexes(house.database, house.vectors, principal.workspace_id)
        found["index"] = indexes.as_json()
        if indexes.unindexed or indexes.only_lexical or indexes.only_vector:
            steps.append(
                f"Run `lealup sync --user {principal.email}`: it indexes what is due and drops what is hidden."
            )
        if not indexes.indexes_ok:
            steps.append("Run `lealup reindex` if the indexes still differ then.")
    if not all(box["balanced"] for box in boxes):
        steps.append("The counts do not add up: report it with the trace id.")
    return found | {"ok": not steps, "next": list(dict.fromkeys(steps))}


def _resync(principal: Principal, expired: bool) -> str:
    step = f"Run `lealup sync --user {principal.email}`, then check again."
    if expired:
        return f"{step} Gmail forgot the history, so it lists the window again."
    return f"{step} If it is still so, `lealup sync --days N` with a longer period lists it all again."


def _print(found: dict[str, Any]) -> None:
    from ingestion.reasons import LABELS

    for box in found["mailboxes"]:
        console.print(f"{box['mailbox']}, since {(box['window_start'] or 'never')[:10]}")
        console.print(f"  {box['listed']} listed in Gmail =")
        console.print(f"  {box['stored']} on a timeline")
        for reason, count in box["filtered"].items():
            console.print(f"  {count} left out: {LABELS.get(reason, reason)}")
        console.print(f"  {box['quarantined']} set aside, unreadable")
        console.print(f"  {box['pending']} still to be read")
        if checked := box.get("check"):
            console.print(
                f"  Gmail lists {checked['at_gmail']} now: {checked['missing']} missing here, {checked['gone']} no longer "
                f"there, {checked['coming']} come with the next sync"
            )
            for kind in ("missing", "gone"):
                for gmail_id in checked[f"{kind}_ids"]:
                    console.print(f"    {kind}: {gmail_id}")
    if index := found["index"]:
        console.print(
            f"Indexes: {index['visible']} mails on timelines; {index['unindexed']} wait to be indexed, "
            f"{index['not_lexical']} and {index['not_vector']} are missing in the lexical and the vector index, "
            f"{index['only_lexical']} and {index['only_vector']} are there without being on a timeline"
        )
