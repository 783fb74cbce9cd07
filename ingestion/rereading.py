"""Reading stored mail again when the workspace's critical words change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from crm import schema
from crm.database import Database
from crm.signals.keywords import KeywordHit, find, load_lexicon
from crm.signals.lexicon import load_own_lexicon
from crm.signals.sentences import spans
from crm.signals.terms import workspace_terms
from crm.signals.weighing import KeywordReader

_BATCH = 200
_SHORT = 4  # words: a hit that is a whole sentence of fewer may be a word of the workspace that stood alone


def mark_keywords(database: Database, words: KeywordReader, workspace_id: int) -> int:
    """Mark the critical words of stored human mail anew where the workspace's own words stand or stood, as when mail comes.

    Other mails keep what they have: it does not depend on the workspace's words. Returns how many mails were looked at.
    """
    with database.read() as session:
        own = workspace_terms(session, workspace_id)
        chosen = (schema.Mail.workspace_id == workspace_id) & schema.Mail.has_body
        ids = session.scalars(select(schema.Mail.id).where(chosen).order_by(schema.Mail.id)).all()
    for begin in range(0, len(ids), _BATCH):
        with database.read() as session:
            batch = session.scalars(select(schema.Mail).where(schema.Mail.id.in_(ids[begin : begin + _BATCH])))
            found = {
                mail.id: words.find(mail.new_text, own)
                for mail in batch
                if not (mail.automatic or mail.bulk) and _concerned(mail.new_text, mail.keywords, own)
            }
        if found:
            _store(database, found)
    return len(ids)


def _store(database: Database, found: Mapping[str, Sequence[KeywordHit]]) -> None:
    with database.write() as session:
        for mail in session.scalars(select(schema.Mail).where(schema.Mail.id.in_(found))):
            mail.keywords = [
                schema.MailKeyword(
                    term=hit.term, form=hit.form, start=hit.start, end=hit.end, negated=hit.negated,
                    hypothetical=hit.hypothetical, sentence=hit.sentence,
                )
                for hit in found[mail.id]
            ]  # fmt: skip


def _concerned(text: str, stored: Sequence[schema.MailKeyword], own: Mapping[str, str]) -> bool:
    """Whether a word of the workspace stands in a mail, or a mark is there that the built-in lists do not explain."""
    if own and find(text, load_own_lexicon(own)):
        return True
    if not stored:
        return False
    built_in = {(hit.start, hit.end, hit.term) for hit in find(text, load_lexicon())}
    whole = {(start, end) for start, end in spans(text) if len(text[start:end].split()) >= _SHORT}
    return any(
        (held.start, held.end, held.term) not in built_in and (held.start, held.end) not in whole for held in stored
    )
