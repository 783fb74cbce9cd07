"""When the question itself must be asked back: two Marias, or a name nobody knows. No mail is read for it."""

from __future__ import annotations

from agent.offline import compose
from agent.scope import Scope
from tools.context import ToolContext


def clarification(context: ToolContext, scope: Scope) -> str:
    """The sentence to ask back, or "" when the scope is clear enough to read mail."""
    told = compose.Told(scope=scope, zone=context.principal.zone, now=context.now)
    if scope.ambiguous:
        return compose.ambiguous(told)
    if scope.unknown and not scope.customer_ids and not scope.people:
        return compose.unknown(told)
    return ""
