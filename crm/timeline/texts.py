"""The folded text of each mail on each timeline, which is searched for parts of words.

On SQLite FTS5 knows which entries hold which three characters in a row, on PostgreSQL pg_trgm does where it can be had.
Ids of SQLite begin with the customer's, so that the entries of one customer are a range, which FTS5 reads alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, collate, column, func, literal, select, table, text, true
from sqlalchemy.orm import Session

from crm import schema
from crm.folding import fold
from crm.slices import slices

GRAM = 3
_GRAMS_ASKED = 200  # the text itself decides
_ROOM = 40  # bits of an id for the entries of a customer
TEXTS = table("timeline_texts", *map(column, ("id", "customer_id", "mail_id", "names", "folded")))
_GRAMS = table("timeline_grams", *map(column, ("rowid", "timeline_grams")))


def put(session: Session, mail: schema.Mail) -> None:
    """Write the text of a mail for each of its customers, in place of what was there."""
    drop(session, [mail.id])
    names, folded = haystack(mail)
    for link in mail.links:
        fields = {"customer": link.customer_id, "mail": mail.id, "names": names, "folded": folded}
        if _is_sqlite(session):
            fields |= {"first": link.customer_id << _ROOM, "last": (link.customer_id + 1) << _ROOM}
            insert = (
                "INSERT INTO timeline_texts (id, customer_id, mail_id, names, folded) SELECT "
                "COALESCE((SELECT max(id) FROM timeline_texts WHERE id >= :first AND id < :last), :first) + 1, "
                ":customer, :mail, :names, :folded"
            )
        else:
            insert = (
                "INSERT INTO timeline_texts (customer_id, mail_id, names, folded) VALUES (:customer, :mail, :names, "
                ":folded) ON CONFLICT (mail_id, customer_id) DO UPDATE SET names = excluded.names, folded = excluded.folded"
            )
        session.execute(text(insert), fields)


def drop(session: Session, mail_ids: Collection[str]) -> None:
    for mail_id in mail_ids:
        session.execute(text("DELETE FROM timeline_texts WHERE mail_id = :id"), {"id": mail_id})


def haystack(mail: schema.Mail) -> tuple[str, str]:
    """The folded names of its files, and all that is searched."""
    people = [f"{held.name} {held.email}" for held in mail.participants if held.kind in ("to", "cc")]
    names = fold(" ".join(held.name for held in mail.attachments))
    sender = f"{mail.sender_name} {mail.sender_email}"
    return names, fold(" ".join((mail.subject, mail.new_text, sender, *people, names)))


def passing(
    session: Session, customer_id: int, mail_ids: Collection[str], words: Iterable[str], name_words: Iterable[str]
) -> set[str]:
    """Those of a customer's mails that hold every one of these words. By their ids: no collation is in the way of an index."""
    passes = (TEXTS.c.customer_id == customer_id) & holds(session, words, name_words)
    found: set[str] = set()
    for piece in slices(mail_ids):
        found.update(session.scalars(select(TEXTS.c.mail_id).where(TEXTS.c.mail_id.in_(piece), passes)))
    return found


def holds(session: Session, words: Iterable[str], name_words: Iterable[str]) -> ColumnElement[bool]:
    """Of a row of `TEXTS`: whether it holds every one of these words."""
    pairs = [(TEXTS.c.folded, word) for word in words] + [(TEXTS.c.names, word) for word in name_words]
    if _is_sqlite(session):
        return and_(true(), *(func.instr(held, word) > 0 for held, word in pairs))
    return and_(true(), *(held.contains(word, autoescape=True) for held, word in pairs))


def holding(
    session: Session, customer_id: int, words: Collection[str], name_words: Collection[str]
) -> ColumnElement[bool]:
    """The same of a customer's rows, by the index."""
    found = (TEXTS.c.customer_id == customer_id) & holds(session, words, name_words)
    if not _is_sqlite(session):  # PostgreSQL chooses the indexes itself; names are a part of the text
        return found & holds(session, name_words, ())
    first, last = _range(customer_id)
    found &= (TEXTS.c.id >= first) & (TEXTS.c.id < last)
    indexed = _indexed(customer_id, (*words, *name_words))
    return found if indexed is None else found & TEXTS.c.id.in_(indexed)


def held_by(
    session: Session, customer_id: int, mail_id: ColumnElement[str], words: Collection[str], name_words: Collection[str]
) -> ColumnElement[bool]:
    """Whether the text of a row's mail holds every one of these words, looked up row by row."""
    conditions = [TEXTS.c.customer_id == customer_id, holds(session, words, name_words)]
    if _is_sqlite(session):
        indexed = _indexed(customer_id, (*words, *name_words))
        if indexed is not None:  # a sum, or SQLite walks through the index's ids for every row
            conditions.insert(0, (TEXTS.c.id + 0).in_(indexed))
    else:  # the timeline's ids have another collation than the key of the texts
        mail_id = collate(mail_id, "default")
    return select(literal(1)).where(TEXTS.c.mail_id == mail_id, *conditions).exists()


def _indexed(customer_id: int, words: Collection[str]) -> Select[Any] | None:
    """The ids of a customer's texts that have all pieces of three letters of these words; None when words are shorter."""
    grams = dict.fromkeys(word[at : at + GRAM] for word in words for at in range(len(word) - GRAM + 1))
    if not grams:
        return None
    first, last = _range(customer_id)
    match = " AND ".join('"{}"'.format(gram.replace('"', '""')) for gram in islice(grams, _GRAMS_ASKED))
    within = (_GRAMS.c.rowid >= first) & (_GRAMS.c.rowid < last)
    return select(_GRAMS.c.rowid).where(_GRAMS.c.timeline_grams.op("MATCH")(match), within)


def _range(customer_id: int) -> tuple[int, int]:
    return customer_id << _ROOM, (customer_id + 1) << _ROOM


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
