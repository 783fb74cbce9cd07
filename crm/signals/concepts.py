"""The concepts of keywords.yaml: words of English, Spanish and Portuguese with their forms, phrases and traps."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product
from math import inf, prod
from typing import Any

import yaml

from crm.signals import inflection

GAP = "~"
# A longer gap, for a relative clause: "los correos que … no llegan".
FAR = "~~"
# The clause ends here: "no va" is a fault, "no va a Madrid" none.
EDGE = "$"
# The term of phrases that hold a critical word and mean something else: they take its place and give no hit.
HARMLESS = ""
SLOT = re.compile(r"\{(\w+)\}")
# A phrase with more fillings is matched, but not written out for a search.
_MOST_FILLINGS = 200
LANGUAGES = ("en", "es", "pt")

# How keywords.yaml tells a word's inflection.
_FORMS_OF: Mapping[str, Callable[[str], Set[str]]] = {
    "en": inflection.english_verb,
    "es": inflection.spanish_verb,
    "pt": inflection.portuguese_verb,
    "es3": inflection.spanish_third,
    "pt3": inflection.portuguese_third,
    "also": lambda word: {word},
}


@dataclass(frozen=True, kw_only=True)
class Concept:
    """One word in three languages: `forms` as written, `patterns` with `GAP` or `FAR` (up to three or eight words of
    the clause), `EDGE` and {name} (any word of that slot), both counted as `term`.

    `harmless` phrases hold a form and mean something else. A form beside a word of `beside` is harmless too, `unless`
    one of these words is near: a cancelled meeting is nothing, a contract cancelled in a meeting is.
    """

    name: str
    term: str
    critical: bool
    forms: frozenset[str]
    patterns: frozenset[str]
    beside: frozenset[str]
    unless: frozenset[str]
    harmless: frozenset[str]


@cache
def _data() -> Mapping[str, Any]:
    read: Mapping[str, Any] = yaml.safe_load(files("crm.signals").joinpath("keywords.yaml").read_text(encoding="utf-8"))
    return read


@cache
def slot_words() -> Mapping[str, Sequence[str]]:
    """The words of every {name}."""
    return {name: _words_of(entry) for name, entry in _data()["words"].items()}


@cache
def concepts() -> tuple[Concept, ...]:
    """Return the concepts of keywords.yaml."""
    return tuple(_concept(name, entry) for name, entry in _data()["concepts"].items())


def _words_of(entry: Sequence[str] | Mapping[str, Sequence[str]]) -> Sequence[str]:
    """The words of a slot: as listed, or every form of the verbs given by language."""
    if not isinstance(entry, Mapping):
        return entry
    return sorted({form for kind, given in entry.items() for word in given for form in _FORMS_OF[kind](word)})


def _concept(name: str, entry: Mapping[str, Any]) -> Concept:
    forms: set[str] = set()
    phrases: set[str] = set()
    for language in LANGUAGES:
        listed = entry.get(language, {})
        forms |= {form for verb in listed.get("verbs", ()) for form in _FORMS_OF[language](verb)}
        forms |= {form for noun in listed.get("nouns", ()) for form in _noun(language, noun)}
        phrases |= {variant for phrase in listed.get("phrases", ()) for variant in _variants(phrase)}
    patterns = {phrase for phrase in phrases if not {GAP, EDGE, "{"}.isdisjoint(phrase)}
    forms |= phrases - patterns
    forms |= {form for phrase in patterns if _fillings(phrase) <= _MOST_FILLINGS for form in _filled(phrase)}
    return Concept(
        name=name,
        term=entry.get("as", name),
        critical=bool(entry.get("critical")),
        forms=frozenset(forms),
        patterns=frozenset(patterns),
        beside=frozenset(entry.get("beside", ())),
        unless=frozenset(entry.get("unless", ())),
        harmless=frozenset(variant for phrase in entry.get("harmless", ()) for variant in _variants(phrase)),
    )


def _variants(phrase: str) -> Iterator[str]:
    """The phrase with and without every piece that ends in a question mark."""
    for pieces in product(*((piece[:-1], "") if piece.endswith("?") else (piece,) for piece in phrase.lower().split())):
        yield " ".join(piece for piece in pieces if piece)


def _noun(language: str, noun: str) -> set[str]:
    if language == "en":
        *before, last = noun.split()
        return {" ".join((*before, form)) for form in inflection.english_noun(last)}
    return {noun} if " " in noun else inflection.romance_noun(noun)


def _fillings(phrase: str) -> float:
    """How many forms a phrase stands for; beyond counting with a gap."""
    if GAP in phrase or EDGE in phrase:
        return inf
    return prod(len(slot_words()[name]) for name in SLOT.findall(phrase))


def _filled(phrase: str) -> Iterator[str]:
    """Every word of its slot in place of each {name}."""
    for choice in product(*(slot_words()[name] for name in SLOT.findall(phrase))):
        form = phrase
        for word in choice:
            form = SLOT.sub(word, form, count=1)
        yield form.lower()
