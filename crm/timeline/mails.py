"""Which mails of a customer's timeline a page shows: their places, found by `schema.TimelineRow` and the folded texts.

Places only, a few bytes for each mail; the mails themselves are read for the page that is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import Session, aliased

from crm import schema
from crm.mails import narrowed
from crm.slices import slices
from crm.timeline import texts
from crm.timeline.filter import Filter
from crm.timeline.item import Cursor

Place = tuple[datetime, str]  # when it was sent, its id
_ROW = schema.TimelineRow
_NEWEST = (_ROW.sent_at.desc(), _ROW.mail_id.desc())
_FIRST = 100  # mails looked at one by one before the index is asked
_MANY = 1000  # of a customer's mails: who walks along the timeline meets as many soon
_FEWER = 2000


def places(
    session: Session, workspace_id: int, customer_id: int, chosen: Filter, before: Cursor | None, limit: int
) -> list[Place]:
    """The newest mails that pass and stand below `before`, newest first, at most `limit`."""
    if not chosen.words and not chosen.name_words:
        return _plain(session, customer_id, chosen, _below(before), limit)
    late = _late(session, workspace_id, customer_id)
    found, last = _walk(session, customer_id, chosen, _below(before), _FIRST, late)
    if last is None or len(found) >= limit:
        return found[:limit]
    holding = _holding(session, customer_id, chosen)
    if len(holding) == _MANY:
        more = _frequent(session, customer_id, chosen, _after(last), limit, late)
        more += _unindexed(session, customer_id, chosen, _after(last), late)
        return [*found, *sorted(more, reverse=True)][:limit]
    more = _of(session, customer_id, chosen, _after(last), [mail_id for mail_id in holding if mail_id not in late])
    more += _unindexed(session, customer_id, chosen, _after(last), late)
    return [*found, *sorted(more, reverse=True)][:limit]


def _plain(
    session: Session, customer_id: int, chosen: Filter, below: ColumnElement[bool] | None, limit: int
) -> list[Place]:
    query = _rows(session, customer_id, chosen, below)
    return [(sent_at, mail_id) for sent_at, mail_id in session.execute(query.order_by(*_NEWEST).limit(limit))]


def _rows(
    session: Session, customer_id: int, chosen: Filter, below: ColumnElement[bool] | None
) -> Select[datetime, str]:
    """Every row has all that is filtered by, so one range of one facet is read; the rarest, where several are wanted."""
    facets = chosen.facets()
    first = min(facets, key=lambda facet: _count(session, customer_id, facet)) if len(facets) > 1 else facets[0]
    query = select(_ROW.sent_at, _ROW.mail_id).where(_ROW.customer_id == customer_id, _ROW.facet == first)
    for facet in facets:
        if facet != first:
            other = aliased(_ROW)
            query = query.where(
                select(literal(1))
                .where(
                    other.customer_id == customer_id, other.facet == facet,
                    other.sent_at == _ROW.sent_at, other.mail_id == _ROW.mail_id,
                )
                .exists()
            )  # fmt: skip
    query = query.where(*_flags(chosen))
    return query if below is None else query.where(below)


def _flags(chosen: Filter) -> list[ColumnElement[bool]]:
    conditions = narrowed(_ROW, chosen)
    if chosen.attachment or chosen.name_words:
        conditions.append(_ROW.attached.is_(True))
    if chosen.shared:
        conditions.append(_ROW.shared.is_(True))
    if chosen.automatic != "shown":
        conditions.append(_ROW.automatic.is_(chosen.automatic == "only"))
    return conditions


def _count(session: Session, customer_id: int, facet: str) -> int:
    """How many rows, or `_FEWER` of them when there are more."""
    some = select(literal(1)).where(_ROW.customer_id == customer_id, _ROW.facet == facet).limit(_FEWER).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _below(before: Cursor | None) -> ColumnElement[bool] | None:
    """Of the same instant, kinds are ordered by their names."""
    if before is None:
        return None
    if before.kind == "mail":
        return _after((before.at, before.id))
    return _ROW.sent_at <= before.at if before.kind > "mail" else _ROW.sent_at < before.at


def _after(place: Place) -> ColumnElement[bool]:
    return tuple_(_ROW.sent_at, _ROW.mail_id) < tuple_(literal(place[0], schema.UtcDateTime()), literal(place[1]))


def _walk(
    session: Session, customer_id: int, chosen: Filter, below: ColumnElement[bool] | None, most: int,
    late: Collection[str],
) -> tuple[list[Place], Place | None]:  # fmt: skip
    """Look into the next `most` mails one by one: those that pass, and where to go on, None at the end."""
    query = _rows(session, customer_id, chosen, below).order_by(*_NEWEST).limit(most)
    rows = [row.tuple() for row in session.execute(query)]
    folded = [mail_id for _, mail_id in rows if mail_id not in late]
    passing = texts.passing(session, customer_id, folded, chosen.words, chosen.name_words)
    passing |= _late_with_text(session, chosen, [mail_id for _, mail_id in rows if mail_id in late])
    return [place for place in rows if place[1] in passing], rows[-1] if len(rows) == most else None


def _frequent(
    session: Session, customer_id: int, chosen: Filter, below: ColumnElement[bool], limit: int, late: Collection[str]
) -> list[Place]:
    """The newest mails that pass, by a walk along the timeline: of a text that many hold, the next is near."""
    held = texts.held_by(session, customer_id, _ROW.mail_id.expression, chosen.words, chosen.name_words)
    query = _rows(session, customer_id, chosen, below).where(held)
    rows = session.execute(query.order_by(*_NEWEST).limit(limit + len(late)))
    return [row.tuple() for row in rows if row.mail_id not in late]


def _late_with_text(session: Session, chosen: Filter, mail_ids: Sequence[str]) -> set[str]:
    """Of mails whose text is not folded: those that hold every word."""
    found: set[str] = set()
    for piece in slices(mail_ids):
        for mail in session.scalars(select(schema.Mail).where(schema.Mail.id.in_(piece))):
            names, folded = texts.haystack(mail)
            if all(word in folded for word in chosen.words) and all(word in names for word in chosen.name_words):
                found.add(mail.id)
    return found


def _holding(session: Session, customer_id: int, chosen: Filter) -> Sequence[str]:
    """The mails whose text passes, in no order, or `_MANY` of them when there are more."""
    held = texts.holding(session, customer_id, chosen.words, chosen.name_words)
    return session.scalars(select(texts.TEXTS.c.mail_id).where(held).limit(_MANY)).all()


def _unindexed(
    session: Session, customer_id: int, chosen: Filter, below: ColumnElement[bool], late: Collection[str]
) -> list[Place]:
    waiting = _of(session, customer_id, chosen, below, sorted(late))
    passing = _late_with_text(session, chosen, [mail_id for _, mail_id in waiting])
    return [place for place in waiting if place[1] in passing]


def _of(
    session: Session, customer_id: int, chosen: Filter, below: ColumnElement[bool], mail_ids: Sequence[str]
) -> list[Place]:
    """The places of those of these mails that pass everything but the text."""
    query = _rows(session, customer_id, chosen, below)
    return [row.tuple() for piece in slices(mail_ids) for row in session.execute(query.where(_ROW.mail_id.in_(piece)))]


def _late(session: Session, workspace_id: int, customer_id: int) -> frozenset[str]:
    """Mails of the customer whose text was not folded yet, or has changed since: few, except during a backfill."""
    mail = schema.Mail
    found: set[str] = set()
    for state in (mail.indexed_at.is_(None), mail.indexed_at == schema.OUTDATED):  # of an OR, SQLite reads every mail
        waiting = select(mail.id).where(mail.workspace_id == workspace_id, mail.has_body, state)
        query = select(_ROW.mail_id).where(_ROW.mail_id.in_(waiting), _ROW.customer_id == customer_id, _ROW.facet == "")
        found.update(session.scalars(query))
    return frozenset(found)
