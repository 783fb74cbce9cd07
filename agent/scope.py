"""What a question is about, fixed before any mail is read: customers, people, period, direction, topic."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from agent import periods, wording
from agent.asked.reading import LEANING, Asked, masked, read
from agent.asked.topic import naming
from agent.offline.coming import coming, words_ahead
from agent.people import Mention, Names, misspelt
from agent.periods import ANY_TIME, Period
from agent.typed import as_meant
from agent.wording import Direction, Tone
from agent.words import unknown_names
from crm.customers import Contact, Customer
from crm.folding import fold
from crm.signals.language import Language

_NUMBERED = re.compile(r"[A-Za-z]-?\d{2,}|\d{4,}")  # "LU-5023", "4500083121", but not "30 seats"
_KEPT = 6  # words of what a conversation was about
_CALLED = 30  # names
_COMPUTED: frozenset[Asked] = frozenset(
    {"record", "people", "health", "files", "tickets", "waitus", "waitthem", "paceus", "pacethem", "count"}
)
Called = Literal["customer", "person"]
_ABOUT = re.compile(r"\b(?:about|for|of|on|sobre|para|por|de|do|da|del)\s+(?:(?:the|el|la|los|las|o|a|os|as)\s+)*$")
_THE_ONE = re.compile(  # "la del obrador", "a da padaria", "from the bakery", ", the bakery one"
    r"(?:,?\s+(?:(?:la|el)\s+del?(?:\s+l[ao]s?)?|[ao]\s+d[ao]s?|(?:of|from|at)\s+the)|,\s+the)\s+(\w{4,})"
)
_AT = re.compile(r"\s*[(,]\s*|\s+(?:at|from|of|in|with|de|del|da|do|en|em|na|no)\s+(?:(?:la|el|[oa])\s+)?")


@dataclass(frozen=True, kw_only=True)
class Person:
    name: str
    email: str
    customer_id: int
    customer: str


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What to read for a question. Empty `customer_ids` stands for all customers, `limit` None for all mails; the limit counts
    from the newest, or from the oldest, after the `skip` that were shown before.

    `wide`: of the people it is asked what became of something, which others of their customers may tell. `ours` are colleagues whose mails are asked for, (name, address) each.
    `remainder` is what is left to search for, `about` what of it names a topic; `before`, what the conversation was about until another topic was named;
    `story`, the mails that were cited before, where the question is about nobody else; `more`, that it names nothing to search for.
    `unknown` names look like a customer's or a person's but match
    nobody; they stay in the remainder, being perhaps a topic. `ambiguous` names fit several; none is guessed. `called` are the
    words by which this conversation has named customers and people.
    """

    language: Language
    customer_ids: tuple[int, ...] = ()
    customers: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    wide: bool = False
    ours: tuple[tuple[str, str], ...] = ()
    period: Period = ANY_TIME
    limit: int | None = None
    oldest: bool = False
    skip: int = 0
    direction: Direction | None = None
    tone: Tone | None = None
    remainder: str = ""
    about: str = ""
    before: str = ""
    story: tuple[str, ...] = ()
    more: bool = False
    unknown: tuple[str, ...] = ()
    ambiguous: tuple[tuple[str, tuple[str, ...]], ...] = ()
    called: tuple[tuple[str, Called], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain lists, strings and numbers; instants in ISO 8601, UTC."""
        return {
            "language": self.language,
            "customer_ids": list(self.customer_ids),
            "customers": list(self.customers),
            "people": [
                {
                    "name": person.name,
                    "email": person.email,
                    "customer_id": person.customer_id,
                    "customer": person.customer,
                }
                for person in self.people
            ],
            "period": {
                "since": self.period.since.isoformat() if self.period.since else None,
                "until": self.period.until.isoformat() if self.period.until else None,
                "label": self.period.label,
            },
            "limit": self.limit,
            "oldest": self.oldest,
            "skip": self.skip,
            "direction": self.direction,
            "tone": self.tone,
            "wide": self.wide,
            "remainder": self.remainder,
            "before": self.before,
            "about": self.about,
            "story": list(self.story),
            "more": self.more,
            "ours": [list(held) for held in self.ours],
            "unknown": list(self.unknown),
            "ambiguous": [[name, list(candidates)] for name, candidates in self.ambiguous],
            "called": [list(held) for held in self.called],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Scope:
        """The inverse of `as_json`. Raises KeyError where a field is missing."""
        since, until = data["period"]["since"], data["period"]["until"]
        return cls(
            language=data["language"],
            customer_ids=tuple(data["customer_ids"]),
            customers=tuple(data["customers"]),
            people=tuple(Person(**person) for person in data["people"]),
            period=Period(
                since=datetime.fromisoformat(since) if since else None,
                until=datetime.fromisoformat(until) if until else None,
                label=data["period"]["label"],
            ),
            limit=data["limit"],
            oldest=bool(data.get("oldest")),  # conversations from before this field and later ones
            skip=int(data.get("skip", 0)),
            direction=data["direction"],
            tone=data.get("tone"),
            remainder=data["remainder"],
            before=data.get("before", ""),
            about=data.get("about", data["remainder"]),
            story=tuple(data.get("story", ())),
            more=bool(data.get("more")),
            ours=tuple((name, email) for name, email in data.get("ours", ())),
            wide=bool(data.get("wide")),
            unknown=tuple(data["unknown"]),
            ambiguous=tuple((name, tuple(candidates)) for name, candidates in data["ambiguous"]),
            called=tuple((words, kind) for words, kind in data.get("called", ())),
        )


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """One question taken apart. In `text`, letter for letter as long as `raw`, what was read is covered."""

    raw: str
    text: str
    language: Language
    mentions: tuple[Mention, ...]
    everybody: bool
    period: Period
    limit: int | None
    oldest: bool
    direction: Direction | None
    tone: Tone | None


def resolve(
    question: str,
    *,
    customers: Sequence[Customer],
    now: datetime,
    zone: ZoneInfo,
    previous: Scope | None = None,
    carries_on: bool = False,
    cited: Sequence[str] = (),
    ours: str = "",
) -> Scope:
    """The scope of a question in English, Spanish or Portuguese.

    `now` is aware; days and weeks are those of `zone`. With `previous`, an ellipsis ("and Globex?") keeps
    what it does not name, and a reference ("what did she reply?") keeps whom it is about; so does, when it `carries_on`,
    any question that names nobody. `cited` are the mails that the answer before cites; who asks more about them with everyday
    words alone ("did it help?") asks about their `story`. `ours` is the name of our own company, which is no topic beside another word.
    """
    raw = as_meant(unicodedata.normalize("NFC", question).replace("’", "'"))
    language = wording.language_of(raw, flatten(raw), previous.language if previous else None)
    reading = _read(raw, language, Names(customers, language), now, zone)
    own = _without_us(_own_scope(reading, customers, previous), ours)
    own = replace(own, about=" ".join(telling(own.remainder, raw, own)))
    if previous is None:
        return own
    called = dict.fromkeys((*own.called, *previous.called))
    found = _following(reading, own, previous, customers, carries_on=carries_on)
    found = replace(found, called=tuple(called)[:_CALLED])
    within = not previous.customer_ids or set(own.customer_ids) <= set(previous.customer_ids)
    if not within or found.skip or reading.everybody or wording.asks_for_others(flatten(raw)):
        return found
    named = own.customer_ids or own.people or own.unknown or wording.names_a_number(raw, flatten(raw))
    asks_more = (
        (own.remainder and not own.about and not _asks_no_mail(raw, own))
        or (cited and wording.asks_one_thing_more(flatten(raw)))
        or (cited and not (named or found.customer_ids) and _says_more(raw, found))
    )
    if asks_more and (cited or found.customer_ids):
        return replace(found, story=tuple(cited), more=True, direction=own.direction)
    return replace(found, story=tuple(cited))


def nameless(question: str, scope: Scope) -> str:
    """A question as it is read for what it asks, whomever it names."""
    people = [words for words, kind in scope.called if kind == "person"] + [name for name, _ in scope.ours]
    return masked(question, [words for words, kind in scope.called if kind == "customer"], people)


def telling(words: str, question: str, scope: Scope) -> list[str]:
    """Those of the words of a question that name what it is about (`agent.asked.topic`)."""
    return naming(words, nameless(as_meant(question.replace("’", "'")), scope))


def _asks_no_mail(raw: str, scope: Scope) -> bool:
    """Whether what records, figures or lists tell is asked ("who is the champion?"), and nothing more of what was told before."""
    asked = read(nameless(raw, scope))
    return asked.asked in _COMPUTED and asked.sure >= LEANING


def _says_more(raw: str, scope: Scope) -> bool:
    """Whether it asks for a fact of what was told before, as it was learnt ("at what price in each case?")."""
    asked = read(nameless(raw, scope))
    return asked.leans == "more" and asked.leaning >= LEANING and asked.asked == "fact"


def _following(
    reading: _Reading, own: Scope, previous: Scope, customers: Sequence[Customer], *, carries_on: bool
) -> Scope:
    """The scope of a question that follows another one."""
    language, says = own.language, own.about or (own.remainder and _asks_no_mail(reading.raw, own))
    told_of = previous.remainder or previous.before
    if told_of and wording.means_the_same(reading.text) and (own.customer_ids or own.people):
        return replace(own, remainder=told_of, about=previous.about or told_of, before=previous.before)
    others = wording.asks_for_others(flatten(reading.raw)) or (reading.everybody and not own.remainder)
    if others and not (own.customer_ids or own.people) and (says or previous.remainder):
        return _on_topic(own, previous, says and not (previous.remainder and wording.does_that(reading.text)))
    if wording.asks_for_one_before(reading.text) and previous.limit and not own.customer_ids:
        return replace(previous, language=own.language, skip=previous.skip + previous.limit)
    back = wording.refers_back(reading.text, language)
    # … "what did he think of Churnly's demo?" names nobody of ours either
    strangers = own.unknown and not (back and previous.people)
    nobody_named = not (own.customer_ids or own.people or strangers or own.ambiguous or reading.everybody)
    if nobody_named and own.remainder != previous.remainder and wording.names_a_number(reading.raw, reading.text):
        return own  # "and LU-5032, whose was it?": whoever's it is
    if wording.compares_it(reading.text) and len(own.customer_ids) == len(previous.customer_ids) == 1:
        both = dict(zip(previous.customer_ids + own.customer_ids, previous.customers + own.customers, strict=True))
        return replace(own, customer_ids=tuple(both), customers=tuple(both.values()))
    if nobody_named and (carries_on or back):
        several = wording.speaks_of_several(reading.text)
        return _whoever(_referring(own, previous, says, several=several), reading)
    if wording.asks_why_of(reading.text):
        return _continuing(own, previous, customers, own.about, keep_names=False)
    if wording.opens_as_ellipsis(reading.text) or wording.is_fragment(reading.text):
        kept = _continuing(own, previous, customers, says, keep_names=nobody_named)
        return _whoever(kept, reading) if nobody_named and says else kept
    if nobody_named and not own.remainder and own.period == ANY_TIME:
        return _referring(own, previous, says)
    briefly = own.people and len(own.remainder.split()) == 1  # "did Priya confirm?"
    if briefly and set(own.customer_ids) <= set(previous.customer_ids):
        return replace(own, before=_on_topic(own, previous, own.remainder).before)
    return own


def _without_us(scope: Scope, ours: str) -> Scope:
    """ "Who handles LealUp there?": every mail is about us."""
    words = scope.remainder.split()
    others = [word for word in words if not (word[0].isupper() and fold(word) == fold(ours))]
    return replace(scope, remainder=" ".join(others)) if others and len(others) < len(words) else scope


def _whoever(scope: Scope, reading: _Reading) -> Scope:
    """Without the person of the question before where it is asked who it was ("who signs it?", not "who did she tell?"): perhaps
    somebody else's mail tells it.
    """
    about_them = wording.refers_back(reading.text, reading.language)
    asked = wording.asks_who(reading.text) and not about_them
    return replace(scope, people=(), direction=reading.direction) if asked else scope


def flatten(text: str) -> str:
    """`text` in lower case without accents, letter for letter of the same length."""
    return "".join((fold(char) or " ")[:1] for char in text)


def _read(raw: str, language: Language, names: Names, now: datetime, zone: ZoneInfo) -> _Reading:
    plain = flatten(raw)
    everybody = wording.everybody_named(plain)
    text = _cover(plain, *everybody.span(), wording.EVERYBODY) if everybody else plain
    mentions = tuple(
        mention
        for mention in names.mentions(raw, text)
        if not (everybody and wording.stands_as_topic(text[: mention.start]))
    )
    for mention in mentions:
        text = _cover(text, mention.start, mention.end, wording.NAME)
    found = periods.find(raw, text, today=now.astimezone(zone).date(), zone=zone, language=language)
    if found:
        text = _cover(text, found[1], found[2], " ")
    direction = wording.direction_of_all(text)
    if not found and direction and (ahead := _written_ahead(raw, text, now.astimezone(zone).date(), zone)):
        found = ahead
        text = _cover(text, found[1], found[2], " ")
    toned = wording.tone_of(text)
    if toned:
        text = _cover(text, toned[1], toned[2], " ")
    first = wording.first_of(text)
    limited = first or wording.limit_of(text)
    if limited:
        text = _cover(text, limited[1], limited[2], " ")
    return _Reading(
        raw=raw,
        text=text,
        language=language,
        mentions=mentions,
        everybody=everybody is not None,
        period=found[0] if found else ANY_TIME,
        limit=limited[0] if limited else None,
        oldest=first is not None,
        direction=direction,
        tone=toned[0] if toned else None,
    )


def _written_ahead(raw: str, text: str, today: date, zone: ZoneInfo) -> tuple[Period, int, int] | None:
    """The period ahead in which somebody shall have written: no mail is of it. "What did they say about next week" is none."""
    span = words_ahead(text)
    days = coming(text, today) if span else None
    if span is None or days is None or _ABOUT.search(text[: span[0]]):
        return None
    since, until = (
        datetime.combine(day, time.min, zone).astimezone(UTC) if day else None for day in (days.since, days.until)
    )
    return Period(since=since, until=until, label=" ".join(raw[slice(*span)].split())), *span


def _cover(text: str, start: int, end: int, filler: str) -> str:
    return text[:start] + filler * (end - start) + text[end:]


def _own_scope(reading: _Reading, customers: Sequence[Customer], previous: Scope | None) -> Scope:
    """The scope by the question's own words."""
    named = _named_customers(reading)
    unknown = list(unknown_names(reading.raw, reading.text))
    people: dict[tuple[int, str], Contact] = {}
    beside: set[tuple[int, str]] = set()
    ambiguous: dict[str, tuple[str, ...]] = {}
    text = reading.text
    for mention in reading.mentions:
        contacts, stranger = _contacts_meant(mention, reading.mentions, reading.text, named, previous)
        contacts, told = _told_apart(contacts, reading.text[mention.end :], customers)
        text = _cover(text, mention.end, mention.end + told, " ")
        if stranger:
            unknown.append(mention.words)
        elif len({contact.email for contact in contacts}) > 1:
            ambiguous[mention.words] = tuple(_labelled(contact) for contact in contacts)
        elif len(mention.customers) > 1:
            ambiguous[mention.words] = tuple(customer.name for customer in mention.customers)
        else:
            meant_here = {(contact.customer_id, contact.email): contact for contact in contacts}
            people |= meant_here
            if wording.begins_a_clause(reading.text[: mention.start], reading.text[mention.end :]):
                beside |= meant_here.keys()
    for word in list(unknown):
        meant = misspelt(fold(word), [contact for customer in named for contact in customer.contacts])
        if len(meant) == 1:
            unknown.remove(word)
            people[meant[0].customer_id, meant[0].email] = meant[0]
    ids = dict.fromkeys([customer.id for customer in named] + [customer_id for customer_id, _ in people])
    return Scope(
        language=reading.language,
        customer_ids=tuple(ids),
        customers=tuple(customer.name for each in ids for customer in customers if customer.id == each),
        people=tuple(person_of(contact) for key, contact in people.items() if key not in beside),
        period=reading.period,
        limit=reading.limit,
        oldest=reading.oldest,
        direction=reading.direction,
        tone=reading.tone,
        remainder=wording.topic_of(reading.raw, wording.without_clause(text), reading.language),
        unknown=tuple(unknown),
        ambiguous=tuple(ambiguous.items()),
        called=tuple((mention.words, "customer" if mention.customers else "person") for mention in reading.mentions),
    )


def _named_customers(reading: _Reading) -> list[Customer]:
    """Customers named without doubt, each once, in order."""
    sure = [mention.customers[0] for mention in reading.mentions if len(mention.customers) == 1]
    return list({customer.id: customer for customer in sure}.values())


def _contacts_meant(
    mention: Mention,
    mentions: Sequence[Mention],
    text: str,
    named: Sequence[Customer],
    previous: Scope | None,
) -> tuple[Sequence[Contact], bool]:
    """The contacts a name may stand for, and whether it is a stranger to the customer it goes with.

    "Maria at Globex" is Globex's Maria or a stranger; elsewhere contacts of a customer named in the
    question, or else in the one before, only come first.
    """
    contacts = mention.contacts
    for other in mentions:
        if contacts and len(other.customers) == 1 and _go_together(mention, other, text):
            theirs = [contact for contact in contacts if contact.customer_id == other.customers[0].id]
            return theirs, not theirs
    before = set(previous.customer_ids) if previous else set()
    near = {customer.id for customer in named} or before
    return [contact for contact in contacts if contact.customer_id in near] or contacts, False


def _told_apart(
    contacts: Sequence[Contact], behind: str, customers: Sequence[Customer]
) -> tuple[Sequence[Contact], int]:
    """Those of several contacts whose customer a word right `behind` the name tells ("Carmen la del obrador", of Obrador La Espiga), and
    how many letters of `behind` tell it.
    """
    found = _THE_ONE.match(behind)
    if not found or len(contacts) < 2:
        return contacts, 0
    told = {held.id for held in customers if found[1] in fold(" ".join((held.name, *held.aliases))).split()}
    theirs = [contact for contact in contacts if contact.customer_id in told]
    return (theirs, found.end()) if theirs else (contacts, 0)


def _go_together(person: Mention, customer: Mention, text: str) -> bool:
    """ "Maria at Globex", "María de Globex", "Maria (Globex)", "Globex's Maria"."""
    if person.end <= customer.start:
        return _AT.fullmatch(text, person.end, customer.start) is not None
    return text[customer.end : person.start] == " "


def _labelled(contact: Contact) -> str:
    return f"{contact.name} ({contact.customer})"


def person_of(contact: Contact) -> Person:
    """A contact as a scope has it."""
    return Person(name=contact.name, email=contact.email, customer_id=contact.customer_id, customer=contact.customer)


def _referring(own: Scope, previous: Scope, says: object, *, several: bool = False) -> Scope:
    """Whom it is about stays, and the topic unless another one or a mail ("her last email") is named.

    Period and limit were of the other question.
    """
    kept = _on_topic(own, previous, says) if own.limit is None else own
    one_of_them = several and len(previous.people) == 1  # "did they pay?" after Rose: her company
    return replace(
        kept,
        customer_ids=previous.customer_ids,
        customers=previous.customers,
        people=() if one_of_them else previous.people,
        ambiguous=previous.ambiguous,
    )


def _on_topic(own: Scope, previous: Scope, says: object) -> Scope:
    """The topic of the question before, or its own one, where it `says` one, and what it was about until now.

    Who is named anew with everyday words ("and Rose, did she complain?") is asked after whatever it is about.
    """
    anew = bool(own.remainder) and not set(own.customer_ids) <= set(previous.customer_ids)
    if not says and not anew:
        kept = previous if set(own.customer_ids) <= set(previous.customer_ids) else _without_numbers(previous)
        return replace(own, remainder=kept.remainder, about=kept.about, before=kept.before)
    before = list(dict.fromkeys(f"{previous.before} {previous.about}".split()))
    return replace(own, before=" ".join(before[-_KEPT:]))


def _without_numbers(scope: Scope) -> Scope:
    """Without the invoices and tickets that a topic names: they are one customer's, and another one is asked after."""
    remainder, about, before = (
        " ".join(word for word in words.split() if not _NUMBERED.search(word))
        for words in (scope.remainder, scope.about, scope.before)
    )
    return replace(scope, remainder=remainder, about=about, before=before)


def _continuing(own: Scope, previous: Scope, customers: Sequence[Customer], says: object, *, keep_names: bool) -> Scope:
    """All that the question does not name itself stays; a customer may answer which Maria was meant."""
    whole = bool(says) and not keep_names  # "and Maria, what did she say about the price?"
    kept = replace(
        _on_topic(own, previous, says),
        period=previous.period if own.period == ANY_TIME and previous.period.label else own.period,
        limit=previous.limit if own.limit is None else own.limit,
        oldest=previous.oldest if own.limit is None else own.oldest,
        # "have I answered her? and the other idea, where is that?": not in our own mails alone
        direction=own.direction
        or (None if whole or (says and previous.direction == "outbound") else previous.direction),
        tone=own.tone or previous.tone,
    )
    if keep_names:
        return replace(
            kept,
            customer_ids=previous.customer_ids,
            customers=previous.customers,
            people=previous.people,
            ambiguous=previous.ambiguous,
        )
    asked = {candidate for _, candidates in previous.ambiguous for candidate in candidates}
    answered = [
        person_of(contact)
        for customer in customers
        if customer.id in own.customer_ids
        for contact in customer.contacts
        if _labelled(contact) in asked
    ]
    return replace(kept, people=own.people or tuple(answered))
