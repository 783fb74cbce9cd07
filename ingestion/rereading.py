"""Reading stored mail again when the workspace's critical words change."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from crm import schema
from crm.database import Database
from crm.signals.keywords import KeywordHit, find
from crm.signals.lexicon import load_own_lexicon
from crm.signals.terms import workspace_terms
from crm.signals.weighing import KeywordReader

_BATCH = 200


def mark_keywords(database: Database, words: KeywordReader, workspace_id: int, former: Mapping[str, str]) -> int:
    """Mark the critical words of stored human mail anew, as when mail comes, where a word of the workspace stands, or one of
    the `former` ones. Other mails keep what they have. Returns how many mails were marked anew.
    """
    with database.read() as session:
        own = workspace_terms(session, workspace_id)
        mail = schema.Mail
        human = (mail.workspace_id == workspace_id) & mail.has_body & ~mail.automatic & ~mail.bulk
        ids = session.scalars(select(mail.id).where(human).order_by(mail.id)).all()
    either, count = load_own_lexicon({**former, **own}), 0
    for begin in range(0, len(ids), _BATCH):
        with database.read() as session:
            batch = select(mail.id, mail.new_text).where(mail.id.in_(ids[begin : begin + _BATCH]))
            texts = {mail_id: text for mail_id, text in session.execute(batch) if find(text, either)}
        found = {mail_id: words.find(text, own) for mail_id, text in texts.items()}
        if found:
            count += _store(database, found, texts)
    return count


def _store(database: Database, found: Mapping[str, tuple[KeywordHit, ...]], texts: Mapping[str, str]) -> int:
    """A mail that was stored anew meanwhile was read with the words of today."""
    count = 0
    with database.write() as session:
        for mail in session.scalars(select(schema.Mail).where(schema.Mail.id.in_(found))):
            if mail.new_text == texts[mail.id]:
                count += 1
                mail.keywords = [
                    schema.MailKeyword(
                        term=hit.term, form=hit.form, start=hit.start, end=hit.end, negated=hit.negated,
                        hypothetical=hit.hypothetical, sentence=hit.sentence,
                    )
                    for hit in found[mail.id]
                ]  # fmt: skip
    return count
