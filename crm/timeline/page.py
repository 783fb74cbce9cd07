"""A page of a customer's timeline: all kinds of entries in one order, newest first, below a cursor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from crm import schema
from crm.errors import UnknownCustomer
from crm.folding import fold
from crm.mails import StoredMail, get_heads
from crm.timeline.filter import Filter
from crm.timeline.item import Cursor, Item
from crm.timeline.mails import places
from crm.timeline.sources import SOURCES

_MOST_PEOPLE = 2000


@dataclass(frozen=True, kw_only=True)
class Page:
    """`older` goes on below the last item; None at the end."""

    items: tuple[Item, ...]
    older: Cursor | None


def read_page(
    session: Session,
    workspace_id: int,
    customer_id: int,
    chosen: Filter,
    *,
    before: Cursor | None = None,
    limit: int = 20,
) -> Page:
    """The newest `limit` entries below `before` that pass. Raises `UnknownCustomer`."""
    _check(session, workspace_id, customer_id)
    mails = places(session, workspace_id, customer_id, chosen, before, limit + 1) if chosen.takes("mail") else []
    found = [Cursor(at=at, kind="mail", id=mail_id) for at, mail_id in mails]
    lowest = found[-1].at if len(found) > limit else None  # nothing below it can come onto this page
    others = {item.place: item for item in _others(session, workspace_id, customer_id, chosen, before, lowest)}
    ordered = sorted([*found, *others], reverse=True)
    shown = ordered[:limit]
    heads = get_heads(session, workspace_id, [place.id for place in shown if place.kind == "mail"])
    # A mail that was hidden in this very moment is among the places, and no longer among the heads.
    entries = others | {
        place: _of_mail(heads[place.id]) for place in shown if place.id in heads and place.kind == "mail"
    }
    items = tuple(entries[place] for place in shown if place in entries)
    return Page(items=items, older=shown[-1] if len(ordered) > limit else None)


def read_all(
    session: Session, workspace_id: int, customer_id: int, chosen: Filter, *, size: int = 500
) -> Iterator[Item]:
    """Every entry that passes, newest first, a page at a time: memory holds one page. Raises `UnknownCustomer`."""
    before: Cursor | None = None
    while True:
        page = read_page(session, workspace_id, customer_id, chosen, before=before, limit=size)
        yield from page.items
        before = page.older
        if before is None:
            return
        session.expunge_all()


def addresses(session: Session, workspace_id: int, customer_id: int) -> tuple[str, ...]:
    """Everybody who wrote or received a mail of the timeline, in alphabetical order: the first 2,000.

    The index is asked for one address after the other, so the number of mails does not matter.
    """
    _check(session, workspace_id, customer_id)
    query = (
        "WITH RECURSIVE one(facet) AS (SELECT min(facet) FROM timeline WHERE customer_id = :customer AND facet > 'p:' "
        "UNION ALL SELECT (SELECT min(t.facet) FROM timeline t WHERE t.customer_id = :customer AND t.facet > one.facet) "
        "FROM one WHERE one.facet < 'p;') SELECT facet FROM one WHERE facet < 'p;' LIMIT :most"
    )
    rows = session.execute(text(query), {"customer": customer_id, "most": _MOST_PEOPLE})
    return tuple(str(facet).removeprefix("p:") for (facet,) in rows)


def _others(
    session: Session,
    workspace_id: int,
    customer_id: int,
    chosen: Filter,
    before: Cursor | None,
    lowest: datetime | None,
) -> Iterator[Item]:
    since = max((at for at in (chosen.since, lowest) if at), default=None)
    until = chosen.until
    if before is not None:
        last = before.at + timedelta(microseconds=1)
        until = min(until, last) if until else last
    for kind, source in SOURCES:
        if not chosen.takes(kind):
            continue
        for item in source(session, workspace_id, customer_id, since, until):
            folded = fold(f"{item.text} {item.author}")
            if (
                (since is None or item.at >= since)
                and (until is None or item.at < until)
                and (before is None or item.place < before)
                and all(word in folded for word in chosen.words)
            ):
                yield item


def _of_mail(mail: StoredMail) -> Item:
    return Item(
        kind="mail", at=mail.sent_at, id=mail.id, text=mail.subject, mail_ids=(mail.id,), author=mail.sender.email,
        mail=mail,
    )  # fmt: skip


def _check(session: Session, workspace_id: int, customer_id: int) -> None:
    row = schema.Customer
    if session.scalar(select(row.id).where(row.id == customer_id, row.workspace_id == workspace_id)) is None:
        raise UnknownCustomer(str(customer_id))
