"""Critical words as the product marks them: found by rules, weighed by a reader that knows whole sentences."""

from __future__ import annotations

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
from crm.signals.reader import MARKS, TERMS, SentenceReader, load_gate

# Chosen on 750 sentences that were not trained on, the first two sets of tests/crm/signals/keywords_strangers.tsv. Where the
# reader is as sure as that of a term's absence, a rule's hit is dropped; of its presence, one is added; of a mark, the
# rule's is replaced, unless it finds the term itself unlikely.
_ABSENT, _PRESENT, _MARK, _LIKELY = 0.97, 0.8, 0.6, 0.5
# How likely a sentence without any hit must be to hold some term before it is read.
_WORTH_READING = 0.4
_MOST, _MOST_SENTENCES = 2_000, 60  # characters and different sentences of a mail that are read, as for its tone

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
        hits, own = find(text, load_lexicon(extra_terms)), set[tuple[int, int, str]]()
        if extra_terms:
            named = find(text, load_own_lexicon(extra_terms))
            own, known = set(map(_place, named)), set(map(_place, hits))
            hits += tuple(hit for hit in named if _place(hit) not in known)
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
                if not said[span].startswith(">"):  # somebody else's
                    yield from _added(text, span, inside, likely)

    def _read(self, said: Sequence[str], with_hits: set[str]) -> dict[str, NDArray[np.float32]]:
        """What the reader says of the sentences worth it: those with hits first, then the likeliest."""
        first = [sentence for sentence in said if sentence in with_hits]
        others = [sentence for sentence in said if sentence not in with_hits][:_MOST_SENTENCES]
        if others and self._gate:
            worth = self._gate.of(self._embedder.embed([spoken(sentence) for sentence in others]))
            order = np.argsort(-worth, kind="stable").tolist()
            first += [others[index] for index in order if worth[index] >= _WORTH_READING]
        room, chosen = _MOST, list[str]()
        for sentence in first[:_MOST_SENTENCES]:
            room -= len(sentence)
            if room < 0:
                break
            chosen.append(sentence)
        return dict(zip(chosen, self._reader.terms(chosen), strict=True)) if chosen and self._reader else {}


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
        answered = hit.negated and hit.sentence.endswith(
            "?"
        )  # by the sentence behind it, which the reader does not see
        if 1 - row[0] > _LIKELY and times[family] == 1 and not answered:
            yield _marked(hit, row, _MARK)
        elif row[0] < _ABSENT or _place(hit) in own or ":" in hit.term:
            yield hit


def _added(text: str, span: Span, hits: Sequence[KeywordHit], likely: NDArray[np.float32]) -> Iterable[KeywordHit]:
    """What no rule has found in a sentence: its place is the whole of it."""
    start, end = span
    found = set(map(_family, hits))
    for term, row in zip(TERMS, likely, strict=True):
        if term not in found and 1 - row[0] > _PRESENT:
            sentence = KeywordHit(
                term=term, form=text[start:end], start=start, end=end, negated=False, hypothetical=False,
                sentence=" ".join(text[start:end].split()),
            )  # fmt: skip
            yield _marked(sentence, row, 0.0)


def _marked(hit: KeywordHit, row: NDArray[np.float32], least: float) -> KeywordHit:
    """With the reader's mark where it is surer of it than `least`, among those of a term that is there."""
    best = 1 + int(row[1:].argmax())
    if row[best] < least * row[1:].sum():
        return hit
    return replace(hit, negated=MARKS[best] == "negated", hypothetical=MARKS[best] == "hypothetical")


def _family(hit: KeywordHit) -> str:
    return hit.term.partition(":")[0]


def _place(hit: KeywordHit) -> tuple[int, int, str]:
    return hit.start, hit.end, hit.term
