"""What a question leans on: the one before it, or the answer to that one, in English, Spanish and Portuguese."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.offline import patterns
from agent.offline.routing import (
    OF_EVERYBODY,
    OWN,
    about_records,
    adds_up,
    asks_for_draft,
    asks_surely,
    best_first,
    biggest_first,
    leans,
    learnt,
    orders_draft,
    plain,
    recipient,
    route,
)
from agent.periods import ANY_TIME
from agent.scope import Scope, telling
from agent.wording import (
    Direction,
    asks_for_others,
    asks_one_thing_more,
    everybody_named,
    names_a_number,
    speaks_of_several,
)
from crm.folding import fold

# Kinds of a question which, when it asks who or which, is about all customers in a conversation about one.
_OF_ALL = frozenset({"waiting", "health", "silence", "help"})
_ARTICLES = frozenset(("a", "o", "el", "la"))
_BRIEF = 12  # words
_SUM_ALONE = 4  # words of a question that only asks for the sum of what was told
_THEIR_PACE = {
    "en": "how fast do they answer us?", "es": "¿cuánto tardan en contestarnos?", "pt": "quanto tempo demoram a responder-nos?",
}  # fmt: skip
THEIR_MOOD = {
    "en": "how do they feel about us?", "es": "¿qué tan contentos están con nosotros?", "pt": "eles estão chateados conosco?",
}  # fmt: skip


def pace_before(question: str, before: str, scope: Scope) -> str:
    """What a short question after one about answering times asks: the same of the other side, or of somebody else; "" for neither."""
    text = plain(question)
    if route(before, scope) != "pace":
        return ""
    if patterns.AND_THEY.fullmatch(text):
        return _THEIR_PACE[scope.language]
    alone = scope.period == ANY_TIME and not telling(scope.remainder, question, scope)
    return before if patterns.QUICKER.search(text) or (alone and patterns.BETTER.search(text)) else ""


def one_of_records(question: str, before: str, scope: Scope) -> str:
    """What "which is the smallest?" after a question that records answer asks: one of those; "" for anything else."""
    return before if patterns.SUPERLATIVE.fullmatch(plain(question)) and about_records(before, scope) else ""


def longest_before(question: str, before: str, scope: Scope) -> str:
    """What "which one has waited longest?" after a question about who waits asks: that one again; "" for anything else."""
    text = plain(question)
    asked = patterns.WAITED_LONGEST.fullmatch(text) and not patterns.ANSWERED.search(text)
    return before if asked and route(before, scope) == "waiting" else ""


def names_only(question: str) -> bool:
    """Whether the answer before is wanted once more, and shorter ("names only, please")."""
    return patterns.NAMES_ONLY.fullmatch(plain(question)) is not None


def asks_without_topic(question: str, scope: Scope) -> bool:
    """Whether a figure was asked for, so that no word of the question is what the conversation is about ("happier", "how long")."""
    return route(question, scope) in ("pace", "health", "mood", "compare", "record", "role", "waiting", "silence")


def counts_on(question: str, scope: Scope, before: str, previous: Scope) -> bool:
    """Whether some of the mails that were counted before are counted ("how many of those came from them?")."""
    return (
        route(question, scope) == "count" and leans(question, scope) != "alone" and route(before, previous) == "count"
    )


def leans_on(question: str, scope: Scope) -> bool:
    """Whether it is understood only with the answer before it."""
    return leans(question, scope) != "alone" or about_it(question) or scope.more


def whose_of_those(question: str) -> Direction | None:
    """Whose of the mails that were counted are asked for ("how many of those came from them?")."""
    text = plain(question)
    if patterns.FROM_THEM.search(text):
        return "inbound"
    return "outbound" if patterns.FROM_US.search(text) else None


def why_before(question: str, before: str, scope: Scope) -> str:
    """What "why?" asks after a health score: how they feel, with the sentences that told; "" for anything else."""
    if route(before, scope) not in ("health", "mood"):
        return ""
    if _asks_why_of_somebody(question, scope):  # "why Globex?" after who is at risk
        return before
    return THEIR_MOOD[scope.language] if patterns.WHY.fullmatch(plain(question)) else ""


def _asks_why_of_somebody(question: str, scope: Scope) -> bool:
    """Whether nothing is asked but why, of somebody named."""
    named = {word for words, _ in scope.called for word in fold(words).split()}
    asked = patterns.WHY_ASKED.sub("", plain(question)).split()
    return bool(asked and patterns.WHY_ASKED.match(plain(question))) and named.issuperset(set(asked) - _ARTICLES)


def carries_on_records(question: str, before: str, scope: Scope) -> bool:
    """Whether a question about records is asked once more for another time ("and in August?") or for their sum."""
    if one_of_records(question, before, scope):
        return True
    again = carries_on(question, scope) or (_only_sums(question) and not scope.customer_ids)
    return again and route(question, scope) in ("search", "timeline") and about_records(before, scope)


def asks_of_those(question: str, scope: Scope) -> bool:
    """Whether a figure is asked of the customers that were told of, without naming them ("which ones are at risk?", "how much ARR is
    that together?").
    """
    computed = route(question, scope) in ("health", "record", "pace", "silence")
    said = patterns.OF_THOSE.search(plain(question)) is not None
    others = asks_for_others(plain(question)) or scope.people or best_first(question)  # "and the happiest?"
    return computed and (said or leans(question, scope) == "more") and not others


def asks_of_all_again(question: str, scope: Scope) -> bool:
    """Whether it asks who of all customers waits, is at risk or silent, whoever was told of ("and who owes me a reply?")."""
    text = plain(question)
    of_those = patterns.OF_THOSE.search(text) is not None or speaks_of_several(text)
    return patterns.WHO_OF_ALL.match(text) is not None and not of_those and route(question, scope) in _OF_ALL


def leaves_open_whom(question: str, scope: Scope) -> bool:
    """Whether a question after something that was said names nobody ("who approved?"): in a conversation it is about those of the
    one before.
    """
    if scope.customer_ids or scope.people or scope.unknown or scope.ambiguous:
        return False
    if orders_draft(question, scope):
        return True
    if names_a_number(question, plain(question)):  # "and LU-5032, whose was it?": whoever's it is
        return False
    if patterns.THE_ACCOUNT.search(plain(question)):
        return True
    text = plain(question)
    if everybody_named(text) or asks_for_others(text) or patterns.OF_ALL.search(text):
        return False
    kind = route(question, scope)
    if leans(question, scope) == "more" and kind not in _OF_ALL:
        return True
    who = patterns.WHICH.match(text) is not None
    the = patterns.THE[scope.language].search(text) is not None and not biggest_first(question)
    # "who mentioned Churnly?", "which renew in July?", but "who signs the contract?"
    said = who and asks_surely(question, scope, *OF_EVERYBODY) and not (the and kind in ("record", "role"))
    # "who uses Salesforce?", but "who merges the duplicates?": those that were spoken of
    whoever = who and kind == "mentions" and not (the or patterns.LEADS.search(text))
    said = said or (whoever and bool(telling(scope.remainder, question, scope)))
    of_a_day = kind == "timeline" and scope.period != ANY_TIME  # "which mails came in today?"
    return len(text.split()) <= _BRIEF and not (said or of_a_day or (who and kind in _OF_ALL))


def asks_what_came_back(question: str, scope: Scope, previous: Scope) -> bool:
    """Whether a question within a conversation asks what was answered, and names no topic of its own."""
    return (
        scope.direction is not None
        and (scope.customer_ids == previous.customer_ids or not previous.customer_ids)
        and scope.remainder == previous.remainder
        and scope.limit is None
        and patterns.ANSWERED.search(plain(question)) is not None
    )


def says_since_then(question: str) -> bool:
    """Whether it asks for what came after what was told before."""
    return patterns.SINCE_THEN.search(plain(question)) is not None


def about_it(question: str) -> bool:
    """Whether it speaks of a thing that only the question before names ("when was it fixed?", "¿y eso?")."""
    return patterns.IT.search(plain(question)) is not None


def carries_on(question: str, scope: Scope) -> bool:
    """Whether a question only changes who or when of the one before: "and Globex?", "¿y el mes pasado?"."""
    reading = learnt(question, scope)
    if reading.sure >= OWN:
        return reading.asked == "same"
    text = plain(question)
    short = (
        re.match(r"(?:and|y|e|what about|how about|que tal|only|solo|so)\b", text) is not None
        and len(text.split()) <= 6
    )
    return short and not (patterns.ASKS.match(text) or patterns.ASKS_OF.match(text))


def names_topic_only(question: str) -> bool:
    """Whether it only names another topic ("and about blockchain?"): what is not found then was not said."""
    return patterns.TOPIC_ONLY.match(plain(question)) is not None


def orders_another(question: str, before: str) -> bool:
    """Whether it orders one more draft after one ("and a short one to Jonas thanking him")."""
    if "?" in question or not asks_for_draft(before):
        return False
    match = patterns.ANOTHER.match(plain(question))
    return match is not None and bool(match["one"] or match["more"] or patterns.TO_SOMEBODY.search(question))


def is_to_them(order: str) -> bool:
    """Whether an order to write is to whom the conversation is about ("and another one to her")."""
    whom = fold(recipient(order))
    alone = patterns.THEM.fullmatch(whom)  # "a draft for her asking who decides"
    return bool(alone or patterns.THEIRS.search(whom) or patterns.TO_THEM.search(plain(order)))


def orders_one_to_somebody(question: str, before: str) -> bool:
    """Whether it orders a mail to somebody whom it has to name itself ("now one to Jonas", "write one to Rose")."""
    text = plain(question)
    named = patterns.ONE_TO.search(text) or patterns.TO_SOME_PERSON.search(text)
    return orders_another(question, before) or (asks_for_draft(question) and named is not None)


def _only_sums(question: str) -> bool:
    """Whether nothing is asked but the sum of what was told ("and in total?")."""
    short = len(question.split()) <= _SUM_ALONE or patterns.OF_THAT.search(plain(question)) is not None
    return short and adds_up(question)


def question_before(questions: Sequence[str], scope: Scope) -> str:
    """The last one that stands by itself, before the last: no "and Globex?", no order for one more draft, no "names only".

    `scope` is one of the conversation, which tells its names.
    """
    dependent = (
        names_only,
        _only_sums,
        lambda asked: patterns.ANOTHER.match(plain(asked)),
        lambda asked: patterns.AND_THEY.fullmatch(plain(asked)),
        lambda asked: asks_one_thing_more(plain(asked)),
        lambda asked: patterns.SUPERLATIVE.fullmatch(plain(asked)) or patterns.WAITED_LONGEST.fullmatch(plain(asked)),
        lambda asked: _asks_why_of_somebody(asked, scope),
    )
    return next(
        (
            asked
            for asked in reversed(questions[:-1])
            if not (carries_on(asked, scope) or any(depends(asked) for depends in dependent))
        ),
        "",
    )
