"""Who a question names: customers and their contacts, by the words somebody uses for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product
from typing import TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

from agent.dates import CALENDAR_WORDS
from agent.everyday import FILLER
from agent.ordinary import ADJECTIVES, ORDINARY, ORDINARY_ANYWHERE
from agent.wording import FRAME
from agent.words import Word, continues_name, split_words
from crm.customers import Contact, Customer
from crm.folding import fold
from crm.signals.language import Language

_Named = TypeVar("_Named", Customer, Contact)

_ARTICLES = frozenset(
    {
        "the",
        "a",
        "an",
        "el",
        "la",
        "los",
        "las",
        "lo",
        "o",
        "os",
        "as",
        "of",
        "and",
        "de",
        "del",
        "da",
        "do",
        "das",
        "dos",
        "y",
        "e",
    }
)
# "Does rose like it?" is about Rose, but "did will they renew?" or "does grant funding cover it?" about nobody.
_SPOKEN_OF = frozenset({"did", "does", "has"})
# Behind "is" stands any noun: of the names that are words, these.
_IS, _GIVEN = (
    frozenset({"is", "was"}),
    frozenset("rose drew frank joy victor sandy miles mark pat sue rob ray will".split()),
)
_ALSO_VERBS = frozenset("will grant bill mark hope chase skip summer max rob sue ray pat".split())
# Before a month's or a weekday's name these say that it is somebody's ("emails from April").
_TO_SOMEBODY = frozenset(
    {
        "from",
        "with",
        "to",
        "by",
        "and",
        "at",
        "did",
        "does",
        "has",
        "con",
        "com",
        "de",
        "a",
        "para",
        "y",
        "e",
        "da",
        "ao",
    }
)

# Before an ordinary word in a question without capitals: whom one speaks with, where an adjective can't stand, a second name.
_COMPANY = frozenset(("with", "at", "from", "con", "com"))
_AND = frozenset(("and", "or", "y", "e", "o", "ou", "vs", "versus"))
_BEFORE = frozenset((*_AND, "of", "to", "in", "de", "do", "da", "em", "en", "no", "na", "a", "para", "por"))

# "And Atlas?", "¿y a Mercado?", "e a Horizonte?"
_AND_OF_WHOM = frozenset((*_COMPANY, *_BEFORE, "what", "about"))

# What somebody does, before whoever does it: "que dijo mercado?" (a market would have its article)
_DOES = re.compile(
    r"dij(?:o|eron)|dicen?|diz(?:em)?|disse(?:ram)?|quieren?|quer(?:em)?|piden?|pidi(?:o|eron)|pedem?|pedi(?:u|ram)|pag(?:an|am|aron|aram|ou)|escriben?|escribi(?:o|eron)"
    r"|escrevem?|escrev(?:eu|eram)|respond(?:en?|io|ieron|em|eu|eram)|contest(?:an|o|aron|ou|aram)|cancel(?:an|o|aron|am|ou|aram)|renuevan?|renov(?:o|aron|ou|aram)|ofrecen?|oferecem?"
)

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DOMAIN = re.compile(r"(?<![\w@.-])@?((?:[\w-]+\.)+[a-z]{2,})(?![\w@-])")
_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"'s?(?!\w)")


@dataclass(frozen=True, kw_only=True)
class Mention:
    """Words `[start, end)` of the question that name customers or contacts; several where it is unclear."""

    start: int
    end: int
    words: str
    customers: tuple[Customer, ...] = ()
    contacts: tuple[Contact, ...] = ()


class Names:
    """Everything the workspace's customers and contacts are called, folded, as sequences of words.

    A registered name or alias, a full name, and a given name are sure; the first distinctive word of a
    customer's name, the name of a domain and a surname are derived, and give way to sure ones.
    """

    def __init__(self, customers: Sequence[Customer], language: Language) -> None:
        self._language = language
        self._customers: dict[tuple[str, ...], list[Customer]] = {}
        self._derived: dict[tuple[str, ...], list[Customer]] = {}
        self._contacts: dict[tuple[str, ...], list[Contact]] = {}
        self._surnames: dict[tuple[str, ...], list[Contact]] = {}
        self._domains: dict[str, Customer] = {}
        self._addresses: dict[str, list[Contact]] = {}
        self._exact_case: dict[tuple[str, ...], str] = {}
        for customer in customers:
            self._add_customer(customer)
            for contact in customer.contacts:
                self._add_contact(contact)
        self._name_words = {word for names in (self._customers, self._derived) for key in names for word in key}

    def mentions(self, raw: str, plain: str) -> list[Mention]:
        """All names in the question, in order; `plain` is `raw` folded letter by letter."""
        found = list(self._by_address(raw, plain))
        hidden = plain
        for mention in found:
            hidden = hidden[: mention.start] + " " * (mention.end - mention.start) + hidden[mention.end :]
        words = split_words(raw, hidden)
        found += self._by_words(raw, hidden, words)
        if not any(word.capital and not word.first for word in words):  # a capital is missing, and says nothing
            found += self._in_lower_case(raw, hidden, words, found)
        return sorted(found, key=lambda mention: mention.start)

    def _add_customer(self, customer: Customer) -> None:
        for name in (customer.name, *customer.aliases):
            key = _words_of(name)
            if not key:
                continue
            _put(self._customers, key, customer)
            if len("".join(key)) <= 3:
                self._exact_case[key] = name
        distinctive = [_distinctive(name) for name in (customer.name, *customer.aliases)]
        for derived in (*distinctive, *(domain.split(".")[0] for domain in customer.domains)):
            if len(derived) > 3:
                _put(self._derived, _words_of(derived), customer)
        for domain in customer.domains:
            self._domains[domain.lower()] = customer

    def _add_contact(self, contact: Contact) -> None:
        self._addresses.setdefault(contact.email.lower(), []).append(contact)
        words = _words_of(contact.name)
        if not words:
            return
        _put(self._contacts, words, contact)
        _put(self._contacts, words[:1], contact)
        if len(words) > 1:
            _put(self._contacts, (words[0], words[-1]), contact)
            _put(self._surnames, words[-1:], contact)
        if len(words) > 2:
            _put(self._contacts, words[:2], contact)

    def _by_address(self, raw: str, plain: str) -> Iterator[Mention]:
        taken: list[tuple[int, int]] = []
        for match in _ADDRESS.finditer(plain):
            contacts = self._addresses.get(match[0], [])
            customer = self._of_domain(match[0].partition("@")[2])
            if contacts or customer:
                taken.append(match.span())
                yield Mention(
                    start=match.start(),
                    end=match.end(),
                    words=raw[slice(*match.span())],
                    customers=() if contacts or customer is None else (customer,),
                    contacts=tuple(contacts),
                )
        for match in _DOMAIN.finditer(plain):
            customer = self._of_domain(match[1])
            if customer and not any(start < match.end() and match.start() < end for start, end in taken):
                yield Mention(
                    start=match.start(),
                    end=match.end(),
                    words=raw[slice(*match.span())],
                    customers=(customer,),
                )

    def _of_domain(self, host: str) -> Customer | None:
        """The customer of a domain or of a domain above it."""
        labels = host.split(".")
        return next(
            (
                self._domains[parent]
                for parent in (".".join(labels[index:]) for index in range(len(labels)))
                if parent in self._domains
            ),
            None,
        )

    def _by_words(self, raw: str, plain: str, words: Sequence[Word]) -> Iterator[Mention]:
        index = 0
        while index < len(words):
            for size in (5, 4, 3, 2, 1):
                run = words[index : index + size]
                if len(run) < size or not _adjacent(plain, run):
                    continue
                mention = self._mention(raw, plain, run, words[index - 1] if index else None)
                if mention and not (mention.contacts and size == 1 and self._surname_follows(raw, plain, words, index)):
                    yield mention
                    break
            else:
                size = 1
            index += size

    def _in_lower_case(
        self, raw: str, plain: str, words: Sequence[Word], found: Sequence[Mention]
    ) -> Iterator[Mention]:
        """Ordinary words that can only be a name where they stand: "pendiente con andinas", "factura de ibericos"."""
        for index, word in enumerate(words[1:], start=1):
            customers = self._customers.get((word.plain,)) or self._derived.get((word.plain,))
            previous = words[index - 1]
            taken = any(mention.start < word.end and word.start < mention.end for mention in found)
            if (
                not customers
                or taken
                or word.plain not in ORDINARY[self._language]
                or (word.plain,) in self._exact_case
            ):
                continue
            beside = any(mention.customers and mention.end == previous.start - 1 for mention in found)
            alone = not words[index + 1 :] or words[index + 1].plain in FRAME[self._language]
            alone = alone or plain[word.end : word.end + 1] not in (" ", "")
            goes_on = words[0].plain in _AND or words[0].plain == "what"  # "y a mercado?", "what about atlas?"
            only = goes_on and index == len(words) - 1 and all(held.plain in _AND_OF_WHOM for held in words[:index])
            framed = previous.plain in FRAME[self._language] or previous.plain in FILLER  # no noun: "¿se va andinas?"
            if alone and (
                previous.plain in _COMPANY
                or only
                or _DOES.fullmatch(previous.plain)
                or (word.plain in ADJECTIVES and (framed or previous.plain in _BEFORE))
                or (beside and previous.plain in _AND)
            ):
                yield Mention(
                    start=word.start, end=word.end, words=raw[word.start : word.end], customers=tuple(customers)
                )

    def _surname_follows(self, raw: str, plain: str, words: Sequence[Word], index: int) -> bool:
        """Whether "Maria" is "Maria Lopez", whom nobody knows: another person than the Maria on record."""
        following = words[index + 1 : index + 2]
        return bool(
            following
            and continues_name(words[index], following[0], plain)
            and following[0].plain not in FRAME[self._language]
            and self._mention(raw, plain, following, words[index]) is None
        )

    def _mention(self, raw: str, plain: str, run: Sequence[Word], previous: Word | None) -> Mention | None:
        key = tuple(word.plain for word in run)
        customers: Sequence[Customer] = ()
        contacts: Sequence[Contact] = ()
        if self._customers.get(key) and self._meant(run, previous, key, registered=True):
            customers = self._customers[key]
        elif self._contacts.get(key) and self._meant(run, previous, key, registered=False):
            contacts = self._contacts[key]
        elif self._derived.get(key) and self._meant(run, previous, key, registered=False):
            customers = self._derived[key]
        elif self._surnames.get(key) and run[0].capital and self._meant(run, previous, key, registered=False):
            contacts = self._surnames[key]
        else:
            customers = self._misspelt_customers(run)
        if not customers and not contacts:
            return None
        start, end = run[0].start, run[-1].end
        possessive = _POSSESSIVE.match(plain, end)
        return Mention(
            start=start,
            end=possessive.end() if possessive else end,
            words=raw[start:end],
            customers=tuple(customers),
            contacts=tuple(contacts),
        )

    def _meant(self, run: Sequence[Word], previous: Word | None, key: tuple[str, ...], *, registered: bool) -> bool:
        """Whether the words name somebody here, rather than being the ordinary words they also are."""
        if len(run) > 1:
            return True
        word = run[0]
        if key in self._exact_case:
            return word.raw == self._exact_case[key]
        if word.plain in CALENDAR_WORDS:
            return word.capital and previous is not None and previous.plain in _TO_SOMEBODY
        if word.plain in ORDINARY[self._language]:
            spoken_of = previous is not None and previous.plain in _SPOKEN_OF  # "does rose like it?"
            is_one = previous is not None and previous.plain in _IS and word.plain in _GIVEN  # "is rose happy?"
            somebody = key in self._contacts and (is_one or (spoken_of and word.plain not in _ALSO_VERBS))
            return (word.capital and (registered or not word.first)) or somebody
        return True

    def _misspelt_customers(self, run: Sequence[Word]) -> list[Customer]:
        """Customers whose name was written with a slip; ordinary words and people's names are no slips."""
        if len(run) > 3 or (run[0].plain,) in self._contacts:
            return []
        written = tuple(word.plain for word in run)  # as it stands it was judged before
        near = [self._near(word) for word in run]
        for names in (self._customers, self._derived):
            keys = [key for key in product(*near) if key != written]
            found = [customer for key in keys for customer in names.get(key, ())]
            if found:
                return found
        return []

    def _near(self, word: Word) -> list[str]:
        """The words of customers' names that this one is, or was probably meant to be."""
        written = word.plain
        if written in self._name_words:
            return [written]
        bare = written.removesuffix("s")
        if self._language == "en" and bare in self._name_words and bare not in ORDINARY_ANYWHERE and len(bare) > 3:
            return [bare]  # "acmes committee": the apostrophe is missing
        if len(written) < 5 or written in ORDINARY_ANYWHERE or written in CALENDAR_WORDS:
            return []
        found = process.extract(written, self._name_words, scorer=OSA.distance, score_cutoff=2, limit=None)
        return [name for name, distance, _ in found if _misspelling(word, name, round(distance))]


def misspelt(word: str, contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """Contacts whose given name was probably meant; another ending is another name (Daniel, Daniela)."""
    return tuple(
        contact
        for contact in contacts
        for given in _words_of(contact.name)[:1]
        if len(word) >= 5 and given[-1] == word[-1] and OSA.distance(given, word, score_cutoff=1) <= 1
    )


def _misspelling(word: Word, name: str, distance: int) -> bool:
    """One slip, or two in a long word, never in its first letter."""
    if len(name) < 6 or name in ORDINARY_ANYWHERE or word.plain[0] != name[0]:
        return False
    if distance > (1 if len(name) < 10 else 2):
        return False
    # In lower case "andina" is the adjective, not a careless "Andinas".
    return word.capital or _stem(word.plain) != _stem(name)


def _stem(word: str) -> str:
    return word.rstrip("s").rstrip("aeo")


def _adjacent(plain: str, run: Sequence[Word]) -> bool:
    """Only blanks, hyphens, dots and the like between the words: no comma, no end of sentence."""
    return all(
        set(plain[left.end : right.start]) <= set(" -.&'/+")
        and (not right.first or plain[left.end : right.start] == ".")
        for left, right in pairwise(run)
    )


@lru_cache(maxsize=1 << 16)
def _words_of(name: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(name)))


def _distinctive(name: str) -> str:
    """The first word of a customer's name that is no article and no ordinary word, else the first that is no article."""
    words = [word for word in _words_of(name) if word not in _ARTICLES]
    return next((word for word in words if word not in ORDINARY_ANYWHERE), words[0] if words else "")


def _put(names: dict[tuple[str, ...], list[_Named]], key: tuple[str, ...], item: _Named) -> None:
    held = names.setdefault(key, [])
    if item not in held:
        held.append(item)
