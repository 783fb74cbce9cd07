"""When the question itself must be asked back: two Marias, or a name nobody knows. No mail is read for it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from agent.offline import compose
from agent.scope import Scope
from crm.customers import list_customers
from crm.index import lexical
from tools.context import ToolContext


def clarification(session: Session, context: ToolContext, scope: Scope) -> str:
    """The sentence to ask back, or "" when the scope is clear enough to read mail.

    A name that is no customer and no contact but stands in some mail is a topic ("Churnly"), not a mistake.
    """
    told = compose.Told(scope=scope, zone=context.principal.zone, now=context.now)
    if scope.ambiguous:
        return compose.ambiguous(told)
    # of somebody who only stands in other people's mail, no mail can be "the last one"
    strangers = [
        name
        for name in scope.unknown
        if scope.limit is not None or not lexical.containing(session, context.workspace_id, name)
    ]
    if not strangers or scope.people:
        return ""
    if not scope.customer_ids:
        return compose.unknown(told, strangers)
    known = [
        contact.name
        for customer in list_customers(session, context.workspace_id)
        if customer.id in scope.customer_ids
        for contact in customer.contacts
    ]
    return compose.stranger(told, strangers, known) if known else ""
