"""Reading stored mail again when the workspace's critical words change."""

from __future__ import annotations

from sqlalchemy import select

from crm import schema
from crm.database import Database
from crm.signals.keywords import find, load_lexicon
from crm.signals.terms import workspace_terms

_BATCH = 200


def mark_keywords(database: Database, workspace_id: int) -> int:
    """Find the critical words of every stored human mail anew. Returns how many mails were read."""
    with database.read() as session:
        lexicon = load_lexicon(workspace_terms(session, workspace_id))
        chosen = (schema.Mail.workspace_id == workspace_id) & schema.Mail.has_body
        ids = session.scalars(select(schema.Mail.id).where(chosen).order_by(schema.Mail.id)).all()
    for begin in range(0, len(ids), _BATCH):
        with database.write() as session:
            for mail in session.scalars(select(schema.Mail).where(schema.Mail.id.in_(ids[begin : begin + _BATCH]))):
                hits = () if mail.automatic or mail.bulk else find(mail.new_text, lexicon)
                mail.keywords = [
                    schema.MailKeyword(
                        term=hit.term, form=hit.form, start=hit.start, end=hit.end, negated=hit.negated,
                        hypothetical=hit.hypothetical, sentence=hit.sentence,
                    )
                    for hit in hits
                ]  # fmt: skip
    return len(ids)
