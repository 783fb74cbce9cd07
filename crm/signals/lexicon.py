"""Concepts a mail can name, and every form of their words in English, Spanish and Portuguese."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import product
from types import MappingProxyType
from typing import Any

import yaml

from crm.signals import inflection

GAP = "~"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Concept:
    """One word in three languages: `forms` as written (with `GAP` for up to three words), counted as
    `term`.
    """

    name: str
    term: str
    critical: bool
    forms: frozenset[str]
    beside: frozenset[str]


@dataclass(kw_only=True)
class Node:
    """A trie over folded words; `terms` are those of the form that ends here."""

    children: dict[str, "Node"] = field(default_factory=dict)
    terms: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The forms as a trie, and per term the folded words that, beside it, make it harmless."""

    root: Node
    beside: Mapping[str, frozenset[str]]


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
    typed).
    """
    critical = [concept for concept in concepts() if concept.critical]
    forms = [(form, concept.term) for concept in critical for form in concept.forms]
    forms += [(form, term) for typed, term in (extra or {}).items() for form in _inflected(typed)]
    beside: dict[str, frozenset[str]] = {}
    for concept in critical:
        beside[concept.term] = beside.get(concept.term, frozenset()) | concept.beside
    return compiled(forms, beside)


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


def compiled(forms: Iterable[tuple[str, str]], beside: Mapping[str, frozenset[str]] = MappingProxyType({})) -> Lexicon:
    """Return the lexicon of (form, term) pairs."""
    root = Node()
    for form, term in sorted(forms):
        node = root
        for word in (word for piece in form.split() for word, _, _ in _pieces(piece)):
            node = node.children.setdefault(word, Node())
        if node is not root and term not in node.terms:
            node.terms.append(term)
    return Lexicon(root=root, beside=beside)


def _pieces(piece: str) -> Iterable[tuple[str, int, int]]:
    return ((GAP, 0, 0),) if piece == GAP else words(piece)


@cache
def concepts() -> tuple[Concept, ...]:
    """Return the concepts of keywords.yaml."""
    data = yaml.safe_load(files("crm.signals").joinpath("keywords.yaml").read_text(encoding="utf-8"))
    return tuple(_concept(name, entry, data["words"]) for name, entry in data["concepts"].items())


def _concept(name: str, entry: Mapping[str, Any], slots: Mapping[str, list[str]]) -> Concept:
    forms: set[str] = set()
    for language in ("en", "es", "pt"):
        listed = entry.get(language, {})
        forms |= {form for verb in listed.get("verbs", ()) for form in _verb(language, verb)}
        forms |= {form for noun in listed.get("nouns", ()) for form in _noun(language, noun)}
        forms |= {form for phrase in listed.get("phrases", ()) for form in _filled(phrase, slots)}
    beside = frozenset(fold(word) for word in entry.get("beside", ()))
    return Concept(
        name=name,
        term=entry.get("as", name),
        critical=bool(entry.get("critical")),
        forms=frozenset(forms),
        beside=beside,
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
