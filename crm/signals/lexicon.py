"""Concepts a mail can name, and every form of their words in English, Spanish and Portuguese."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product
from math import inf, prod
from types import MappingProxyType
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
_NONE: Mapping[str, frozenset[str]] = MappingProxyType({})
# A phrase with more fillings is matched, but not written out for a search.
_MOST_FILLINGS = 200
LANGUAGES = ("en", "es", "pt")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SLOT = re.compile(r"\{(\w+)\}")


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


@dataclass(kw_only=True, eq=False, repr=False)
class Node:
    """A graph over folded words; `terms` are those of the form that ends here.

    `after` leads on by a piece of a pattern, `children` by a word: every word of a slot leads to the slot's one node.
    """

    after: dict[str, "Node"] = field(default_factory=dict)
    children: dict[str, list["Node"]] = field(default_factory=dict)
    terms: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The forms as a graph; per term the folded words that, beside it, make it harmless, `unless` another is near."""

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
    forms = [(form, concept.term) for concept in critical for form in concept.forms | concept.patterns]
    forms += [(form, HARMLESS) for concept in critical for form in concept.harmless]
    forms += [(_plain(form), term) for typed, term in sorted(extra) for form in _inflected(typed)]
    return compiled(
        forms,
        _by_term((concept.term, concept.beside) for concept in critical),
        _by_term((concept.term, concept.unless) for concept in critical),
        _slots(),
    )


def _by_term(pairs: Iterable[tuple[str, frozenset[str]]]) -> dict[str, frozenset[str]]:
    joined: dict[str, frozenset[str]] = {}
    for term, found in pairs:
        joined[term] = joined.get(term, frozenset()) | found
    return joined


def lexicon_of(terms: Iterable[str]) -> Lexicon:
    """Return a lexicon of every form of the words a user typed, each hit named by the word typed."""
    return compiled([(_plain(form), term) for term in terms for form in expand(term)])


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
    return frozenset(form for concept in found for form in concept.forms) | {term.strip().lower()}


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


def _plain(form: str) -> str:
    """Its words alone: the signs of a pattern mean nothing in what a user types."""
    return " ".join(_folds(form))


def _inflected(term: str) -> set[str]:
    typed = " ".join(term.lower().split())
    return inflection.guess(typed) if typed.isalpha() else {typed} - {""}


@cache
def _folded(concept: Concept) -> frozenset[str]:
    return frozenset(" ".join(word for word, _, _ in words(form)) for form in concept.forms)


def compiled(
    forms: Iterable[tuple[str, str]],
    beside: Mapping[str, frozenset[str]] = _NONE,
    unless: Mapping[str, frozenset[str]] = _NONE,
    slots: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Lexicon:
    """Return the lexicon of (form or pattern, term) pairs."""
    root = Node()
    for form, term in sorted(forms):
        node = root
        for piece in form.split():
            node = _after(node, piece, slots)
        if node is not root and term not in node.terms:
            node.terms.append(term)
    return Lexicon(root=root, beside=beside, unless=unless)


def _after(node: Node, piece: str, slots: Mapping[str, Sequence[str]]) -> Node:
    """The node a piece of a pattern leads to, made when it is the first."""
    slot = _SLOT.fullmatch(piece)
    if slot is None:
        for step in (piece,) if piece in (GAP, FAR, EDGE) else _folds(piece):
            node = _step(node, step)
        return node
    if piece not in node.after:
        target = node.after[piece] = Node()
        for *steps, last in sorted({_folds(written) for written in slots[slot[1]]}):
            here = node
            for step in steps:
                here = _step(here, step)
            here.children.setdefault(last, []).append(target)
    return node.after[piece]


def _step(node: Node, step: str) -> Node:
    if step not in node.after:
        node.after[step] = Node()
        node.children.setdefault(step, []).append(node.after[step])
    return node.after[step]


def _folds(text: str) -> tuple[str, ...]:
    return tuple(word for word, _, _ in words(text))


@cache
def _data() -> Mapping[str, Any]:
    read: Mapping[str, Any] = yaml.safe_load(files("crm.signals").joinpath("keywords.yaml").read_text(encoding="utf-8"))
    return read


@cache
def _slots() -> Mapping[str, Sequence[str]]:
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
        beside=frozenset(fold(word) for word in entry.get("beside", ())),
        unless=frozenset(fold(word) for word in entry.get("unless", ())),
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
    return prod(len(_slots()[name]) for name in _SLOT.findall(phrase))


def _filled(phrase: str) -> Iterator[str]:
    """Every word of its slot in place of each {name}."""
    for choice in product(*(_slots()[name] for name in _SLOT.findall(phrase))):
        form = phrase
        for word in choice:
            form = _SLOT.sub(word, form, count=1)
        yield form.lower()
