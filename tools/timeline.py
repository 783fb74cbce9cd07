"""read_timeline: the latest mails in the scope of the question."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from langchain_core.tools import tool
from sqlalchemy.orm import Session

from crm.customers import list_customers
from crm.mails import MailFilter, list_mails
from crm.passing import count_mails
from tools.context import Runtime, in_scope, scoped
from tools.rendering import documents, read_artifact

_MOST = 25
_FEW = 6  # customers


@tool(response_format="content_and_artifact")
def read_timeline(last: int, runtime: Runtime, skip: int = 0, oldest_first: bool = False) -> tuple[str, dict[str, Any]]:
    """Read the newest `last` mails (1 to 25) of the customers, people and dates of the question, newest first, after the
    first `skip`; with `oldest_first` the oldest ones, oldest first.

    Call it for "the last 5 emails with …", "what happened this month", "what did she reply", "how many mails".
    The first line says how many mails there are in all.
    """
    context, chosen = runtime.context, scoped(runtime)
    limit = max(1, min(last, _MOST))
    with context.database.read() as session:
        mails = list_mails(
            session, context.workspace_id, chosen, newest_first=not oldest_first, limit=limit, offset=max(skip, 0)
        )
        total = in_scope(session, runtime)
        each = _of_each(session, context.workspace_id, chosen)
    text = documents(mails, context.principal.zone) if mails else "No mail in this scope."
    order = "oldest" if oldest_first else "newest"
    counted = ", ".join(f"{name}: {count}" for name, count in each.items())
    heading = f"{len(mails)} of {total} mails in scope, {order} first.{f' Of each: {counted}.' if each else ''}"
    return f"{heading}\n\n{text}", read_artifact("timeline", mails, total=total, last=limit, each=each)


def _of_each(session: Session, workspace_id: int, chosen: MailFilter) -> dict[str, int]:
    """How many of the mails stand on the timeline of each of a few customers; a shared one counts for both."""
    if not 1 < len(chosen.customer_ids) <= _FEW:
        return {}
    asked = [customer for customer in list_customers(session, workspace_id) if customer.id in chosen.customer_ids]
    return {
        customer.name: count_mails(session, workspace_id, replace(chosen, customer_ids=[customer.id]))
        for customer in asked
    }
