"""The scope of a question within its conversation, and the filter that its tools can't leave."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from agent.answer import Citation
from agent.antecedent import named_alone, speaks_of_one
from agent.correspondents import Colleague, colleagues, with_correspondents
from agent.offline.coming import next_time
from agent.offline.leaning import (
    about_it,
    asks_of_all_again,
    asks_of_those,
    asks_what_came_back,
    asks_without_topic,
    carries_on_records,
    counts_on,
    is_to_them,
    leans_on,
    leaves_open_whom,
    names_only,
    orders_another,
    orders_one_to_somebody,
    says_since_then,
    whose_of_those,
)
from agent.offline.routing import (
    about_exchange,
    about_outcome,
    about_reaction,
    about_records,
    about_what_is_ahead,
    asks_for_all,
    asks_for_anybody,
    asks_for_briefing,
    asks_for_draft,
    counts_unanswered,
    of_mails,
    orders_draft,
    recipient,
    told_by_others,
    with_what_is_asked,
)
from agent.periods import ANY_TIME, Period
from agent.scope import Scope, flatten, person_of, resolve, telling
from agent.wording import asks_who, refers_back, says_what_to_write, speaks_of_several, speaks_of_two
from crm.customers import Customer, list_customers
from crm.folding import fold
from crm.generic_domains import own_domain
from crm.mails import MailFilter, get_heads, list_mails
from tools.context import ToolContext

# "Are there any more cases?" is asked of everybody.
_MORE = re.compile(
    r"\b(?:(?:any|more|other|another|else)\b.*\b(?:cases?|customers?|mails?|one|ones)|mas\s+casos|mais\s+casos|otr[oa]s?|outr[oa]s?)\b"
)
_TWO = 2  # customers that a conversation may be about; more were listed by an answer
_TO = r"\b(?:to|for|with|a|al|ao|para|pr[ao]|con|com)\s+(?:(?:o|a|el|la)\s+)?"


@dataclass(frozen=True, kw_only=True)
class Before:
    """The question before, what it was about, its answer and what was cited in it; nothing at the beginning of a conversation."""

    question: str = ""
    scope: Scope | None = None
    answer: str = ""
    cited: Sequence[Citation] = ()


def in_conversation(context: ToolContext, question: str, before: Before) -> tuple[Scope, MailFilter]:
    """What a question is about, and the mails that may be read for it."""
    with context.database.read() as session:
        recorded = list_customers(session, context.workspace_id)
        customers = with_correspondents(session, context.workspace_id, recorded, question)
        domain = context.principal.email.partition("@")[2]
        ours = colleagues(session, context.workspace_id, customers, question, domain=domain)
    scope = _carried(context, _without(question, ours), before, customers)
    scope = with_what_is_asked(replace(scope, ours=_asked_after(question, ours, scope, before)), question)
    if orders_draft(question, scope) or orders_another(question, before.question):
        if scope.direction == "outbound":
            scope = replace(scope, direction=None)  # "a reply to Globex" is about what Globex wrote
        if says_what_to_write(question, scope.period.label):
            scope = replace(scope, period=ANY_TIME)  # "… confirming Thursday's meeting" is about no mail of Thursday
    if asks_for_briefing(question, scope) or about_what_is_ahead(question, scope, context.now):
        scope = replace(scope, period=ANY_TIME)
    if scope.ours:
        scope = replace(scope, direction=None)  # their mail to us came in, their mail to customers went out
    if orders_one_to_somebody(question, before.question) and not _says_to_whom(context, question, customers):
        scope = replace(scope, customer_ids=(), customers=(), people=())
    if before.scope and scope.period == ANY_TIME and counts_on(question, scope, before.question, before.scope):
        scope = replace(scope, period=before.scope.period, direction=scope.direction or whose_of_those(question))
    if counts_unanswered(question, scope):
        scope = _since_they_wrote(context, scope, recorded)
    scope = replace(scope, wide=told_by_others(question, scope))
    people = set() if scope.wide else {person.email for person in scope.people}
    written = {email for _, email in scope.ours}
    # "Who renews in January?" is about no mail of January, and what is asked next is not of it either.
    by_itself = about_records(question, scope)
    records = by_itself or carries_on_records(question, before.question, scope)
    if before.scope and about_records(before.question, before.scope):
        named = bool(scope.period.label) and fold(scope.period.label) in fold(question)
        if not records and scope.period == before.scope.period and not named:
            scope = replace(scope, period=ANY_TIME)
        if records and scope.period == ANY_TIME and not by_itself:  # "and in total?"
            scope = replace(scope, period=before.scope.period)
    if records:
        scope = replace(scope, period=next_time(scope.period, context.now, context.principal.zone))
    return scope, MailFilter(
        customer_ids=scope.customer_ids,
        people=people,
        sent_by=written or (people if scope.direction == "inbound" else ()),
        not_from=_not_from(context, question, scope, recorded),
        since=None if records else scope.period.since,
        until=None if records else scope.period.until,
        direction=scope.direction,
        tone=scope.tone,
    )


def _since_they_wrote(context: ToolContext, scope: Scope, customers: Sequence[Customer]) -> Scope:
    """The scope of what we wrote and nobody answered: what came after their last mail."""
    theirs = MailFilter(
        customer_ids=scope.customer_ids,
        sent_by={person.email for person in scope.people},
        not_from=() if scope.people else _others_domains(context, scope, customers),
        until=context.now,
        direction="inbound",
        human_only=True,
    )
    with context.database.read() as session:
        last = list_mails(session, context.workspace_id, theirs, newest_first=True, limit=1)
    if not last:
        return scope
    since = max(filter(None, (scope.period.since, _from(last[0].sent_at).since)))
    return replace(scope, period=replace(scope.period, since=since))


def _not_from(context: ToolContext, question: str, scope: Scope, customers: Sequence[Customer]) -> list[str]:
    """The domains whose mails are left out where a customer's are counted or listed: a colleague's come in, too, and so does what
    another customer wrote to both. Timelines know no senders, so a search among many mails, which looks for words, is not
    narrowed by them.
    """
    if scope.direction != "inbound" or scope.people or scope.ours or not of_mails(question, scope):
        return []
    return _others_domains(context, scope, customers)


def _others_domains(context: ToolContext, scope: Scope, customers: Sequence[Customer]) -> list[str]:
    """Our own domain and those of the customers who are not asked about, where some are."""
    others = [customer for customer in customers if scope.customer_ids and customer.id not in scope.customer_ids]
    domains = [domain for customer in others for domain in customer.domains]
    return [domain for domain in (own_domain(context.principal.email), *domains) if domain]


def _carried(context: ToolContext, question: str, before: Before, customers: Sequence[Customer]) -> Scope:
    previous, cited = before.scope, before.cited
    if previous is not None and asks_without_topic(before.question, previous):
        previous = replace(previous, remainder="", about="")
        cited = cited if previous.customer_ids else ()  # of a ranking of all customers: every one of them was told of
    understood = partial(
        resolve,
        customers=customers,
        now=context.now,
        zone=context.principal.zone,
        previous=previous,
        cited=[citation.message_id for citation in cited],
        ours=context.principal.email.partition("@")[2].partition(".")[0],
    )
    if previous is not None and names_only(question) and not asks_for_draft(before.question):
        return previous
    listed = previous is not None and len(previous.customer_ids) > max(_TWO, len(previous.called))  # … not named
    if listed:
        anew = understood(question, previous=None, cited=())
        if not anew.customer_ids and asks_of_all_again(question, anew):
            return anew
    scope = understood(question)
    if previous is None:
        return _whoever_ended_it(scope, question)
    if previous.customer_ids and leaves_open_whom(question, scope):
        scope = understood(question, carries_on=True)
    scope = _of_whom_was_told(context, _whoever_ended_it(scope, question), question, before, customers)
    if len(scope.customer_ids) == 1 and not scope.people and speaks_of_two(flatten(question)):
        scope = _both_named_last(scope, understood)
    of_those = asks_of_those(question, scope) or (speaks_of_several(flatten(question)) and not asks_for_all(question))
    if not scope.customer_ids and of_those:
        scope = _about_those(scope, before, customers)
    if not (scope.customer_ids or scope.people or scope.unknown or of_those):
        scope = _of_whom_most_was_told(scope, question, before, customers)
    if asks_what_came_back(question, scope, previous):
        return _since_answered(scope, cited, context, previous.period)
    same = set(scope.customer_ids) <= set(previous.customer_ids) or not previous.customer_ids
    if cited and same and says_since_then(question) and scope.period in (ANY_TIME, previous.period):
        own = "" if scope.remainder == previous.remainder else scope.remainder
        return replace(scope, period=_from(_told_last(scope, cited, context)), remainder=own, about=own and scope.about)
    return scope


def _of_whom_was_told(
    context: ToolContext, scope: Scope, question: str, before: Before, customers: Sequence[Customer]
) -> Scope:
    """ "When did she last write?" after an answer that named one person is about that one."""
    everybody = asks_for_all(question) or asks_for_anybody(question) or asks_who(flatten(question))
    if scope.people or scope.unknown or everybody or not speaks_of_one(question):
        return scope
    stranger = before.scope.unknown if before.scope and not (before.scope.people or scope.customer_ids) else ()
    if stranger:  # "have I ever written to him?", whom only mails name
        names = set(" ".join(stranger).split())
        others = " ".join(word for word in scope.remainder.split() if word not in names)
        nameless = replace(scope, unknown=stranger, remainder=others, about="")
        return nameless if about_exchange(question, nameless) else scope
    told = named_alone(before.answer, customers, scope.customer_ids)
    if (
        told is None
        or resolve(question, customers=customers, now=context.now, zone=context.principal.zone).customer_ids
    ):
        return scope
    return replace(scope, people=(person_of(told),), customer_ids=(told.customer_id,), customers=(told.customer,))


def _both_named_last(scope: Scope, understood: Callable[..., Scope]) -> Scope:
    """The scope of "which of the two?" after a question about one customer and one about another: both."""
    named = [words for words, kind in scope.called if kind == "customer"]
    for other in named[1:]:
        both = understood(f"{named[0]}, {other}", previous=None, cited=())
        if len(both.customer_ids) == 2:
            return replace(
                scope, customer_ids=both.customer_ids, customers=both.customers, people=(), story=(), more=False
            )
    return scope


def _of_whom_most_was_told(scope: Scope, question: str, before: Before, customers: Sequence[Customer]) -> Scope:
    """ "How many are left?" after an answer about one customer's duplicates, which the question did not name, is about that one."""
    everybody = asks_for_all(question) or (asks_for_anybody(question) and not about_it(question))
    everybody = everybody or asks_for_all(before.question) or asks_for_anybody(before.question)
    leaning = leans_on(question, scope) or refers_back(flatten(question), scope.language)
    if (
        everybody
        or _MORE.search(flatten(question))
        or before.scope is None
        or before.scope.customer_ids
        or not (scope.story and leaning)
    ):
        return scope
    told = [citation.customer for citation in before.cited]
    theirs = [customer for customer in customers if customer.name == told[0]] if told else []
    if not theirs or 2 * told.count(told[0]) <= len(told):
        return scope
    return replace(scope, customer_ids=(theirs[0].id,), customers=(theirs[0].name,))


def _asked_after(
    question: str, named: Sequence[Colleague], scope: Scope, before: Before
) -> tuple[tuple[str, str], ...]:
    """The colleagues whose mails are asked for: those that are named, not as who was written to, or who was meant before."""
    plain = flatten(question)
    subjects = [held for held in named if not re.search(rf"{_TO}{re.escape(held.written)}(?!\w)", plain)]
    if named or before.scope is None:
        return tuple((held.name, held.email) for held in subjects)
    goes_on = scope.customer_ids == before.scope.customer_ids and refers_back(plain, scope.language)
    return before.scope.ours if goes_on and scope.people in ((), before.scope.people) else ()


def _without(question: str, named: Iterable[Colleague]) -> str:
    """The question without the names of colleagues: they are no customers' people and no topic."""
    for colleague in named:
        found = re.search(rf"(?<!\w){re.escape(colleague.written)}(?!\w)", flatten(question))
        if found:
            question = question[: found.start()] + question[found.end() :]
    return question


def _says_to_whom(context: ToolContext, question: str, customers: Sequence[Customer]) -> bool:
    """Whether an order names somebody known, or means whom the conversation is about ("and one to her")."""
    named = f"to {recipient(question)}"
    own = resolve(named, customers=customers, now=context.now, zone=context.principal.zone)
    return bool(own.customer_ids or own.people or own.ambiguous) or is_to_them(question)


def _whoever_ended_it(scope: Scope, question: str) -> Scope:
    """How something ended others may tell than who is named, and others may be told."""
    on_topic = scope.customer_ids and scope.limit is None and telling(scope.remainder, question, scope)
    return replace(scope, people=()) if on_topic and (about_outcome(question) or about_reaction(question)) else scope


def _about_those(scope: Scope, before: Before, customers: Sequence[Customer]) -> Scope:
    """ "What did each of them say?" is about the customers whose mails were cited, or else those that were listed."""
    names = {name for citation in before.cited for name in citation.customer.split("/")}
    lines = [line.removeprefix("- ") for line in before.answer.splitlines()]
    those = [customer for customer in customers if customer.name in names] or [
        customer for customer in customers if any(line.startswith(f"{customer.name}:") for line in lines)
    ]
    return replace(
        scope,
        customer_ids=tuple(customer.id for customer in those),
        customers=tuple(customer.name for customer in those),
    )


def _told_last(scope: Scope, cited: Sequence[Citation], context: ToolContext) -> datetime:
    """When the newest mail that was cited was sent; of the other side, where mails of one side are asked for."""
    with context.database.read() as session:
        heads = get_heads(session, context.workspace_id, [citation.message_id for citation in cited]).values()
    others = [mail.sent_at for mail in heads if scope.direction is not None and mail.direction != scope.direction]
    return max(others or [citation.date for citation in cited])


def _since_answered(scope: Scope, cited: Sequence[Citation], context: ToolContext, before: Period) -> Scope:
    """ "And what did we answer?" is about what came behind the mail of the other side that was quoted first, whatever its words."""
    ids = [citation.message_id for citation in cited]
    with context.database.read() as session:
        heads = get_heads(session, context.workspace_id, ids)
    told = [heads[mail_id] for mail_id in ids if mail_id in heads]
    theirs = [mail.sent_at for mail in told if mail.direction != scope.direction]
    if not theirs:
        return scope
    if scope.period not in (ANY_TIME, before):  # "what did we answer today?"
        return replace(scope, remainder="", about="", before=scope.remainder or scope.before)
    return replace(scope, period=_from(theirs[0]), remainder="", about="", before=scope.remainder or scope.before)


def _from(instant: datetime) -> Period:
    """What came later. No word of the question names it, so the next question does not inherit it."""
    return Period(since=instant + timedelta(seconds=1), until=None, label="")
