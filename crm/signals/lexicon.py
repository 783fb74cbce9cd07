"""Every form of the concepts a mail can name as one graph to match, and what a word a user types stands for."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import MappingProxyType

from crm.signals import inflection
from crm.signals.concepts import EDGE, FAR, GAP, HARMLESS, SLOT, Concept, concepts, slot_words
from crm.signals.glossary import english, same_words

_NONE: Mapping[str, frozenset[str]] = MappingProxyType({})
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


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


@lru_cache(maxsize=1 << 16)
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


def vocabulary(text: str) -> frozenset[str]:
    """Every word of `text`, folded, once; also without its genitive."""
    found = set(_WORD.findall(text.lower())) if text.isascii() else {fold(word) for word in set(_WORD.findall(text))}
    if "'" in text or "’" in text:
        found |= {word[:-2] for word in found if word.endswith("'s")}
    return frozenset(found)


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
    return compiled(
        forms + _forms_of(extra),
        _by_term((concept.term, concept.beside) for concept in critical),
        _by_term((concept.term, concept.unless) for concept in critical),
        slot_words(),
    )


def load_own_lexicon(extra: Mapping[str, str]) -> Lexicon:
    """Return a workspace's additions alone: they are found wherever they stand, whatever the built-in lists make of it."""
    return _own(frozenset(extra.items()))


@lru_cache(maxsize=8)
def _own(extra: frozenset[tuple[str, str]]) -> Lexicon:
    return compiled(_forms_of(extra))


def _forms_of(extra: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(_plain(form), term) for typed, term in sorted(extra) for form in _inflected(typed)]


def _by_term(pairs: Iterable[tuple[str, frozenset[str]]]) -> dict[str, frozenset[str]]:
    joined: dict[str, frozenset[str]] = {}
    for term, found in pairs:
        joined[term] = joined.get(term, frozenset()) | {fold(word) for word in found}
    return joined


def lexicon_of(terms: Iterable[str]) -> Lexicon:
    """Return a lexicon of every form of the words a user typed, each hit named by the word typed.

    What holds a form of the concept and means something else ("de baja" of somebody who is ill) is no hit, unless the
    word itself stands there.
    """
    return _lexicon_of(tuple(terms))


@lru_cache(maxsize=128)
def _lexicon_of(words_typed: tuple[str, ...]) -> Lexicon:
    forms = [(_plain(form), term) for term in words_typed for form in expand(term)]
    typed = {fold(form) for term in words_typed for form in _inflected(term)}
    harmless = {phrase for term in words_typed for concept in _concepts_of(term) for phrase in concept.harmless}
    forms += [(phrase, HARMLESS) for phrase in harmless if not typed & _words_within(phrase)]
    return compiled(forms, slots=slot_words())


def _concepts_of(term: str) -> list[Concept]:
    key = " ".join(word for word, _, _ in words(term))
    return [concept for concept in concepts() if concept.name == key.replace(" ", "_") or key in _folded(concept)]


def _words_within(phrase: str) -> set[str]:
    """The folded words of a phrase, those of its slots included."""
    named = [word for slot in SLOT.findall(phrase) for word in slot_words()[slot]]
    return {fold(word) for word in (*phrase.replace("?", "").split(), *named)}


def expand(term: str) -> frozenset[str]:
    """Return the forms, in the three languages, of a word or phrase a user types.

    "cancelación",
    "cancels" and "cancel" give the same forms; a word that is in no concept gives itself and its
    likely inflections. Forms are lower-cased with their accents; compare them without (`fold`).
    """
    found = _concepts_of(term)
    if not found:
        return frozenset(_inflected(term))
    return frozenset(form for concept in found for form in concept.forms) | {term.strip().lower()}


def in_every_language(word: str) -> frozenset[str]:
    """As `expand`, and the words of the glossary too: for search, where a word more does no harm."""
    return expand(word) | same_words(word)


def canonical(word: str) -> str:
    """Return one name for a word in whatever language: that of its concept, else the English one, or the word itself."""
    named = [concept.name for concept in _concepts_of(word)]
    return named[0].replace("_", " ") if named else english(word) or word


def critical_terms(word: str) -> frozenset[str]:
    """Return the critical terms that a word or phrase in whatever language names; mostly none."""
    return frozenset(concept.term for concept in _concepts_of(word) if concept.critical)


def concept_forms(word: str) -> frozenset[str]:
    """Return the forms of a word's concept in the three languages, or the word alone when it has none."""
    return frozenset(form for concept in _concepts_of(word) for form in _folded(concept)) | {word}


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
    slot = SLOT.fullmatch(piece)
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
