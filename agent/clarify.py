"""When the question itself must be asked back: two Marias, or a name nobody knows. No mail is read for it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy.orm import Session

from agent.antecedent import pronoun_for_one
from agent.offline import compose
from agent.offline.routing import about_exchange, learnt, topic
from agent.scope import Scope, telling
from agent.wording import asks_who, flat
from crm.customers import Customer, list_customers
from crm.folding import fold
from crm.index import lexical
from crm.index.embedder import universal_sentence_encoder
from tools.context import ToolContext

_PICKS = ("clarify", "same", "names")
_OWN = 0.4  # how probable it has to be that an answer asks something of its own
_LONGEST = 8  # words of an answer to a question back
# How near a description must be to a customer's name and business, and how much nearer than to the others'.
_NEAR, _NEARER = 0.1, 0.05
_PLACES = tuple(
    re.compile(rf"\b(?:{words})\b")
    for words in (
        r"first|1st|primer[oa]?|primeir[oa]|1",
        r"second|2nd|segund[oa]|2",
        r"third|3rd|tercer[oa]?|terceir[oa]|3",
    )
)
_LAST = re.compile(r"\b(?:last|latter|ultim[oa])\b")
_WORD = re.compile(r"[^\W_]{3,}")


def clarification(session: Session, context: ToolContext, scope: Scope, question: str) -> str:
    """The sentence to ask back, or "" when the scope is clear enough to read mail.

    A name that is no customer and no contact but stands in some mail is a topic ("Churnly"), not a mistake.
    """
    told = compose.Told(scope=scope, zone=context.principal.zone, now=context.now)
    if scope.ambiguous:
        return compose.ambiguous(told)
    somebody = scope.customer_ids or scope.people or scope.unknown or scope.story or scope.ours
    # "who said he would cancel?", "a fatura chegou e ela está paga?": whom or what it stands for is named
    if (
        not somebody
        and not asks_who(flat(question))
        and not telling(topic(scope), question, scope)
        and (whom := pronoun_for_one(question, scope.language))
    ):
        return told.say("whom", name=whom)  # "when did she last write?", and nobody was spoken of
    # with somebody who only stands in other people's mail, no mail was exchanged
    exchanged = scope.limit is not None or about_exchange(question, scope)
    strangers = [
        name for name in scope.unknown if exchanged or not lexical.containing(session, context.workspace_id, name)
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


def meant(question: str, answer: str, previous: Scope, customers: Sequence[Customer]) -> str:
    """The question that was asked back, with whom its name stands for, as the user's answer tells it ("the second one", "the one at
    Globex", "the baker"); "" where the answer picks none of the candidates, and is perhaps a question of its own.
    """
    if not previous.ambiguous or len(answer.split()) > _LONGEST:
        return ""
    name, candidates = previous.ambiguous[0]
    reading = learnt(answer, previous)
    if reading.asked not in _PICKS and reading.sure >= _OWN:
        return ""
    place = _picked(fold(answer), candidates, customers)
    if place is None:
        return ""
    clear = re.sub(
        rf"(?<!\w){re.escape(name)}(?!\w)", lambda _: candidates[place], question, count=1, flags=re.IGNORECASE
    )
    return clear if clear != question else ""


def _picked(answer: str, candidates: Sequence[str], customers: Sequence[Customer]) -> int | None:
    words = set(_WORD.findall(answer))
    named = [len(words.intersection(_WORD.findall(fold(candidate)))) for candidate in candidates]
    if named.count(max(named)) == 1:
        return named.index(max(named))
    if _LAST.search(answer):
        return len(candidates) - 1
    place = next((place for place, pattern in enumerate(_PLACES) if pattern.search(answer)), len(candidates))
    if place < len(candidates):
        return place
    encoder = universal_sentence_encoder()
    near = encoder.embed([_described(candidate, customers) for candidate in candidates]) @ encoder.embed_query(answer)
    best, second = sorted(near, reverse=True)[:2]
    return int(near.argmax()) if best >= _NEAR and best - second >= _NEARER else None


def _described(candidate: str, customers: Sequence[Customer]) -> str:
    """The customer of a candidate, "Maria Keller (Globex)" or a customer itself, and its business."""
    customer = next((held for held in customers if held.name in candidate), None)
    return f"{customer.name} {customer.segment}" if customer else candidate
