"""Which mails pass a filter, and how many, without reading them: told by the rows of the timelines, which are narrow."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from crm import schema
from crm.mails import MailFilter, narrowed, where
from crm.slices import slices

_ROW = schema.TimelineRow


def count_mails(session: Session, workspace_id: int, chosen: MailFilter) -> int:
    conditions = _on_timelines(workspace_id, chosen)
    if conditions is None:
        return session.scalar(select(func.count()).select_from(schema.Mail).where(where(workspace_id, chosen))) or 0
    # Mails of several customers stand on the timeline of each; the others are counted without looking at them.
    every, shared = session.execute(select(func.count(), func.count(1).filter(_ROW.shared)).where(*conditions)).one()
    if not shared:
        return int(every)
    once = select(func.count(_ROW.mail_id.distinct())).where(*conditions, _ROW.shared)
    return int(every) - int(shared) + (session.scalar(once) or 0)


def few_mails(session: Session, workspace_id: int, chosen: MailFilter, most: int) -> list[str] | None:
    """The ids of the mails that pass, in no order; None when there are more than `most`."""
    conditions = _on_timelines(workspace_id, chosen)
    if conditions is None:
        query = select(schema.Mail.id).where(where(workspace_id, chosen))
    else:
        # Their rows are counted first, quicker than ids are read: twice as many are hardly so few mails.
        rows = select(_ROW.mail_id).where(*conditions).limit(2 * most + 1).subquery()
        if (session.scalar(select(func.count()).select_from(rows)) or 0) > 2 * most:
            return None
        query = select(_ROW.mail_id).where(*conditions).distinct()
    found = list(session.scalars(query.limit(most + 1)))
    return found if len(found) <= most else None


def passing(session: Session, workspace_id: int, chosen: MailFilter, mail_ids: Collection[str]) -> list[str]:
    """Those of these mails that pass, in no order."""
    conditions = _on_timelines(workspace_id, chosen, found_by_id=True)
    if conditions is None:
        query, mail_id = select(schema.Mail.id).where(where(workspace_id, chosen, found_by_id=True)), schema.Mail.id
    else:
        query, mail_id = select(_ROW.mail_id).where(*conditions).distinct(), _ROW.mail_id
    return [found for piece in slices(mail_ids) for found in session.scalars(query.where(mail_id.in_(piece)))]


def _on_timelines(
    workspace_id: int, chosen: MailFilter, *, found_by_id: bool = False
) -> list[ColumnElement[bool]] | None:
    """What the rows of the mails have to fulfil, several of one mail perhaps; None when they do not know all that is asked.

    `found_by_id` keeps SQLite from walking through the customers' rows instead, as in `crm.mails.visible`.
    """
    if (
        chosen.people
        or chosen.sent_by
        or chosen.not_from
        or chosen.thread_of
        or chosen.human_only
        or chosen.with_attachment
    ):
        return None
    theirs = select(schema.Customer.id).where(schema.Customer.workspace_id == workspace_id)
    if chosen.customer_ids:
        theirs = theirs.where(schema.Customer.id.in_(chosen.customer_ids))
    facet = f"w:{chosen.keyword}" if chosen.keyword else ""
    customer_id = func.coalesce(_ROW.customer_id, 0) if found_by_id else _ROW.customer_id
    return [customer_id.in_(theirs), _ROW.facet == facet, *narrowed(_ROW, chosen)]
