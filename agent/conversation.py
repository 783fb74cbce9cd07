"""The scope of a question within its conversation, and the filter that its tools can't leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from agent.answer import Citation
from agent.correspondents import colleagues, with_correspondents
from agent.everyday import telling
from agent.offline.routing import (
    about_records,
    about_state,
    asks_for_all,
    asks_for_draft,
    asks_what_came_back,
    leaves_open_whom,
    orders_another,
    says_since_then,
)
from agent.periods import ANY_TIME, Period
from agent.scope import Scope, flatten, resolve
from agent.wording import says_what_to_write, speaks_of_several
from crm.customers import Customer, list_customers
from crm.mails import MailFilter, get_heads
from tools.context import ToolContext


@dataclass(frozen=True, kw_only=True)
class Before:
    """The question before, what it was about, and what was cited in its answer; nothing at the beginning of a conversation."""

    question: str = ""
    scope: Scope | None = None
    cited: Sequence[Citation] = ()


def in_conversation(context: ToolContext, question: str, before: Before) -> tuple[Scope, MailFilter]:
    """What a question is about, and the mails that may be read for it."""
    with context.database.read() as session:
        recorded = list_customers(session, context.workspace_id)
        customers = with_correspondents(session, context.workspace_id, recorded, question)
        domain = context.principal.email.partition("@")[2]
        ours = colleagues(session, context.workspace_id, customers, question, domain=domain)
    asked = _without(question, ours)
    scope = _carried(context, asked, before, customers)
    if asks_for_draft(question) or orders_another(question, before.question):
        if scope.direction == "outbound":
            scope = replace(scope, direction=None)  # "a reply to Globex" is about what Globex wrote
        if says_what_to_write(question, scope.period.label):
            scope = replace(scope, period=ANY_TIME)  # "… confirming Thursday's meeting" is about no mail of Thursday
    if ours:
        scope = replace(scope, direction=None)  # their mail to us came in
    people = {person.email for person in scope.people}
    written = {email for emails in ours.values() for email in emails}
    records = about_records(question, scope)  # "who renews in January?" is about no mail of January
    return scope, MailFilter(
        customer_ids=scope.customer_ids,
        people=people,
        sent_by=written or (people if scope.direction == "inbound" else ()),
        since=None if records else scope.period.since,
        until=None if records else scope.period.until,
        direction=scope.direction,
        tone=scope.tone,
    )


def _carried(context: ToolContext, question: str, before: Before, customers: Sequence[Customer]) -> Scope:
    previous, cited = before.scope, before.cited
    understood = partial(
        resolve,
        question,
        customers=customers,
        now=context.now,
        zone=context.principal.zone,
        previous=previous,
        cited=[citation.message_id for citation in cited],
    )
    scope = understood()
    if previous is None:
        return _whoever_ended_it(scope, question)
    if previous.customer_ids and leaves_open_whom(question, scope):
        scope = understood(carries_on=True)
    scope = _whoever_ended_it(scope, question)
    if cited and not scope.customer_ids and speaks_of_several(flatten(question)) and not asks_for_all(question):
        scope = _about_those(scope, cited, customers)
    if asks_what_came_back(question, scope, previous):
        return _since_answered(scope, cited, context)
    if cited and says_since_then(question) and scope.period in (ANY_TIME, previous.period):
        own = "" if scope.remainder == previous.remainder else scope.remainder
        return replace(scope, period=_from(max(citation.date for citation in cited), context), remainder=own)
    return scope


def _without(question: str, names: Iterable[str]) -> str:
    """The question without the names of colleagues: they are no customers' people and no topic."""
    plain = flatten(question)
    for name in names:
        start = plain.find(name)
        if start >= 0:
            question = question[:start] + question[start + len(name) :]
            plain = flatten(question)
    return question


def _whoever_ended_it(scope: Scope, question: str) -> Scope:
    """How something ended others may tell than who is named, and others may be told."""
    on_topic = scope.customer_ids and scope.limit is None and telling(scope.remainder, question)
    return replace(scope, people=()) if on_topic and about_state(question) else scope


def _about_those(scope: Scope, cited: Sequence[Citation], customers: Sequence[Customer]) -> Scope:
    """ "What did each of them say?" is about the customers whose mails were cited."""
    names = {name for citation in cited for name in citation.customer.split("/")}
    those = [customer for customer in customers if customer.name in names]
    return replace(
        scope,
        customer_ids=tuple(customer.id for customer in those),
        customers=tuple(customer.name for customer in those),
    )


def _since_answered(scope: Scope, cited: Sequence[Citation], context: ToolContext) -> Scope:
    """ "And what did we answer?" is about what came behind the newest mail of the other side that was quoted, whatever its words."""
    with context.database.read() as session:
        heads = get_heads(session, context.workspace_id, [citation.message_id for citation in cited]).values()
    theirs = [mail.sent_at for mail in heads if mail.direction != scope.direction]
    if not theirs:
        return scope
    return replace(scope, period=_from(max(theirs), context), remainder="", before=scope.remainder or scope.before)


def _from(instant: datetime, context: ToolContext) -> Period:
    """What came later, named by its day."""
    day = instant.astimezone(context.principal.zone).date().isoformat()
    return Period(since=instant + timedelta(seconds=1), until=None, label=day)
