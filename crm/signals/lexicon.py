"""Concepts a mail can name, and every form of their words in English, Spanish and Portuguese."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product
from types import MappingProxyType
from typing import Any

import yaml

from crm.signals import inflection

GAP = "~"
# The term of phrases that hold a critical word and mean something else: they take its place and give no hit.
HARMLESS = ""
_NONE: Mapping[str, frozenset[str]] = MappingProxyType({})
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Concept:
    """One word in three languages: `forms` as written (with `GAP` for up to three words), counted as `term`.

    `harmless` phrases hold a form and mean something else. A form beside a word of `beside` is harmless too, `unless`
    one of these words is near: a cancelled meeting is nothing, a contract cancelled in a meeting is.
    """

    name: str
    term: str
    critical: bool
    forms: frozenset[str]
    beside: frozenset[str]
    unless: frozenset[str]
    harmless: frozenset[str]


@dataclass(kw_only=True)
class Node:
    """A trie over folded words; `terms` are those of the form that ends here."""

    children: dict[str, "Node"] = field(default_factory=dict)
    terms: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The forms as a trie; per term the folded words that, beside it, make it harmless, `unless` another is near."""

    root: Node
    beside: Mapping[str, frozenset[str]]
    unless: Mapping[str, frozenset[str]]


def fold(word: str) -> str:
    """Return a word without case and accents."""
    if word.isascii():
        return word.lower().replace("’", "'")
    decomposed = unicodedata.normalize("NFKD", word.casefold().replace("’", "'"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield every word of `text`, folded, with its place in `text`."""
    for match in _WORD.finditer(text):
        yield fold(match[0]), match.start(), match.end()


def load_lexicon(extra: Mapping[str, str] | None = None) -> Lexicon:
    """Return the built-in critical terms with a workspace's additions (form → canonical term, both as
    typed). Compiling takes about a second, so the last few are kept.
    """
    return _critical(frozenset((extra or {}).items()))


@lru_cache(maxsize=8)
def _critical(extra: frozenset[tuple[str, str]]) -> Lexicon:
    critical = [concept for concept in concepts() if concept.critical]
    forms = [(form, concept.term) for concept in critical for form in concept.forms]
    forms += [(form, HARMLESS) for concept in critical for form in concept.harmless]
    forms += [(form, term) for typed, term in sorted(extra) for form in _inflected(typed)]
    return compiled(
        forms,
        _by_term((concept.term, concept.beside) for concept in critical),
        _by_term((concept.term, concept.unless) for concept in critical),
    )


def _by_term(pairs: Iterable[tuple[str, frozenset[str]]]) -> dict[str, frozenset[str]]:
    joined: dict[str, frozenset[str]] = {}
    for term, found in pairs:
        joined[term] = joined.get(term, frozenset()) | found
    return joined


def lexicon_of(terms: Iterable[str]) -> Lexicon:
    """Return a lexicon of every form of the words a user typed, each hit named by the word typed."""
    return compiled([(form, term) for term in terms for form in expand(term)])


def expand(term: str) -> frozenset[str]:
    """Return the forms, in the three languages, of a word or phrase a user types.

    "cancelación",
    "cancels" and "cancel" give the same forms; a word that is in no concept gives itself and its
    likely inflections. Forms are lower-cased with their accents; compare them without (`fold`).
    """
    key = " ".join(word for word, _, _ in words(term))
    found = [concept for concept in concepts() if concept.name == key.replace(" ", "_") or key in _folded(concept)]
    if not found:
        return frozenset(_inflected(term))
    return frozenset(form for concept in found for form in concept.forms if GAP not in form) | {term.strip().lower()}


def canonical(word: str) -> str:
    """Return one name for a word in whatever language: that of its concept, or the word itself."""
    key = " ".join(part for part, _, _ in words(word))
    named = [concept.name for concept in concepts() if concept.name == key.replace(" ", "_") or key in _folded(concept)]
    return named[0].replace("_", " ") if named else word


def concept_forms(word: str) -> frozenset[str]:
    """Return the forms of a word's concept in the three languages, or the word alone when it has none."""
    key = " ".join(part for part, _, _ in words(word))
    found = [concept for concept in concepts() if concept.name == key.replace(" ", "_") or key in _folded(concept)]
    return frozenset(form for concept in found for form in _folded(concept)) | {word}


def _inflected(term: str) -> set[str]:
    typed = " ".join(term.lower().split())
    return inflection.guess(typed) if typed.isalpha() else {typed} - {""}


@cache
def _folded(concept: Concept) -> frozenset[str]:
    return frozenset(" ".join(word for word, _, _ in words(form)) for form in concept.forms if GAP not in form)


def compiled(
    forms: Iterable[tuple[str, str]],
    beside: Mapping[str, frozenset[str]] = _NONE,
    unless: Mapping[str, frozenset[str]] = _NONE,
) -> Lexicon:
    """Return the lexicon of (form, term) pairs."""
    root = Node()
    for form, term in sorted(forms):
        node = root
        for word in (word for piece in form.split() for word, _, _ in _pieces(piece)):
            node = node.children.setdefault(word, Node())
        if node is not root and term not in node.terms:
            node.terms.append(term)
    return Lexicon(root=root, beside=beside, unless=unless)


def _pieces(piece: str) -> Iterable[tuple[str, int, int]]:
    return ((GAP, 0, 0),) if piece == GAP else words(piece)


@cache
def concepts() -> tuple[Concept, ...]:
    """Return the concepts of keywords.yaml."""
    data = yaml.safe_load(files("crm.signals").joinpath("keywords.yaml").read_text(encoding="utf-8"))
    slots = {name: _words_of(entry) for name, entry in data["words"].items()}
    return tuple(_concept(name, entry, slots) for name, entry in data["concepts"].items())


def _words_of(entry: list[str] | Mapping[str, list[str]]) -> list[str]:
    """The words of a slot: as listed, or every form of the verbs given by language."""
    if isinstance(entry, list):
        return entry
    return sorted({form for language, verbs in entry.items() for verb in verbs for form in _verb(language, verb)})


def _concept(name: str, entry: Mapping[str, Any], slots: Mapping[str, list[str]]) -> Concept:
    forms: set[str] = set()
    for language in ("en", "es", "pt"):
        listed = entry.get(language, {})
        forms |= {form for verb in listed.get("verbs", ()) for form in _verb(language, verb)}
        forms |= {form for noun in listed.get("nouns", ()) for form in _noun(language, noun)}
        forms |= {form for phrase in listed.get("phrases", ()) for form in _filled(phrase, slots)}
    return Concept(
        name=name,
        term=entry.get("as", name),
        critical=bool(entry.get("critical")),
        forms=frozenset(forms),
        beside=frozenset(fold(word) for word in entry.get("beside", ())),
        unless=frozenset(fold(word) for word in entry.get("unless", ())),
        harmless=frozenset(form for phrase in entry.get("harmless", ()) for form in _filled(phrase, slots)),
    )


def _verb(language: str, verb: str) -> set[str]:
    if language == "en":
        return inflection.english_verb(verb)
    return inflection.spanish_verb(verb) if language == "es" else inflection.portuguese_verb(verb)


def _noun(language: str, noun: str) -> set[str]:
    if language == "en":
        *before, last = noun.split()
        return {" ".join((*before, form)) for form in inflection.english_noun(last)}
    return {noun} if " " in noun else inflection.romance_noun(noun)


def _filled(phrase: str, slots: Mapping[str, list[str]]) -> set[str]:
    """Put every word of its slot in place of each {name}."""
    names = _SLOT.findall(phrase)
    filled = set()
    for choice in product(*(slots[name] for name in names)):
        form = phrase
        for word in choice:
            form = _SLOT.sub(word, form, count=1)
        filled.add(form.lower())
    return filled
