"""When somebody was last in touch: the newest mail on the timeline, for many customers or contacts in one statement."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from crm import schema


def last_contacts(
    session: Session, workspace_id: int, customer_ids: Collection[int] | None = None
) -> dict[int, datetime]:
    """Customer id → instant (aware UTC) of the newest mail; those without mail are absent. None means every customer."""
    mail, link = schema.Mail, schema.Link
    query = (
        select(link.customer_id, func.max(mail.sent_at))
        .join(mail, mail.id == link.mail_id)
        .where(_shown(workspace_id))
        .group_by(link.customer_id)
    )
    if customer_ids is not None:
        query = query.where(link.customer_id.in_(customer_ids))
    return {row[0]: row[1] for row in session.execute(query)}


def last_contacts_of_people(
    session: Session, workspace_id: int, customer_id: int, emails: Collection[str]
) -> dict[str, datetime]:
    """Address → instant (aware UTC) of the newest mail from or to it on this customer's timeline."""
    mail, link, person = schema.Mail, schema.Link, schema.Participant
    query = (
        select(person.email, func.max(mail.sent_at))
        .join(mail, mail.id == person.mail_id)
        .join(link, link.mail_id == mail.id)
        .where(_shown(workspace_id), link.customer_id == customer_id, person.email.in_(emails))
        .group_by(person.email)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _shown(workspace_id: int) -> ColumnElement[bool]:
    """`crm.mails.visible` where the link is joined already, and found by it."""
    kept = exists().where(schema.Message.mail_id == schema.Mail.id, schema.Message.status == "stored")
    return and_(func.coalesce(schema.Mail.workspace_id, 0) == workspace_id, schema.Mail.has_body, kept)
