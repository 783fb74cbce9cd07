"""Critical words as the product marks them: found by rules, weighed by a reader that knows whole sentences."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from crm.index.embedder import Embedder
from crm.signals import sentences
from crm.signals.keywords import KeywordHit, find, load_lexicon
from crm.signals.lexicon import load_own_lexicon
from crm.signals.polarity import spoken
from crm.signals.reader import MARKS, MOST_PIECES, TERMS, SentenceReader, affordable, load_gate, worth_a_look

# Chosen for the first reader, on 750 sentences by strangers that it had not learnt from; today's has. Where the
# reader is as sure as that of a term's absence, a rule's hit is dropped; of its presence, one is added; of a mark, the
# rule's is replaced, unless it finds the term itself unlikely.
_ABSENT, _PRESENT, _MARK, _LIKELY = 0.97, 0.9, 0.6, 0.5
# How likely a sentence without any hit must be to hold some term before it is read.
_WORTH_READING = 0.4

Span = tuple[int, int]


class KeywordReader:
    """Without a reader the rules decide alone. Raises ValueError for an embedder that the gate was not trained on."""

    def __init__(self, embedder: Embedder, reader: SentenceReader | None) -> None:
        self._embedder, self._reader = embedder, reader
        self._gate = load_gate(embedder.id) if reader else None

    def find(self, text: str, extra_terms: Mapping[str, str]) -> tuple[KeywordHit, ...]:
        """Every critical word of a mail's new text, in order. `extra_terms`: the workspace's own, form → canonical term, which
        are never dropped, for somebody wants to see them.
        """
        hits, own = _with_own(text, find(text, load_lexicon(extra_terms)), extra_terms)
        if self._reader is not None:
            hits = tuple(self._weighed(text, sorted(hits, key=_place), own))
        return tuple(sorted(hits, key=_place))

    def _weighed(self, text: str, hits: Sequence[KeywordHit], own: set[tuple[int, int, str]]) -> Iterable[KeywordHit]:
        held = _by_sentence(text, hits)
        said = {span: " ".join(text[span[0] : span[1]].split()) for span in held}
        read = self._read(list(dict.fromkeys(said.values())), {said[span] for span, inside in held.items() if inside})
        for span, inside in held.items():
            likely = read.get(said[span])
            if likely is None:
                yield from inside
            else:
                yield from _kept(inside, likely, own)
                if not _is_quoted(said[span]):
                    yield from _added(text, span, said[span], inside, likely)

    def _read(self, said: Sequence[str], with_hits: set[str]) -> dict[str, NDArray[np.float32]]:
        """What the reader says of the sentences worth it: those with hits first, then the likeliest."""
        first = [sentence for sentence in said if sentence in with_hits]
        others = worth_a_look(other for other in said if other not in with_hits and not _is_quoted(other))
        if others and self._gate:
            worth = self._gate.of(self._embedder.embed([spoken(sentence) for sentence in others]))
            worth = worth.round(3)  # whose last bits depend on what is read together
            order = np.argsort(-worth, kind="stable").tolist()
            first += [others[index] for index in order if worth[index] >= _WORTH_READING]
        chosen = affordable(first, MOST_PIECES)
        return dict(zip(chosen, self._reader.terms(chosen), strict=True)) if chosen and self._reader else {}


def _with_own(
    text: str, hits: tuple[KeywordHit, ...], extra_terms: Mapping[str, str]
) -> tuple[tuple[KeywordHit, ...], set[tuple[int, int, str]]]:
    """The hits with those of the workspace's own words, and the places of the hits that hold one."""
    if not extra_terms:
        return hits, set()
    starts, own, more = [hit.start for hit in hits], set[tuple[int, int, str]](), list[KeywordHit]()
    for hit in find(text, load_own_lexicon(extra_terms)):
        # No form is longer than a sentence, and no sentence longer than that.
        near = hits[bisect_left(starts, hit.start - sentences.LONGEST) : bisect_right(starts, hit.start)]
        around = [other for other in near if other.term == hit.term and other.end >= hit.end]
        own.update(map(_place, around or (hit,)))
        more += [] if around else [hit]
    return (*hits, *more), own


def _by_sentence(text: str, hits: Sequence[KeywordHit]) -> dict[Span, list[KeywordHit]]:
    """The sentences of a text with the hits that begin in them; `hits` are in order."""
    held, rest = dict[Span, list[KeywordHit]](), iter(hits)
    hit = next(rest, None)
    for span in sentences.spans(text):
        held[span] = []
        while hit is not None and hit.start < span[1]:
            held[span].append(hit)
            hit = next(rest, None)
    return held


def _kept(
    hits: Sequence[KeywordHit], likely: NDArray[np.float32], own: set[tuple[int, int, str]]
) -> Iterable[KeywordHit]:
    """The hits of one sentence as the reader sees them; `likely` is (terms, marks)."""
    times = Counter(map(_family, hits))
    for hit in hits:
        if (family := _family(hit)) not in TERMS:
            yield hit
            continue
        row = likely[TERMS.index(family)]
        # A question is denied by the sentence behind it, which the reader does not see.
        answered = hit.negated and hit.sentence.endswith("?")
        if 1 - row[0] > _LIKELY and times[family] == 1 and not answered:
            yield _marked(hit, row, _MARK)
        elif row[0] < _ABSENT or _place(hit) in own or ":" in hit.term:
            yield hit


def _added(
    text: str, span: Span, said: str, hits: Sequence[KeywordHit], likely: NDArray[np.float32]
) -> Iterable[KeywordHit]:
    """What no rule has found in a sentence: its place is the whole of it."""
    start, end = span
    found = set(map(_family, hits))
    for term, row in zip(TERMS, likely, strict=True):
        if term not in found and 1 - row[0] > _PRESENT:
            whole = KeywordHit(
                term=term, form=text[start:end], start=start, end=end, negated=False, hypothetical=False, sentence=said
            )  # fmt: skip
            yield _marked(whole, row, 0.0)


def _marked(hit: KeywordHit, row: NDArray[np.float32], least: float) -> KeywordHit:
    """With the reader's mark where it is surer of it than `least`, among those of a term that is there."""
    best = 1 + int(row[1:].argmax())
    if row[best] < least * row[1:].sum():
        return hit
    return replace(hit, negated=MARKS[best] == "negated", hypothetical=MARKS[best] == "hypothetical")


def _is_quoted(sentence: str) -> bool:
    """Somebody else's."""
    return sentence.startswith(">")


def _family(hit: KeywordHit) -> str:
    return hit.term.partition(":")[0]


def _place(hit: KeywordHit) -> tuple[int, int, str]:
    return hit.start, hit.end, hit.term
