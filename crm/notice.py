"""What customers wrote last about leaving: their own words, by the critical words marked in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import schema
from crm.signals.injection import speaks_to_an_assistant

_TERMS = ("cancel", "terminate", "non_renewal")


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A sentence of a customer's mail, verbatim but for white space. `hypothetical`: it supposes ("if this happens again …")."""

    mail_id: str
    sent_at: datetime
    sender: str
    sentence: str
    hypothetical: bool


def notices(
    session: Session, workspace_id: int, customer_ids: Collection[int], *, since: datetime, until: datetime
) -> dict[int, Notice]:
    """By customer, the newest sentence in which its own people speak of leaving, and do not deny it; one that states it before one
    that supposes it. Only what a word tells counts: a whole sentence that was marked by its meaning may mean something else.
    """
    mail, mark, link = schema.Mail, schema.MailKeyword, schema.Link
    rows = session.execute(
        select(link.customer_id, mail.id, mail.sent_at, mail.sender_name, mail.sender_email, mail.new_text, mark.sentence, mark.hypothetical)
        .join(mark, mark.mail_id == mail.id)
        .join(link, link.mail_id == mail.id)
        .where(
            mail.workspace_id == workspace_id,
            link.customer_id.in_(customer_ids),
            mail.direction == "inbound",
            mail.automatic.is_(False),
            mail.bulk.is_(False),
            mail.sent_at >= since,
            mail.sent_at < until,
            mark.term.in_(_TERMS),
            mark.negated.is_(False),
            mark.form != mark.sentence,
        )
        .order_by(mark.hypothetical.desc(), mail.sent_at, mark.start)
    )  # fmt: skip
    return {
        customer_id: Notice(
            mail_id=mail_id,
            sent_at=sent_at,
            sender=name or email,
            sentence=" ".join(sentence.split()),
            hypothetical=hypothetical,
        )
        for customer_id, mail_id, sent_at, name, email, text, sentence, hypothetical in rows
        if not speaks_to_an_assistant(text)
    }
