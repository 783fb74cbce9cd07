"""What customers wrote last about leaving: their own words, by the critical words marked in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from crm import schema
from crm.customers import Customer
from crm.domains import domain_of, within
from crm.mails import visible
from crm.signals.injection import speaks_to_an_assistant
from crm.slices import slices

_TERMS = ("cancel", "terminate", "non_renewal")
_THREAT = "cancel"  # "ten weeks before the contract ends" supposes nothing of leaving


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A sentence of a customer's mail, verbatim but for white space. `hypothetical`: it supposes ("if this happens again …")."""

    mail_id: str
    sent_at: datetime
    sender: str
    sentence: str
    hypothetical: bool


def notices(
    session: Session, workspace_id: int, customers: Sequence[Customer], *, since: datetime, until: datetime
) -> dict[int, Notice]:
    """By customer, the newest sentence in which its own people, by address or domain, speak of leaving, and do not deny it; one that
    states it before one that supposes it. Only what a word tells counts: a whole sentence that was marked by its meaning may mean
    something else.
    """
    mail, mark, link = schema.Mail, schema.MailKeyword, aliased(schema.Link)  # `visible` looks at the links itself
    rows = [
        row
        for some in slices([customer.id for customer in customers])
        for row in session.execute(
            select(link.customer_id, mail.id, mail.sent_at, mail.sender_name, mail.sender_email, mail.subject, mail.new_text, mark.sentence, mark.hypothetical)
            .join(mark, mark.mail_id == mail.id)
            .join(link, link.mail_id == mail.id)
            .where(
                visible(workspace_id),
                link.customer_id.in_(some),
                mail.direction == "inbound",
                mail.automatic.is_(False),
                mail.bulk.is_(False),
                mail.sent_at >= since,
                mail.sent_at < until,
                mark.term.in_(_TERMS),
                or_(mark.hypothetical.is_(False), mark.term == _THREAT),
                mark.negated.is_(False),
                mark.form != mark.sentence,
            )
            .order_by(mark.hypothetical.desc(), mail.sent_at, mark.start)
        )
    ]  # fmt: skip
    known = {customer.id: customer for customer in customers}
    return {
        customer_id: Notice(
            mail_id=mail_id,
            sent_at=sent_at,
            sender=name or email,
            sentence=" ".join(sentence.split()),
            hypothetical=hypothetical,
        )
        for customer_id, mail_id, sent_at, name, email, subject, text, sentence, hypothetical in rows
        if _is_of(known[customer_id], email) and not speaks_to_an_assistant(f"{subject}\n{text}")
    }


def _is_of(customer: Customer, address: str) -> bool:
    people = {contact.email for contact in customer.contacts}
    return address in people or bool(within(domain_of(address), customer.domains))
