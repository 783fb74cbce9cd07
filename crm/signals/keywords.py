"""Critical words in a mail, with their place, their negation and their condition."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import takewhile

from crm.signals import condition, context, sentences
from crm.signals.concepts import EDGE, FAR, GAP, HARMLESS
from crm.signals.lexicon import Lexicon, Node, compiled, expand, lexicon_of, load_lexicon, words

__all__ = ["KeywordHit", "Lexicon", "compiled", "expand", "find", "lexicon_of", "load_lexicon"]

# How many words each gap of a pattern may hold.
_LONGEST = ((GAP, 3), (FAR, 8))
_STOP = re.compile(r"[,;:.!?()\[\]…–—]")
# Terms that name a trouble, which can be over.
_TROUBLES = frozenset(("problem", "critical_bug"))
_BESIDE = 4
# Folded: what the passive voice ends in, and who does something himself.
_PARTICIPLES = ("ed", "ado", "ada", "ados", "adas")
_SPEAKERS = frozenset(("i", "we", "they", "he", "she", "you", "yo", "nosotros", "ellos", "eu", "nos", "eles", "voces"))

# Behind these stands when, where or why, and no longer what: "we cancelled after the call".
_ELSEWHERE = frozenset(
    "after before during since because in at on when once following despues antes durante desde porque en tras cuando por "
    "depois apos porque em na no nas nos quando por".split()
)

# A word of a sentence, folded, with its place in the sentence.
Word = tuple[str, int, int]


@dataclass(frozen=True, kw_only=True)
class KeywordHit:
    """`form` stands at `start`:`end` of the text searched; `term` is its canonical name.

    `negated`: the sentence denies it, or tells a problem as solved. `hypothetical`: the sentence makes it depend on a condition.
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
    barren: set[str] = set()  # tables and logs repeat their lines
    for start, end in sentences.spans(text):
        sentence = text[start:end]
        if sentence not in barren:
            refused = sentence.endswith("?") and context.is_refused(text[end : end + context.ANSWER])
            found = _in_sentence(sentence, start, lexicon, refused)
            hits.extend(found)
            if not found:
                barren.add(sentence)
    return tuple(hits)


def _in_sentence(sentence: str, offset: int, lexicon: Lexicon, refused: bool) -> list[KeywordHit]:
    found = list(words(sentence))
    # Every form begins with a word, and few words begin one.
    begins = [index for index, (word, _, _) in enumerate(found) if _following(lexicon.root, word)]
    if not begins:
        return []
    ends = _clause_ends(sentence, found)
    hits: list[KeywordHit] = []
    taken: dict[str, int] = {}
    ended: set[int] = set()
    closed = 0
    hypothetical: bool | None = None
    for index in begins:
        if found[index][1] < closed or index in ended:
            continue
        for last, gap, term in _matches(lexicon.root, found, ends, index):
            start, end = found[index][1], found[last][2]
            if term == HARMLESS:
                closed = end
                break
            if taken.get(term, -1) >= index or _is_harmless(found, index, last, term, lexicon):
                continue
            if context.is_title(sentence, start):
                break
            if hypothetical is None:
                hypothetical = condition.is_hypothetical(sentence)
            hits.append(
                KeywordHit(
                    term=term,
                    form=sentence[start:end],
                    start=offset + start,
                    end=offset + end,
                    negated=refused
                    or context.is_negated(sentence, start, end)
                    or _is_denied_within(sentence, found, index, last, gap)
                    or (term in _TROUBLES and context.is_resolved(sentence, start, end)),
                    hypothetical=hypothetical or condition.is_possible(sentence, start, end),
                    sentence=" ".join(sentence.split()),
                )
            )
            taken[term] = last
            ended.add(last)
            if not gap:
                closed = end
            break
    return hits


def _is_denied_within(sentence: str, found: Sequence[Word], first: int, last: int, gap: Sequence[int]) -> bool:
    """True where the denial stands in a gap of the form: "the contract is not being terminated"."""
    between = [found[index][0] for index in gap]
    form = [found[index][0] for index in range(first, last + 1) if index not in gap]
    return context.denies(between, sentence) and not context.denies(form, sentence)


def _matches(root: Node, found: Sequence[Word], ends: Set[int], index: int) -> list[tuple[int, tuple[int, ...], str]]:
    """Return (last word, the words in its gaps, term) of every form that begins at a word, the longest first."""
    matches: set[tuple[int, tuple[int, ...], str]] = set()
    states: list[tuple[Node, int, tuple[int, ...]]] = [(root, index, ())]
    while states:
        node, position, gap = states.pop()
        matches.update((position - 1, gap, term) for term in node.terms)
        if position < len(found):
            states.extend((child, position + 1, gap) for child in _following(node, found[position][0]))
        if position - 1 in ends:
            states.extend((child, position, gap) for child in node.children.get(EDGE, ()))
        for rest, longest in ((rest, longest) for mark, longest in _LONGEST for rest in node.children.get(mark, ())):
            for after in range(position, min(len(found), position + longest + 1)):
                between = (*gap, *range(position, after))
                states.extend((child, after + 1, between) for child in _following(rest, found[after][0]))
                if after in ends:
                    break
    return sorted(matches, key=lambda match: (-match[0], len(match[1]), match[2], match[1]))


def _following(node: Node, word: str) -> Sequence[Node]:
    """Where a word leads, or without its genitive: "Zentria's offer"."""
    return node.children.get(word, ()) or node.children.get(word.removesuffix("'s"), ())


def _clause_ends(sentence: str, found: Sequence[Word]) -> Set[int]:
    """The words behind which a clause ends: the last one, and those before a comma, a colon and the like."""
    stops = [stop.span() for stop in _STOP.finditer(sentence)]
    last = len(found) - 1
    before = ((bisect_right(found, start, key=_end) - 1, end) for start, end in stops)
    return {index for index, end in before if 0 <= index < last and end <= found[index + 1][1]} | {last}


def _end(word: Word) -> int:
    return word[2]


def _is_harmless(found: Sequence[Word], first: int, last: int, term: str, lexicon: Lexicon) -> bool:
    """True for what stands beside something else than the customer's contract: "cancel the meeting", "the flight was
    cancelled". "After the call we will cancel" is none: only a participle or a neighbour looks back.
    """
    beside = lexicon.beside.get(term)
    if not beside:
        return False
    unless = lexicon.unless.get(term, frozenset())
    after = list(
        takewhile(lambda word: word not in _ELSEWHERE, (word for word, _, _ in found[last + 1 : last + 1 + _BESIDE]))
    )
    reflexive = first > 0 and found[first - 1][0] == "se"
    reach = _BESIDE if reflexive or found[last][0].endswith(_PARTICIPLES) else 1
    before = [word for word, _, _ in found[max(0, first - reach) : first]]
    if any(word in _SPEAKERS for word in before):
        before = []
    return any(word in beside for word in (*before, *after)) and not any(word in unless for word in (*before, *after))
