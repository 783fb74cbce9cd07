"""The lexical index: FTS5 on SQLite, tsvector on PostgreSQL, one interface. Text is folded, so accents don't matter."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import text
from sqlalchemy.orm import Session

from crm.folding import fold

_TOKEN = re.compile(r"\w+")
_LONGEST_FILES = 400_000  # characters of all files of a mail
# Words that more mails hold tell little and cost most. Among a few mails the rarest of them is kept all the same.
_COMMON, _COMMON_OF_ALL = 10_000, 3_000
_BEGINNING = 5  # letters that forms of one word share
_LONGEST = 100_000  # characters of a field: a tsvector holds one megabyte, and the exhaustive scan reads the rows


def put(
    session: Session, workspace_id: int, mail_id: str, *, subject: str, people: str, body: str, files: str = ""
) -> None:
    """Index or re-index one mail; `files` is the text of its attachments, which has a length of its own."""
    drop(session, [mail_id])
    fields = {
        "id": mail_id,
        "workspace": workspace_id,
        "subject": _plain(subject),
        "people": _plain(people),
        "body": f"{_plain(body)} {_plain(files, _LONGEST_FILES)}".strip(),
    }
    if _is_sqlite(session):
        fields["row"] = _row(mail_id)
        insert = (
            "INSERT INTO mail_lexical(rowid, mail_id, workspace_id, subject, people, body) "
            "VALUES (:row, :id, :workspace, :subject, :people, :body)"
        )
    else:
        insert = (
            "INSERT INTO mail_lexical(mail_id, workspace_id, document) VALUES (:id, :workspace, "
            "setweight(to_tsvector('simple', :subject), 'A') || setweight(to_tsvector('simple', :people), 'B') || "
            "to_tsvector('simple', :body)) "
            "ON CONFLICT (mail_id) DO UPDATE SET workspace_id = excluded.workspace_id, document = excluded.document"
        )
    session.execute(text(insert), fields)


def drop(session: Session, mail_ids: Collection[str]) -> None:
    where = "rowid = :row" if _is_sqlite(session) else "mail_id = :id"
    for mail_id in mail_ids:
        key = {"row": _row(mail_id)} if _is_sqlite(session) else {"id": mail_id}
        session.execute(text(f"DELETE FROM mail_lexical WHERE {where}"), key)  # noqa: S608 (one of two constants)


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Of a query: folded, each once. `held` is how many mails hold each that any does; None on PostgreSQL, which need not know."""

    every: tuple[str, ...]
    held: Mapping[str, int] | None


def tokens_of(session: Session, query: str) -> Tokens:
    """To be searched for more than once.

    Of hundreds of forms few are anywhere, and FTS5 looks each up by itself; the index of words, a beginning at a time.
    """
    every = tuple(dict.fromkeys(_TOKEN.findall(fold(query))))
    if not _is_sqlite(session):
        return Tokens(every=every, held=None)
    statement = (
        "SELECT held.term, held.doc FROM json_each(:spans) span CROSS JOIN mail_lexical_words held "
        "ON held.term >= json_extract(span.value, '$[0]') AND held.term <= json_extract(span.value, '$[1]')"
    )
    counted = session.execute(text(statement), {"spans": json.dumps(_spans(every))})
    return Tokens(every=every, held={str(term): int(count) for term, count in counted if term in every})


def search(
    session: Session, workspace_id: int, query: str | Tokens, limit: int, among: Collection[str] | None = None,
    *, rarest: bool = False,
) -> dict[str, float]:  # fmt: skip
    """Mails that hold any token of the query: mail id → score, higher is better; `among`: of these mails only.

    Without `among`, tokens that very many mails hold are not looked for on SQLite, but the rarest of all where `rarest` is asked
    for: what is near says more than they do.
    Every token is quoted: raw input such as `a-b` or `foo:bar` is a syntax error in FTS5.
    """
    asked = tokens_of(session, query) if isinstance(query, str) else query
    most = _COMMON_OF_ALL if among is None else _COMMON
    tokens = _telling(asked, most, rarest=rarest or among is not None)
    if not tokens:
        return {}
    if _is_sqlite(session):
        match = " OR ".join(f'"{token}"' for token in tokens)
        # Columns are read for the best alone: FTS5 looks them up row by row.
        statement = (
            "SELECT held.mail_id, best.score FROM (SELECT rowid AS number, -bm25(mail_lexical, 0, 0, 3.0, 2.0, 1.0) AS score "
            "FROM mail_lexical WHERE mail_lexical MATCH :query AND (:alone OR workspace_id = :workspace) "
            "AND (:among IS NULL OR rowid IN (SELECT value FROM json_each(:among))) ORDER BY score DESC LIMIT :limit) best "
            "JOIN mail_lexical held ON held.rowid = best.number WHERE held.workspace_id = :workspace"
        )
    else:
        match = " | ".join(f"'{token}'" for token in tokens)
        statement = (
            "SELECT mail_id, ts_rank_cd(document, to_tsquery('simple', :query), 1) * 20 AS score FROM mail_lexical "
            "WHERE document @@ to_tsquery('simple', :query) AND workspace_id = :workspace "
            "AND (CAST(:among AS text[]) IS NULL OR mail_id = ANY(CAST(:among AS text[]))) "
            "ORDER BY score DESC LIMIT :limit"
        )
    keys = {"query": match, "workspace": workspace_id, "limit": limit, "among": _among(session, among)}
    if _is_sqlite(session):  # the column of every match is read only where it tells anything
        keys["alone"] = among is not None or session.scalar(text("SELECT count(*) FROM workspaces")) == 1
    return {str(mail_id): float(score) for mail_id, score in session.execute(text(statement), keys).all()}


def containing(
    session: Session, workspace_id: int, phrase: str, among: Collection[str] | None = None
) -> frozenset[str]:
    """Mails that hold these words one after the other: an identifier such as LU-4821, or a name; `among`: of these only."""
    words = _TOKEN.findall(fold(phrase))
    if not words:
        return frozenset()
    if _is_sqlite(session):
        match = f'"{" ".join(words)}"'
        statement = (
            "SELECT mail_id FROM mail_lexical WHERE mail_lexical MATCH :query "
            "AND (:among IS NULL OR rowid IN (SELECT value FROM json_each(:among))) AND workspace_id = :workspace"
        )
    else:
        match = " ".join(words)
        statement = (
            "SELECT mail_id FROM mail_lexical WHERE document @@ phraseto_tsquery('simple', :query) "
            "AND workspace_id = :workspace "
            "AND (CAST(:among AS text[]) IS NULL OR mail_id = ANY(CAST(:among AS text[])))"
        )
    rows = session.execute(
        text(statement), {"query": match, "workspace": workspace_id, "among": _among(session, among)}
    )
    return frozenset(str(mail_id) for (mail_id,) in rows)


def _telling(asked: Tokens, most: int, *, rarest: bool) -> Sequence[str]:
    """Those that any mail holds, without those that more than `most` hold, but with the `rarest`."""
    held = asked.held
    if held is None:
        return asked.every
    if rarest:
        most = max(most, min(held.values(), default=0))
    # FTS5 may cut or fold another token in its own way, and know it by another name
    return [
        token
        for token in asked.every
        if (held[token] <= most if token in held else not (token.isascii() and token.isalnum()))
    ]


def _spans(tokens: Collection[str]) -> list[tuple[str, str]]:
    """First and last of those that begin alike."""
    alike = groupby(sorted(tokens), key=lambda token: token[:_BEGINNING] if len(token) > _BEGINNING else token)
    held = [list(group) for _, group in alike]
    return [(group[0], group[-1]) for group in held]


def _among(session: Session, mail_ids: Collection[str] | None) -> str | list[str] | None:
    """What a statement takes for these mails: on SQLite the numbers of their rows."""
    if mail_ids is None or not _is_sqlite(session):
        return None if mail_ids is None else list(mail_ids)
    return json.dumps([_row(mail_id) for mail_id in mail_ids])


def _row(mail_id: str) -> int:
    """The row of a mail in FTS5, which finds rows by number only: by any other column it reads the whole index."""
    return int.from_bytes(hashlib.sha256(mail_id.encode()).digest()[:8], "big") >> 1


def _plain(value: str, longest: int = _LONGEST) -> str:
    """Folded words only: both dialects then cut the text at the same places."""
    return " ".join(_TOKEN.findall(fold(value[:longest])))


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
