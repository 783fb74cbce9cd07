"""`lealup ask`, `search`, `mentions`."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from sqlalchemy.orm import Session

from cli.opening import day_start, instant, opened
from cli.output import console, print_json, print_table, progress_console
from crm.customers import find_customer, list_customers
from crm.errors import NotFound
from crm.folding import fold
from crm.identity import Principal
from crm.mails import Direction, MailFilter

if TYPE_CHECKING:
    from wiring.app import App

Tone = Literal["positive", "neutral", "negative"]
_UserOption = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]
_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
ExportFile = Annotated[
    Path | None, typer.Option("--export", help="Write the answer with its sources to this .md or .html file")
]
_Customer = Annotated[str | None, typer.Option("--customer", help="Name, alias or domain")]
_Since = Annotated[str | None, typer.Option("--since", help="ISO date, included")]
_Until = Annotated[str | None, typer.Option("--until", help="ISO date, included")]


@dataclass(frozen=True, kw_only=True)
class _Options:
    customer: str | None
    since: str | None
    until: str | None
    person: str | None = None
    direction: Direction | None = None
    tone: Tone | None = None
    keyword: str | None = None
    attachment: bool = False

    def filter(self, session: Session, principal: Principal) -> MailFilter:
        ids = (find_customer(session, principal.workspace_id, self.customer).id,) if self.customer else ()
        return MailFilter(
            customer_ids=ids,
            people=_addresses(session, principal, self.person) if self.person else (),
            since=day_start(self.since, principal),
            until=instant(self.until, principal),
            direction=self.direction,
            tone=self.tone,
            keyword=self.keyword,
            with_attachment=self.attachment,
        )


def register(app: typer.Typer) -> None:
    @app.command()
    def ask(
        question: str,
        user: _UserOption = None,
        thread: Annotated[str | None, typer.Option(help="Continue this conversation")] = None,
        at: Annotated[str | None, typer.Option(help="Ask as of this ISO date")] = None,
        export: ExportFile = None,
        as_json: _AsJson = False,
    ) -> None:
        """Ask about your customers' mail. Every statement cites the mail it comes from. Ctrl-C stops; the question is kept."""
        with opened() as house:
            principal = house.principal(user)
            ask_and_show(house, principal, question, thread=thread, at=at, export=export, as_json=as_json)

    @app.command()
    def search(
        query: str,
        user: _UserOption = None,
        customer: _Customer = None,
        since: _Since = None,
        until: _Until = None,
        person: Annotated[str | None, typer.Option(help="Name or address of a participant")] = None,
        direction: Annotated[Direction | None, typer.Option(help="Only mail received or sent")] = None,
        tone: Annotated[Tone | None, typer.Option(help="Only mail of this tone")] = None,
        keyword: Annotated[str | None, typer.Option(help="Only mail with this critical term, e.g. cancel")] = None,
        attachment: Annotated[bool, typer.Option("--attachment", help="Only mail with a file attached")] = False,
        limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
        as_json: _AsJson = False,
    ) -> None:
        """The mails closest to a query, best first."""
        with opened() as house:
            principal = house.principal(user)
            options = _Options(
                customer=customer, since=since, until=until, person=person, direction=direction, tone=tone,
                keyword=keyword, attachment=attachment,
            )  # fmt: skip
            with house.database.read() as session:
                chosen = options.filter(session, principal)
                hits = house.index.search(session, principal.workspace_id, query, chosen, limit=limit)
        rows = [
            {
                "message_id": hit.mail.id,
                "gmail_id": hit.mail.gmail_id,
                "score": round(hit.score, 4),
                "customer": "/".join(hit.mail.customers),
                "date": hit.mail.sent_at.isoformat(),
                "from": hit.mail.sender.email,
                "subject": hit.mail.subject,
                "snippet": hit.mail.snippet,
            }
            for hit in hits
        ]
        if as_json:
            print_json(rows)
        else:
            print_table(("score", "date", "customer", "subject", "snippet"), [
                (row["score"], str(row["date"])[:10], row["customer"], row["subject"], str(row["snippet"])[:80]) for row in rows
            ])  # fmt: skip

    @app.command()
    def mentions(
        terms: Annotated[list[str], typer.Argument(metavar="TERM...")],
        user: _UserOption = None,
        since: _Since = None,
        until: _Until = None,
        customer: _Customer = None,
        as_json: _AsJson = False,
    ) -> None:
        """Read every mail in scope and show each mention of the terms, in all their forms."""
        from crm.index.mentions import scan

        with opened() as house:
            principal = house.principal(user)
            options = _Options(customer=customer, since=since, until=until)
            with house.database.read() as session:
                found = scan(session, principal.workspace_id, terms, options.filter(session, principal))
        if as_json:
            print_json(
                {
                    "read": found.read,
                    "matches": [
                        {
                            "message_id": match.mail.id,
                            "gmail_id": match.mail.gmail_id,
                            "customer": "/".join(match.mail.customers),
                            "date": match.mail.sent_at.isoformat(),
                            "from": match.mail.sender.email,
                            "quote": match.quote,
                            "form": match.form,
                            "negated": match.negated,
                            "hypothetical": match.hypothetical,
                            "attachment": match.file,
                        }
                        for match in found.matches
                    ],
                }
            )
            return
        console.print(f"{found.read} mails read, {len(found.matches)} mentions.")
        for match in found.matches:
            marks = "".join(
                f" ({mark})" for mark, on in (("negated", match.negated), ("hypothetical", match.hypothetical)) if on
            )
            marks += f" ({match.file})" if match.file else ""
            when = f"{match.mail.sent_at.astimezone(principal.zone):%Y-%m-%d}"
            console.print(f"- {when} {'/'.join(match.mail.customers)}: “{match.quote}”{marks}")


def ask_and_show(
    house: App,
    principal: Principal,
    question: str,
    *,
    thread: str | None = None,
    at: str | None = None,
    export: Path | None = None,
    as_json: bool = False,
) -> None:
    """Ask, print the answer with its sources, and write it to a file when one is named."""
    from agent import export as exporting

    if export:
        exporting.checked(export)  # before a model is asked
    with progress_console.status("thinking…"), _interrupted() as cancelled:
        answer = house.assistant.ask(principal, question, thread=thread, at=instant(at, principal), cancelled=cancelled)
    if export:
        document = exporting.Document(question=question, answer=answer, asked_at=house.clock(), zone=principal.zone)
        exporting.write(export, document)
    if as_json:
        print_json(answer.as_json())
        return
    console.print(answer.answer)
    for citation in answer.citations:
        when = f"{citation.date.astimezone(principal.zone):%Y-%m-%d %H:%M}"
        mark = "✓" if citation.verified else "unverified"
        file = f" ({citation.attachment})" if citation.attachment else ""
        console.print(
            f"  [{citation.n}] {when} {citation.sender} · {citation.customer} · “{citation.quote}”{file} {mark}"
        )
    if answer.draft_id:
        console.print(f"Draft {answer.draft_id} waits for you: lealup drafts review {answer.draft_id}")
    if export:
        console.print(f"Written to {export}.")
    about = [f"conversation {answer.thread}", f"answer {answer.id}"] if answer.id else [f"conversation {answer.thread}"]
    if answer.usage.calls:
        about.append(f"{'about ' if answer.usage.estimated else ''}{answer.usage.total:,} tokens")
    console.print(f"({', '.join([*about, f'trace id {answer.trace_id}'])})")


@contextmanager
def _interrupted() -> Iterator[threading.Event]:
    """Ctrl-C ends the answer, not the process: what is being written is finished, and the conversation goes on."""
    cancelled = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: cancelled.set())
    try:
        yield cancelled
    finally:
        signal.signal(signal.SIGINT, before)


def _addresses(session: Session, principal: Principal, person: str) -> tuple[str, ...]:
    """Addresses of the contacts called so, or the address itself."""
    if "@" in person:
        return (person.strip().lower(),)
    wanted = fold(person)
    found = tuple(
        contact.email
        for customer in list_customers(session, principal.workspace_id)
        for contact in customer.contacts
        if wanted in fold(contact.name)
    )
    if not found:
        raise NotFound(
            person, sentence=f"No contact is called “{person}”.", next_step="Use the e-mail address instead."
        )
    return found
