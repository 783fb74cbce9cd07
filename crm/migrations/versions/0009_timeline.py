"""The timeline of a customer: a narrow row for each mail and each thing it is filtered by, and folded text to search in.

Triggers keep the rows right in the transaction of the change, whichever code made it. The text is folded by Python, so it
is written with the lexical index, and `mails.indexed_at` says whether it is up to date.
"""

# ruff: noqa: S608 (every piece of these statements is a constant of this file)
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

from crm.folding import fold
from crm.slices import slices

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_OF_MAIL = ("has_body", "sent_at", "direction", "tone", "automatic", "bulk", "sender_email")
_ROWS = """
INSERT INTO timeline (customer_id, facet, sent_at, mail_id, direction, tone, attached, shared, automatic)
SELECT l.customer_id, f.facet, m.sent_at, m.id, m.direction, m.tone,
  EXISTS (SELECT 1 FROM attachments a WHERE a.mail_id = m.id),
  (SELECT count(*) FROM links o WHERE o.mail_id = m.id) > 1,
  m.automatic OR m.bulk
FROM mails m JOIN links l ON l.mail_id = m.id JOIN (
  SELECT s.id AS mail_id, '' AS facet FROM mails s{of_s}
  UNION SELECT s.id, 'p:' || s.sender_email FROM mails s{of_s}
  UNION SELECT p.mail_id, 'p:' || p.email FROM participants p{of_p}
  UNION SELECT k.mail_id, 'w:' || k.term FROM mail_keywords k{of_k}
) f ON f.mail_id = m.id
WHERE m.has_body AND EXISTS (SELECT 1 FROM messages c WHERE c.mail_id = m.id AND c.status = 'stored'){of_m}
"""


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:  # what others write meanwhile would miss both the rows made here and the triggers made last
        tables = "mails, links, messages, participants, attachments, mail_keywords"
        op.execute(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")
    exact = "" if sqlite else ' COLLATE "C"'  # as Python compares, and as the cursor of a page does
    instant, off, last = ("DATETIME", "0", " WITHOUT ROWID") if sqlite else ("timestamptz", "false", "")
    op.execute(
        f"CREATE TABLE timeline (customer_id INTEGER NOT NULL, facet TEXT{exact} NOT NULL, sent_at {instant} NOT NULL, "
        f"mail_id TEXT{exact} NOT NULL, direction TEXT NOT NULL, tone TEXT NOT NULL, attached BOOLEAN DEFAULT {off} NOT NULL, "
        f"shared BOOLEAN DEFAULT {off} NOT NULL, automatic BOOLEAN DEFAULT {off} NOT NULL, "
        f"CONSTRAINT pk_timeline PRIMARY KEY (customer_id, facet, sent_at, mail_id)){last}"
    )
    op.drop_index("ix_participants_mail", "participants")
    op.create_index("ix_participants_mail", "participants", ["mail_id", "email"])
    op.create_index("ix_timeline_mail", "timeline", ["mail_id", "customer_id", "facet"])
    _texts(sqlite)
    op.execute(_rows(""))
    if not sqlite:
        op.execute(
            "CREATE FUNCTION timeline_rebuild(changed text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN "
            # Two transactions that change one mail would each see half of it
            "PERFORM 1 FROM mails WHERE id = changed FOR NO KEY UPDATE; "
            f"DELETE FROM timeline WHERE mail_id = changed; {_rows('changed')}; END $$"
        )
    _fill_texts(sqlite)
    if not sqlite and _can_have_trigrams():
        op.execute("CREATE INDEX ix_timeline_texts_folded ON timeline_texts USING gin (folded gin_trgm_ops)")
    for name, table, when, condition, mails in _triggers(sqlite):
        _create(sqlite, name, table, when, condition, mails)
    for name, table, when, body in _single(sqlite):
        if sqlite:
            op.execute(f"CREATE TRIGGER {name} AFTER {when} ON {table} BEGIN {body} END")
        else:
            _create_function(name, table, when, "", body)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, *_ in (*_triggers(sqlite), *_single(sqlite)):
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    if sqlite:
        op.execute("DROP TABLE timeline_grams")
    else:
        op.execute("DROP FUNCTION timeline_rebuild(text)")
    op.execute("DROP TABLE timeline_texts")
    op.execute("DROP TABLE timeline")
    op.drop_index("ix_participants_mail", "participants")
    op.create_index("ix_participants_mail", "participants", ["mail_id"])


def _texts(sqlite: bool) -> None:
    """The folded text of a mail on a customer's timeline, to be found by any three characters in a row.

    SQLite's ids begin with the customer (see crm.timeline.texts), so that a search reads that customer's entries only.
    """
    if not sqlite:
        op.execute(
            "CREATE TABLE timeline_texts (customer_id integer NOT NULL, mail_id text NOT NULL, names text NOT NULL, "
            "folded text NOT NULL, CONSTRAINT pk_timeline_texts PRIMARY KEY (mail_id, customer_id))"
        )
        op.create_index("ix_timeline_texts_customer", "timeline_texts", ["customer_id"])
        return
    op.execute(
        "CREATE TABLE timeline_texts (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, mail_id TEXT NOT NULL, "
        "names TEXT NOT NULL, folded TEXT NOT NULL, UNIQUE (mail_id, customer_id))"
    )
    op.execute(
        "CREATE VIRTUAL TABLE timeline_grams USING fts5(folded, content='timeline_texts', content_rowid='id', "
        "tokenize='trigram case_sensitive 1', detail=none, columnsize=0)"
    )
    op.execute(
        "CREATE TRIGGER timeline_text_new AFTER INSERT ON timeline_texts BEGIN "
        "INSERT INTO timeline_grams(rowid, folded) VALUES (NEW.id, NEW.folded); END"
    )
    op.execute(
        "CREATE TRIGGER timeline_text_gone AFTER DELETE ON timeline_texts BEGIN "
        "INSERT INTO timeline_grams(timeline_grams, rowid, folded) VALUES ('delete', OLD.id, OLD.folded); END"
    )


def _fill_texts(sqlite: bool) -> None:
    """For the mails that are indexed already, customer by customer, as `crm.timeline.texts.put` does for each new one."""
    bind = op.get_bind()
    insert = sa.text(
        "INSERT INTO timeline_texts (id, customer_id, mail_id, names, folded) VALUES (:id, :customer, :mail, :names, :folded)"
        if sqlite
        else "INSERT INTO timeline_texts (customer_id, mail_id, names, folded) VALUES (:customer, :mail, :names, :folded)"
    )
    indexed = (
        "SELECT t.customer_id, t.mail_id FROM timeline t JOIN mails m ON m.id = t.mail_id "
        "WHERE t.facet = '' AND m.indexed_at IS NOT NULL ORDER BY t.customer_id"
    )
    used: dict[int, int] = {}
    for piece in slices(bind.execute(sa.text(indexed)).all()):
        said = _said(bind, [mail_id for _, mail_id in piece])
        rows = []
        for customer_id, mail_id in piece:
            used[customer_id] = number = used.get(customer_id, customer_id << 40) + 1
            names, folded = said[mail_id]
            rows.append({"id": number, "customer": customer_id, "mail": mail_id, "names": names, "folded": folded})
        bind.execute(insert, rows if sqlite else [{k: v for k, v in row.items() if k != "id"} for row in rows])


def _said(bind: sa.Connection, mail_ids: list[str]) -> dict[str, tuple[str, str]]:
    """The folded names of the files of each mail, and all that is searched."""
    people: dict[str, list[str]] = {}
    names: dict[str, list[str]] = {}

    def read(query: str) -> sa.CursorResult[Any]:
        return bind.execute(sa.text(query).bindparams(sa.bindparam("ids", expanding=True)), {"ids": mail_ids})

    for mail_id, name, email in read(
        "SELECT mail_id, name, email FROM participants WHERE kind IN ('to', 'cc') AND mail_id IN :ids"
    ):
        people.setdefault(mail_id, []).append(f"{name} {email}")
    for mail_id, name in read("SELECT mail_id, name FROM attachments WHERE mail_id IN :ids"):
        names.setdefault(mail_id, []).append(name)
    found = {}
    for mail_id, *parts in read("SELECT id, subject, new_text, sender_name, sender_email FROM mails WHERE id IN :ids"):
        files = fold(" ".join(names.get(mail_id, ())))
        found[mail_id] = (files, fold(" ".join((*parts, *people.get(mail_id, ()), files))))
    return found


def _can_have_trigrams() -> bool:
    """pg_trgm needs no superuser, only the right to create in the database; without it a search reads more."""
    bind = op.get_bind()
    try:
        with bind.begin_nested():
            bind.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except DBAPIError:
        return False
    return True


def _rows(mail_id: str) -> str:
    """The statement that inserts the rows of one mail, or of all."""
    if not mail_id:
        return _ROWS.format(of_s="", of_p="", of_k=" WHERE NOT k.negated", of_m="")
    return _ROWS.format(
        of_s=f" WHERE s.id = {mail_id}",
        of_p=f" WHERE p.mail_id = {mail_id}",
        of_k=f" WHERE k.mail_id = {mail_id} AND NOT k.negated",
        of_m=f" AND m.id = {mail_id}",
    )


def _one_more(sqlite: bool, facet: str, condition: str = "") -> str:
    """The row of one thing more that a shown mail is filtered by, NEW."""
    guard = f" AND {condition}" if condition else ""
    return (
        f"INSERT {'OR IGNORE ' if sqlite else ''}INTO timeline "
        f"SELECT customer_id, {facet}, sent_at, mail_id, direction, tone, attached, shared, automatic FROM timeline "
        f"WHERE mail_id = NEW.mail_id AND facet = ''{guard}{'' if sqlite else ' ON CONFLICT DO NOTHING'};"
    )


_NO_MORE = {
    "participants": "DELETE FROM timeline WHERE mail_id = OLD.mail_id AND facet = 'p:' || OLD.email "
    "AND NOT EXISTS (SELECT 1 FROM participants p WHERE p.mail_id = OLD.mail_id AND p.email = OLD.email) "
    "AND NOT EXISTS (SELECT 1 FROM mails s WHERE s.id = OLD.mail_id AND s.sender_email = OLD.email);",
    "mail_keywords": "DELETE FROM timeline WHERE mail_id = OLD.mail_id AND facet = 'w:' || OLD.term AND NOT EXISTS "
    "(SELECT 1 FROM mail_keywords k WHERE k.mail_id = OLD.mail_id AND k.term = OLD.term AND NOT k.negated);",
}
_FACETS = {
    "participants": ("email", "'p:' || NEW.email", ""),
    "mail_keywords": ("term", "'w:' || NEW.term", "NOT NEW.negated"),
}


def _single(sqlite: bool) -> Iterator[tuple[str, str, str, str]]:
    """Name, table, event and statements of what changes one row: a mail to a thousand people is written person by person."""
    hold = "" if sqlite else "PERFORM 1 FROM mails WHERE id = {0}.mail_id FOR NO KEY UPDATE; "
    for table, (column, facet, condition) in _FACETS.items():
        more = _one_more(sqlite, facet, condition)
        columns = f"{column}, mail_id" if table == "participants" else f"{column}, negated, mail_id"
        yield f"timeline_{table}_new", table, "INSERT", hold.format("NEW") + more
        yield f"timeline_{table}_gone", table, "DELETE", hold.format("OLD") + _NO_MORE[table]
        both = hold.format("OLD") + hold.format("NEW") + _NO_MORE[table] + " " + more
        yield f"timeline_{table}", table, f"UPDATE OF {columns}", both


def _triggers(sqlite: bool) -> Iterator[tuple[str, str, str, str, tuple[str, ...]]]:
    """Name, table, event, condition and the mails whose rows are made anew."""
    differ = "IS NOT" if sqlite else "IS DISTINCT FROM"

    def changed(*columns: str) -> str:
        return " OR ".join(f"OLD.{column} {differ} NEW.{column}" for column in columns)

    yield "timeline_mail", "mails", f"UPDATE OF {', '.join(_OF_MAIL)}", changed(*_OF_MAIL), ("NEW.id",)
    yield "timeline_mail_gone", "mails", "DELETE", "", ("OLD.id",)
    for table in ("links", "messages", "attachments"):
        yield f"timeline_{table}_new", table, "INSERT", "NEW.mail_id IS NOT NULL", ("NEW.mail_id",)
        yield f"timeline_{table}_gone", table, "DELETE", "OLD.mail_id IS NOT NULL", ("OLD.mail_id",)
    moved = ("status", "mail_id")
    yield (
        "timeline_messages",
        "messages",
        f"UPDATE OF {', '.join(moved)}",
        changed(*moved),
        ("OLD.mail_id", "NEW.mail_id"),
    )


def _create(sqlite: bool, name: str, table: str, when: str, condition: str, mails: tuple[str, ...]) -> None:
    guard = f"WHEN ({condition}) " if condition else ""
    if sqlite:
        body = " ".join(f"DELETE FROM timeline WHERE mail_id = {held}; {_rows(held)};" for held in mails) + _erased(
            name
        )
        op.execute(f"CREATE TRIGGER {name} AFTER {when} ON {table} {guard}BEGIN {body} END")
        return
    _create_function(
        name, table, when, guard, " ".join(f"PERFORM timeline_rebuild({held});" for held in mails) + _erased(name)
    )


def _create_function(name: str, table: str, when: str, guard: str, body: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$")
    op.execute(f"CREATE TRIGGER {name} AFTER {when} ON {table} FOR EACH ROW {guard}EXECUTE FUNCTION {name}()")


def _erased(name: str) -> str:
    return " DELETE FROM timeline_texts WHERE mail_id = OLD.id;" if name == "timeline_mail_gone" else ""
