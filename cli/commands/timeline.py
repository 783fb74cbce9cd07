"""`lealup timeline`, and the options by which a timeline is filtered."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.opening import day_start, instant, opened
from cli.output import print_json, print_table
from crm.errors import InputError
from crm.identity import Principal

if TYPE_CHECKING:
    from crm.timeline.filter import Filter
    from crm.timeline.item import Cursor, Item

User = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]
Since = Annotated[str | None, typer.Option("--since", help="ISO date, included")]
Until = Annotated[str | None, typer.Option("--until", help="ISO date, included")]
Person = Annotated[str, typer.Option("--person", help="Address of somebody who wrote or received it")]
Way = Annotated[Literal["inbound", "outbound"] | None, typer.Option("--direction", help="Received or sent")]
Tone = Annotated[Literal["positive", "neutral", "negative"] | None, typer.Option("--tone")]
Keyword = Annotated[str, typer.Option("--keyword", help="A critical word that is not negated")]
Attached = Annotated[bool, typer.Option("--attachment", help="With an attachment")]
AttachmentName = Annotated[str, typer.Option("--attachment-name", help="With an attachment whose name has these words")]
Words = Annotated[str, typer.Option("--text", help="Words in subject, new text, people or names of attachments")]
Shared = Annotated[bool, typer.Option("--shared", help="Also on another customer's timeline")]
Automatic = Annotated[
    Literal["shown", "hidden", "only"], typer.Option("--automatic", help="What becomes of automatic and bulk mail")
]
KindsOption = Annotated[
    list[str] | None, typer.Option("--kind", help="Only this kind: mail, note, health or alert; may be repeated")
]
Everything = Annotated[bool, typer.Option("--all", help="Notes, health changes and alerts beside the mail")]

_ARROW = {"inbound": "←", "outbound": "→"}
_NOW = "now"


def register(app: typer.Typer) -> None:
    @app.command()
    def timeline(
        customer: str,
        user: User = None,
        since: Since = None,
        until: Until = None,
        person: Person = "",
        direction: Way = None,
        tone: Tone = None,
        keyword: Keyword = "",
        attachment: Attached = False,
        attachment_name: AttachmentName = "",
        text: Words = "",
        shared: Shared = False,
        automatic: Automatic = "shown",
        kind: KindsOption = None,
        everything: Everything = False,
        limit: Annotated[int | None, typer.Option(min=1, help="At most so many; all by default")] = None,
        offset: Annotated[int, typer.Option(min=0)] = 0,
        before: Annotated[
            str | None, typer.Option(help="The newest ones below this place: `now`, or a `cursor` of --json")
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
    ) -> None:
        """Every mail to or from a customer, oldest first; with --all also what else happened."""
        from crm.customers import find_customer
        from crm.timeline.page import read_all, read_page
        from crm.timeline.plain import plain_item

        with opened() as house:
            principal = house.principal(user)
            chosen = chosen_filter(
                principal, since=since, until=until, person=person, direction=direction, tone=tone, keyword=keyword,
                attachment=attachment, attachment_name=attachment_name, text=text, shared=shared, automatic=automatic,
                kinds=kind, everything=everything,
            )  # fmt: skip
            with house.database.read() as session:
                found = find_customer(session, principal.workspace_id, customer)
                where = (session, principal.workspace_id, found.id, chosen)
                if before is not None:
                    items = list(read_page(*where, before=_place(before), limit=limit or 20).items)[::-1]
                else:
                    items = list(
                        islice(list(read_all(*where))[::-1], offset, None if limit is None else offset + limit)
                    )
        if as_json:
            print_json([plain_item(item) for item in items])
        else:
            print_table(("", "when", "from", "subject", "tone", "words"), [_row(item, principal) for item in items])


def chosen_filter(
    principal: Principal,
    *,
    since: str | None,
    until: str | None,
    person: str,
    direction: Literal["inbound", "outbound"] | None,
    tone: str | None,
    keyword: str,
    attachment: bool,
    attachment_name: str,
    text: str,
    shared: bool,
    automatic: Literal["shown", "hidden", "only"],
    kinds: list[str] | None,
    everything: bool,
) -> Filter:
    """The filter that the options ask for; days are those of the workspace's zone. Raises `InputError`."""
    from crm.timeline.filter import Filter
    from crm.timeline.item import KINDS

    wanted = [kind for kind in KINDS if kind in (kinds or () if kinds or everything else ("mail",))]
    unknown = set(kinds or ()) - set(KINDS)
    if unknown:
        raise InputError(
            ", ".join(unknown),
            sentence=f"“{min(unknown)}” is no kind of entry.",
            next_step=f"Known: {', '.join(KINDS)}.",
        )
    last = instant(until, principal)
    if last and until and len(until) <= 10:
        last = day_start((date.fromisoformat(until) + timedelta(days=1)).isoformat(), principal)
    return Filter(
        since=day_start(since, principal), until=last, person=person, direction=direction, tone=tone or "",
        keyword=keyword, attachment=attachment, attachment_name=attachment_name, text=text, shared=shared,
        automatic=automatic, kinds=wanted,
    )  # fmt: skip


def _place(before: str) -> Cursor | None:
    from crm.timeline.item import read_cursor

    return None if before == _NOW else read_cursor(before)


def _row(item: Item, principal: Principal) -> tuple[str, ...]:
    when = f"{item.at.astimezone(principal.zone):%Y-%m-%d %H:%M}"
    mail = item.mail
    if mail is None:
        return ("·", when, item.author or item.kind, item.text, "", "")
    words = ", ".join(sorted({mark.term for mark in mail.keywords if not mark.negated}))
    return (_ARROW[mail.direction], when, mail.sender.name or mail.sender.email, mail.subject, mail.tone, words)
