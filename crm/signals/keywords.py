"""Critical words in a mail, with their place, their negation and their condition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm.signals import context, sentences
from crm.signals.lexicon import (
    GAP,
    Lexicon,
    Node,
    compiled,
    expand,
    lexicon_of,
    load_lexicon,
    words,
)

__all__ = ["KeywordHit", "Lexicon", "compiled", "expand", "find", "lexicon_of", "load_lexicon"]

_LONGEST_GAP = 3
_BESIDE = 4

# A word of a sentence, folded, with its place in the sentence.
Word = tuple[str, int, int]


@dataclass(frozen=True, kw_only=True)
class KeywordHit:
    """`form` stands at `start`:`end` of the text searched; `term` is its canonical name.

    `negated`: the sentence denies it. `hypothetical`: the sentence makes it depend on a condition.
    `sentence` is the
    sentence around it with its lines joined.
    """

    term: str
    form: str
    start: int
    end: int
    negated: bool
    hypothetical: bool
    sentence: str


def find(text: str, lexicon: Lexicon | Mapping[str, str]) -> tuple[KeywordHit, ...]:
    """Return every word of the lexicon in `text`, in order; of overlapping forms the longest.

    A mapping (form → term) is compiled first: compile it once with `lexicon_of` or `compiled` to search
    many texts.
    """
    if not isinstance(lexicon, Lexicon):
        lexicon = compiled(lexicon.items())
    hits: list[KeywordHit] = []
    for start, end in sentences.spans(text):
        hits.extend(_in_sentence(text[start:end], start, lexicon))
    return tuple(hits)


def _in_sentence(sentence: str, offset: int, lexicon: Lexicon) -> list[KeywordHit]:
    found = list(words(sentence))
    hits: list[KeywordHit] = []
    taken: dict[str, int] = {}
    closed = 0
    for index, (_, start, _) in enumerate(found):
        if start < closed:
            continue
        for last, gap, term in _matches(lexicon.root, found, index):
            if taken.get(term, -1) >= index or _harmless(found, index, last, lexicon.beside.get(term, frozenset())):
                continue
            end = found[last][2]
            hits.append(
                KeywordHit(
                    term=term,
                    form=sentence[start:end],
                    start=offset + start,
                    end=offset + end,
                    negated=context.is_negated(sentence, start, end),
                    hypothetical=context.is_hypothetical(sentence),
                    sentence=" ".join(sentence.split()),
                )
            )
            taken[term] = last
            if not gap:
                closed = end
            break
    return hits


def _matches(root: Node, found: Sequence[Word], index: int) -> list[tuple[int, bool, str]]:
    """Return (last word, has a gap, term) of every form that begins at a word, the longest first."""
    matches: list[tuple[int, bool, str]] = []
    states = [(root, index, False)]
    while states:
        node, position, gap = states.pop()
        matches.extend((position - 1, gap, term) for term in node.terms)
        if position < len(found) and (child := node.children.get(found[position][0])):
            states.append((child, position + 1, gap))
        if rest := node.children.get(GAP):
            for skipped, (word, _, _) in enumerate(found[position : position + _LONGEST_GAP + 1]):
                if child := rest.children.get(word):
                    states.append((child, position + skipped + 1, True))
    return sorted(matches, key=lambda match: (-match[0], match[1:]))


def _harmless(found: Sequence[Word], first: int, last: int, beside: frozenset[str]) -> bool:
    around = (*found[max(0, first - _BESIDE) : first], *found[last + 1 : last + 1 + _BESIDE])
    return bool(beside) and any(word in beside for word, _, _ in around)
