"""Which kind of question it is, as it was learnt (agent.asked) or by its words, in English, Spanish and Portuguese."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Literal, cast

from agent.asked.reading import LEANING, Asked, Leans, Reading, read
from agent.everyday import FILLER
from agent.offline import patterns
from agent.offline.roles import asks_for_job
from agent.periods import ANY_TIME
from agent.scope import Scope, nameless, telling
from agent.typed import as_meant
from agent.wording import (
    Tone,
    asks_for_others,
    asks_who,
    deals_with_somebody,
    direction_of,
    everybody_named,
    flat,
)
from crm.folding import fold
from crm.index.search import is_identifier

Kind = Literal[
    "help", "draft", "mentions", "count", "record", "role", "compare", "pace", "health", "waiting", "attachments", "open",
    "timeline", "search", "story", "briefing", "tickets", "silence", "replied", "mood", "edit",
]  # fmt: skip

_OF_MAIL = frozenset({"count", "timeline", "search"})
OF_EVERYBODY: tuple[Asked, ...] = ("leave", "threat", "stay", "whosaid", "waitus", "waitthem", "record", "help")
_LATEST = 5  # mails, where "the last mails" are asked for
_SHORT = 3  # words of a question that asks nothing by itself
_SURE = 0.3  # how probable what was learnt has to be
_FACT = 0.4  # … that a question seems to be one for a fact
OWN = 0.5  # … that a question after another one asks something of its own
# … where to be wrong is worse, or words tell more
_SURER: dict[Asked, float] = {"draft": 0.5, "help": 0.8, "fact": 0.7, "briefing": 0.5}
_ALWAYS: dict[Asked, Kind] = {  # what is answered one way for every scope
    "leave": "mentions", "threat": "mentions", "stay": "mentions", "waitus": "waiting", "waitthem": "waiting", "open": "open",
    "paceus": "pace", "pacethem": "pace", "files": "attachments", "draft": "draft", "edit": "edit",
}  # fmt: skip
_ONE_TOOL = frozenset({"count", "pace", "record", "role", "timeline", "search", "waiting", "health", "mentions"})


def is_greeting(question: str) -> bool:
    """True when a question asks nothing of the mail: "hello", "what can you do?", no word at all."""
    text = plain(question)
    return not re.search(r"\w", text) or patterns.GREETING.search(text) is not None


def learnt(question: str, scope: Scope) -> Reading:
    """What the question asks for and leans on, as it was learnt, whomever it names."""
    return read(nameless(question, scope))


def asks_whether_we_replied(question: str, scope: Scope) -> bool:
    """Of a question whether one side has answered: whether that is our side."""
    if patterns.HAVE_WE.match(plain(question)):
        return True
    reading, way = learnt(question, scope), direction_of(fold(question))
    if way is None or reading.sure >= OWN:
        return reading.asked == "repliedus"
    return way == "outbound"


def asks_surely(question: str, scope: Scope, *kinds: Asked) -> bool:
    """Whether it surely asks for one of these, as it was learnt."""
    reading = learnt(question, scope)
    return reading.asked in kinds and reading.sure >= _SURER.get(reading.asked, _SURE)


def leans(question: str, scope: Scope) -> Leans:
    """How the question leans on the one before, as it was learnt; "alone" where that is not sure."""
    reading = learnt(question, scope)
    return reading.leans if reading.leaning >= LEANING else "alone"


def route(question: str, scope: Scope) -> Kind:
    """The kind of a question: as it was learnt where that is sure, else by its words."""
    text = plain(question)
    plainly = is_greeting(question) or asks_for_draft(question) or scope.tone is not None or has_quotation(question)
    timed = patterns.PACE.search(text) if scope.people else None  # "how long did I take to answer her when …?"
    plainly = (
        plainly
        or patterns.UNANSWERED.search(text) is not None
        or _counts_each(text, scope)
        or patterns.MONEY_IN_ALL.search(text) is not None
        or (timed is not None and not patterns.SPEAKS.search(text[: timed.start()]))
    )
    kind = (
        (None if plainly else _as_learnt(question, text, scope))
        or _asked_outright(question, text, scope)
        or _by_words(question, text, scope)
    )
    if kind == "mentions" and scope.customer_ids and patterns.WHY_ASKED.match(text):
        kind = "search"  # "why is Acme leaving?": for the reasons, and not for who said so
    stranger = scope.unknown and not (scope.customer_ids or scope.people)
    if stranger and (kind in ("record", "role") or patterns.WHO.search(text)):
        return "mentions"  # "who is Rui?", whom only mails name
    return "silence" if kind == "health" and scope.customer_ids and patterns.SILENCE.search(text) else kind


def _as_learnt(question: str, text: str, scope: Scope) -> Kind | None:
    """The kind that a question was learnt to have, where that is sure and can be answered for its scope."""
    reading = learnt(question, scope)
    named_by_number = any(is_identifier(word) for word in topic(scope).split())  # "what is the status of LU-5023?"
    if not asks_surely(question, scope, reading.asked) or named_by_number:
        return None
    listed = reading.asked == "files" or (reading.asked in OF_EVERYBODY and not patterns.WAITS.search(text))
    if listed and reading.leans == "more" and reading.leaning >= LEANING and reading.sure < OWN:
        return None  # of what was told before, perhaps: "which is the oldest?"
    whom = bool(scope.customer_ids)
    told = bool(telling(topic(scope), question, scope))
    several = len(scope.customer_ids) > 1 and not _said_about(scope)
    long_ = len(text.split()) > _SHORT
    versus = several and patterns.COMPARE.search(text) is not None
    what = patterns.WHAT.match(text) is not None
    beside = reading.sure < OWN and beside_records(question, scope)
    instead = bool(scope.people) and asks_who(text) and patterns.WHO.search(text) is None and not asks_for_job(text)
    recorded = asks_for_job(text) or patterns.RECORD.search(text) is not None
    decides = patterns.DECIDES.search(text) is not None  # "who decides on the renewal?": what they wrote tells
    replied: Kind = "replied" if len(scope.customer_ids) == 1 else "waiting"
    answered: dict[Asked, tuple[bool, Kind | None, Kind | None]] = {  # how, where that holds, and how else
        "fact": (
            told and not recorded,
            "search",
            "story" if whom and long_ and not (told or recorded or scope.limit) else None,
        ),
        "health": (versus, "compare", "health"),
        "whosaid": (told and scope.direction != "outbound", "mentions", None),
        "summary": (told, "search", "timeline"),
        "record": (
            asks_for_job(text) or (beside and not recorded) or _goes(question, scope),
            "role" if asks_for_job(text) else "search",
            "record",
        ),
        # "who takes over from Maria?" is somebody else
        "people": (
            asks_for_job(text) or instead or beside or decides,
            "role" if asks_for_job(text) else "search" if told else "story",
            "record",
        ),
        "silence": (whom, "silence", "waiting" if patterns.ANSWERED.search(text) else "health"),
        "mood": (
            (told and not versus) or patterns.MOOD_ABOUT.search(text) is not None,
            None,
            "compare" if versus else "mood" if whom else "health",
        ),
        "count": (
            bool(patterns.RECORD.search(text) or patterns.PACE.search(text)) or counts_events(text),
            None,
            "count",
        ),
        "compare": (several, "compare", None),
        "briefing": (whom, "briefing", None),
        "tickets": (_of_mail(text, scope) or reading.leans == "more", None, "tickets"),
        "last": (told, None, "timeline"),
        "repliedus": (what or (told and reading.sure < OWN), None, replied),
        "repliedthem": (what or (told and reading.sure < OWN), None, replied),
        "help": (told or whom, None, "help"),
    }
    holds, kind, otherwise = answered.get(reading.asked, (True, _ALWAYS.get(reading.asked), None))
    return kind if holds else otherwise


def _asked_outright(question: str, text: str, scope: Scope) -> Kind | None:
    """The kinds that a question shows whatever else it says; the first that fits."""
    tests: tuple[tuple[Kind, bool], ...] = (
        ("help", is_greeting(question)),
        ("record", patterns.MONEY_IN_ALL.search(text) is not None),
        ("count", counts_unanswered(question, scope) or _counts_each(text, scope)),
        (
            "briefing",
            bool(scope.customer_ids) and patterns.BRIEFING.search(text) is not None and not patterns.OPEN.search(text),
        ),
        ("draft", asks_for_draft(question)),
        ("pace", patterns.PACE.search(text) is not None and not patterns.MENTIONS.search(text)),
        ("waiting", patterns.WAITING.search(text) is not None),
        (
            "compare",
            len(scope.customer_ids) > 1 and patterns.COMPARE.search(text) is not None and not _said_about(scope),
        ),
        ("role", asks_for_job(text)),
        ("timeline", scope.limit == 1 and asks_who(text)),
        ("timeline", scope.tone is not None and not topic(scope)),
        ("mentions", patterns.MENTIONS.search(text) is not None and not deals_with_somebody(text)),
        ("timeline", scope.tone is not None),
        ("record", bool(scope.people) and patterns.WHO.search(text) is not None and not topic(scope)),
        ("count", patterns.COUNT.search(text) is not None),
        (
            "record",
            patterns.RECORD.search(text) is not None
            and not (
                _led(text, scope) or _of_mail(text, scope) or _of_a_fact(question, scope) or _goes(question, scope)
            ),
        ),
        ("tickets", patterns.TICKETS.search(text) is not None and not _of_mail(text, scope)),
        ("attachments", patterns.ATTACHMENTS.search(text) is not None),
        ("open", patterns.OPEN.search(text) is not None and not _of_a_fact(question, scope)),
        ("health", patterns.HEALTH.search(text) is not None and not _scored(text, scope)),
        ("timeline", scope.limit is not None),
        ("mentions", asks_for_others(text) and not scope.customer_ids),
    )
    return next((kind for kind, fits in tests if fits), None)


def _by_words(question: str, text: str, scope: Scope) -> Kind:
    """The kind of a question that shows none: by whether anything but customers and dates is left to look for."""
    wanted = topic(scope)
    if patterns.HOW_IS.search(text) and not wanted:
        return "health"
    if (
        patterns.MOOD.search(text)
        and not patterns.MOOD_ABOUT.search(text)
        and not patterns.MOOD.sub("", patterns.LONGEST.sub("", fold(wanted))).strip()
    ):
        return "health"
    rest = [word for word in fold(wanted).split() if word not in patterns.FOR_HOW_LONG]
    if re.search(patterns.NO_WORD, text) and not rest and not scope.customer_ids:
        return "health"
    if wanted and not scope.customer_ids and scope.direction != "outbound" and patterns.WHO_ALL.search(text):
        return "mentions"
    if all_of(patterns.LEAVE, question, scope) or _is_one_name(wanted, scope, question):
        return "mentions"  # "what do we know about Salesforce?": all of it
    return "search" if wanted else "timeline"


def _is_one_name(wanted: str, scope: Scope, question: str) -> bool:
    """Whether all that is known of one name is asked for, of all customers."""
    if " " in wanted or not is_name(wanted, question) or not patterns.KNOWN.search(plain(question)):
        return False
    return not (scope.customer_ids or scope.people or scope.story)


def is_name(word: str, question: str) -> bool:
    """Whether a word of a question is written as a name is: with one capital, and not because a sentence begins."""
    return (
        word[:1].isupper()
        and not word.isupper()
        and re.search(rf"(?<=[\w,] ){re.escape(word)}\b", question) is not None
    )


def _said_about(scope: Scope) -> str:
    """What customers are compared by, once the words for all that is compared anyway are gone."""
    return patterns.COMPARED.sub("", fold(topic(scope))).strip()


def _led(text: str, scope: Scope) -> bool:
    """ "Who manages Valencia at Ibéricos?": of a customer, the account manager is asked; of something else, the mails tell."""
    return patterns.LEADS.search(text) is not None and bool(patterns.LEADS.sub("", fold(topic(scope))).strip())


def halves(question: str, scope: Scope) -> list[str]:
    """Both questions of one that asks for two kinds of thing ("how many mails did he send, and how fast did we answer?"), each
    answered by one tool; else the question as it is.
    """
    if adds_up(question):  # the renewals, and their sum: one question
        return [question]
    parts = patterns.AND.split(question, maxsplit=1)
    kinds = [route(part, scope) for part in parts if len(part.split()) > 1]
    if len(kinds) < 2 or kinds[0] == kinds[1] or not _ONE_TOOL.issuperset(kinds):
        return [question]
    ways = [direction_of(fold(part)) for part in parts]
    of_mail = [kind in _OF_MAIL for kind in kinds]
    # The scope has one direction. It must not be the other half's, where this one is about mails of either.
    clash = ways[0] != ways[1] if all(of_mail) else any(
        mine is not None and not mail and others for mine, mail, others in zip(ways, of_mail, of_mail[::-1], strict=True)
    )  # fmt: skip
    return [question] if clash else parts


def beside_records(question: str, scope: Scope) -> bool:
    """Whether something of a customer is named that no record, no list of promises holds: "how much do they pay for the upgrade?"."""
    words = telling(topic(scope), question, scope) if scope.customer_ids else []
    return any(not patterns.OF_RECORD.fullmatch(fold(word)) for word in words)


def _of_a_fact(question: str, scope: Scope) -> bool:
    """Whether it reads as one that mails answer, and names something beside records and promises."""
    reading = learnt(question, scope)
    return reading.asked == "fact" and reading.sure >= _FACT and beside_records(question, scope)


def _goes(question: str, scope: Scope) -> bool:
    """Whether it asks how a matter with a customer goes, or for the whole of it."""
    text = plain(question)
    goes = patterns.GOES.search(text) is not None or patterns.SUMMARY.search(text) is not None
    return goes and bool(scope.customer_ids and topic(scope)) and not patterns.FIELD.search(text)


def _of_mail(text: str, scope: Scope) -> bool:
    """ "Which plan did we give Acme for the tickets?", "who is responsible for LU-5023?": what mails tell and no record does."""
    said = scope.direction is not None and patterns.SPEAKS.search(text) is not None
    return said or any(is_identifier(word) and not patterns.AMOUNT.fullmatch(word) for word in topic(scope).split())


def _counts_each(text: str, scope: Scope) -> bool:
    """ "Who wrote more often, Acme or Globex?"."""
    return len(scope.customer_ids) > 1 and patterns.MORE_OFTEN.search(text) is not None


def counts_events(text: str) -> bool:
    """ "How many times has it gone down?": mails tell of it, and their number is no answer."""
    return patterns.TIMES.search(text) is not None and patterns.COUNT.search(text) is None


def _scored(text: str, scope: Scope) -> bool:
    """ "The committee's score for LealUp and Churnly": a score of something else than a customer's health."""
    if re.search(r"\bcommittee|\bcomite\b|\bnps\b|\bsurvey|\bencuesta|\binquerito|\bpesquisa", text):
        return True
    return (
        re.search(r"\bhealth|\brisk|\briesgo|\brisco|\bsalud|\bsaude", text) is None and len(topic(scope).split()) > 2
    )


def our_pace(question: str, scope: Scope) -> bool | None:
    """Whether a question about answering times is about ours, theirs, or (None) both."""
    text = plain(question)
    if "tardó" in question.lower():  # folded, it is "I take"
        return False
    if patterns.WE_TAKE.search(text) and not re.search(r"\b(?:ellos|eles|they|them)\b", text):
        return True
    theirs, ours = patterns.THEIR_PACE.search(text) is not None, patterns.OUR_PACE.search(text) is not None
    if theirs != ours:
        return ours
    if asks_surely(question, scope, "paceus", "pacethem"):
        return learnt(question, scope).asked == "paceus"
    return False if theirs else None


def wants_to(question: str) -> bool:
    """Whether it asks who wants, plans or threatens something: who says the opposite is no answer."""
    return patterns.THREAT.search(plain(question)) is not None


def about_state(question: str) -> bool:
    """Whether it asks how something stands now, so that the latest mails say most."""
    return patterns.STATE.search(plain(question)) is not None


def plain(question: str) -> str:
    """The question as the patterns read it: slips undone, folded, without the marks at its ends."""
    return fold(as_meant(question.replace("’", "'"))).strip(" ¿¡?!.")


def asks_for_draft(question: str) -> bool:
    """Whether it begins as an order to write ("write a reply to …", "redacta …", "responda …")."""
    text = plain(question)
    orders = patterns.DRAFT.search(text) or ("?" not in question and patterns.A_DRAFT.search(text))
    return bool(orders) and patterns.BRIEFING.search(text) is None


def owing(question: str, scope: Scope) -> Literal["us", "customer"] | None:
    """Whose answer a question about waiting is after; None for both."""
    text = plain(question)
    if patterns.NOT_OURS.search(text):
        return "us"
    if patterns.THEY_OWE.search(text):
        return "customer"
    if patterns.WE_OWE.search(text):
        return "us"
    if asks_surely(question, scope, "waitus", "waitthem"):
        return "us" if learnt(question, scope).asked == "waitus" else "customer"
    return None


def about_outcome(question: str) -> bool:
    """Whether it asks what became of something."""
    return patterns.OUTCOME.search(plain(question)) is not None


def about_reaction(question: str) -> bool:
    """Whether it asks how somebody took something, and not what they said about it."""
    text = plain(question)
    return patterns.REACTION.search(text) is not None and patterns.SPEAKS.search(text) is None


def about_what_is_ahead(question: str, scope: Scope, now: datetime) -> bool:
    """Whether the day that is named is a meeting's, or that of something still to be done, and no mail's."""
    text = plain(question)
    ahead = scope.period.since is not None and scope.period.since > now
    label = fold(scope.period.label)
    of_meeting = any(
        label in clause and patterns.MEETING_AHEAD.search(clause) for clause in patterns.CLAUSES.split(text)
    )
    behind = patterns.BEHIND.search(label) is not None
    return bool(label and of_meeting and not behind) or (ahead and patterns.OPEN.search(text) is not None)


def asks_for_briefing(question: str, scope: Scope) -> bool:
    """Whether a call is prepared: the day that is named is the call's, and no mail's."""
    return route(question, scope) == "briefing"


def with_what_is_asked(scope: Scope, question: str) -> Scope:
    """The scope as the kind of question needs it: one mail where the last is asked for, both sides where an answer is."""
    listed = patterns.LAST_MAILS.search(plain(question)) and not telling(topic(scope), question, scope)
    if listed and scope.limit is None and not scope.oldest:
        return replace(scope, limit=_LATEST, more=False)
    last = asks_surely(question, scope, "last") and route(question, scope) == "timeline"
    if last and scope.limit is None and not scope.oldest:
        return replace(scope, limit=1, direction=scope.direction or ("inbound" if scope.customer_ids else None))
    if tone := _told_by_tone(question, scope):
        return replace(scope, tone=tone, direction="inbound", remainder="", about="", story=(), more=False)
    if _asks_for_other_tone(question, scope):
        scope = replace(scope, tone=None)
    if scope.direction is None and _counts_each(plain(question), scope):
        return replace(scope, direction="inbound")  # "which of the two wrote more?"
    kind = route(question, scope)
    if kind == "replied":
        return replace(scope, direction=None, limit=None, period=ANY_TIME)
    if kind in ("mood", "silence"):
        return replace(scope, direction=None)
    if kind == "pace" and scope.people:
        return replace(scope, direction=None, limit=None, period=ANY_TIME)  # the answer came on another day
    return scope


def told_by_others(question: str, scope: Scope) -> bool:
    """Whether it asks what became of something with somebody ("did Rose pay?"), which a colleague of theirs may tell, and not for what
    they wrote or what was written with them.
    """
    if (
        not scope.people
        or scope.direction
        or scope.limit
        or scope.tone
        or scope.ours
        or patterns.WITH.search(plain(question))
    ):
        return False
    return (
        route(question, scope) == "search"
        and bool(telling(topic(scope), question, scope))
        and not patterns.SPEAKS.search(plain(question))
    )


def _asks_for_other_tone(question: str, scope: Scope) -> bool:
    """Whether it goes on about mails of one tone and asks for the other ("and which thanked us for the training?")."""
    text = plain(question)
    complained, praised = patterns.COMPLAINED.search(text) is not None, patterns.PRAISED.search(text) is not None
    return complained != praised and scope.tone == ("positive" if complained else "negative")


def _told_by_tone(question: str, scope: Scope) -> Tone | None:
    """ "Which customers praised us?", "quem reclamou este mês?": told by the tone of mails, where nothing else is named."""
    words = [fold(word) for word in topic(scope).split()]
    if (
        scope.customer_ids
        or patterns.IT.search(plain(question))
        or not (asks_for_all(question) or asks_for_anybody(question))
    ):
        return None
    text = plain(question)
    for tone, said in (("negative", patterns.COMPLAINED), ("positive", patterns.PRAISED)):
        if said.search(text) and not telling(" ".join(word for word in words if not said.match(word)), question, scope):
            return cast("Tone", tone)
    return None


def about_records(question: str, scope: Scope) -> bool:
    """Whether the customers' records answer it, and no mail: a period in it is then none of mails."""
    return route(question, scope) == "record"


def counts_unanswered(question: str, scope: Scope) -> bool:
    """Whether our mails that somebody has not answered are counted."""
    text, whom = plain(question), scope.direction == "outbound" and len(scope.customer_ids) == 1
    return bool(whom and patterns.UNANSWERED.search(text) and patterns.COUNT.search(text))


def of_mails(question: str, scope: Scope) -> bool:
    """Whether mails are counted or listed, whatever they say."""
    return route(question, scope) in ("count", "timeline")


def about_exchange(question: str, scope: Scope) -> bool:
    """Whether it asks of the mails with somebody, and not for what they say: how many, which, who answered."""
    kind = route(question, scope)
    listed = kind == "timeline" and (scope.direction is not None or patterns.MAILS.search(plain(question)) is not None)
    return listed or kind in ("count", "replied", "pace", "silence")


def about_renewal(question: str) -> bool:
    """Whether a question about records is one about renewals: then its period is theirs."""
    return patterns.RENEWAL.search(plain(question)) is not None


def biggest_first(question: str) -> bool:
    return patterns.BIGGEST.search(plain(question)) is not None


def best_first(question: str) -> bool:
    """Whether a ranking begins with the healthiest ("who is happy with us?")."""
    text = plain(question)
    return (
        patterns.BEST.search(text) is not None and re.search(r"\bun|\bdis|\bdes|\binsat|\bnot? |\bnao ", text) is None
    )


def about_silence(question: str) -> bool:
    return patterns.SILENCE.search(plain(question)) is not None


def asks_for_all(question: str) -> bool:
    """Whether everybody is asked for who said something ("which customers …", "quiénes …")."""
    text = plain(question)
    return patterns.WHO_ALL.search(text) is not None or asks_for_others(text)


def asks_for_summary(question: str, scope: Scope) -> bool:
    """Whether a whole matter is to be told, from its beginning."""
    return patterns.SUMMARY.search(plain(question)) is not None or asks_surely(question, scope, "summary")


def asks_for_anybody(question: str) -> bool:
    """Whether it asks if anybody at all said something ("has anyone …", "alguien …", "algum cliente …")."""
    return everybody_named(flat(question)) is not None


def has_quotation(question: str) -> bool:
    """Whether it asks for the very words in quotation marks."""
    return patterns.QUOTED.search(question) is not None


def topic(scope: Scope) -> str:
    """What the question is about once names, dates and filler are gone; "" when nothing is left."""
    words = [
        word
        for word in patterns.WORD.findall(scope.remainder)
        if fold(word) not in FILLER and not _is_order(fold(word))
    ]
    return "" if words == ["exchange"] else " ".join(words)  # "which mails did we exchange", but "the exchange rate"


def wanted(scope: Scope, question: str) -> str:
    """The topic without everyday words, where others are left; of several sentences, what the last one asks about."""
    words = telling(topic(scope), question, scope) or topic(scope).split()
    if patterns.SUMMARY.search(plain(question)):
        words = [word for word in words if not patterns.TOLD_WHOLE.fullmatch(fold(word))] or words
    *before, last = re.split(r"[.!]\s+", question.strip())
    asked = set(patterns.WORD.findall(last)) if before else set(words)
    return " ".join([word for word in words if word in asked] or words)


def adds_up(question: str) -> bool:
    """Whether a sum is asked for."""
    return patterns.SUM.search(plain(question)) is not None


def orders_draft(question: str, scope: Scope) -> bool:
    """Whether a mail is to be written, in whatever words."""
    return asks_for_draft(question) or asks_surely(question, scope, "draft")


def recipient(order: str) -> str:
    """The words of an order to write that tell to whom, without what shall be written; "" where there are none."""
    found = patterns.RECIPIENT.search(order)
    return found[1] if found else ""


def all_of(kind: re.Pattern[str], question: str, scope: Scope) -> bool:
    """Whether the words a question is about are of one kind, and nothing else."""
    words = [fold(word) for word in wanted(scope, question).split()]
    said = [word for word in words if kind.fullmatch(word)]
    return bool(said) and all(word in said or patterns.REALLY.fullmatch(word) for word in words)


def _is_order(word: str) -> bool:
    return bool(
        re.match(
            r"(?:haz(?:me)?$|dame$|ponme$|quiero$|necesito$|faz$|faca$|quero$|preciso$|need$|want$|short$|brief|breve|rapid|summar|resum|recap|tell|show|dime|diga|conta|cuenta|mostr|muestr|happen|pas[oa]d?|acontec|latest|ultim)",
            word,
        )
    )
