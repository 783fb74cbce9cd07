"""Which words of a question name what it is about: a linear head over each of its words, learnt from questions.tsv (agent.asked.train).

A word is [what the sentence encoder of search makes of it, and of the whole question; its pieces, its neighbours and its place, hashed].
"did she back out of the deal?" is about a deal, and "who is sitting on our contract?" about a contract.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np

from agent.asked.reading import Rows, heads, probabilities, vocabulary
from crm.folding import fold
from crm.index.embedder import universal_sentence_encoder
from crm.index.search import is_identifier
from crm.signals.lexicon import concept_forms

HEAD = "word"
TOLD = 0.25  # how probable it has to be that a word names the topic
_UNSEEN = 0.05  # … that no question held which was learnt from, or that stands for a concept of business
_BUCKETS = 4096
_MOST = 60  # words that are read; what comes later counts
_WORD_SHARE, _QUESTION_SHARE, _GRAMS = 3.0, 1.0, 3.0
# How Spanish and Portuguese verbs end that are no infinitive: such a word that no question held asks, more often than it names.
_VERB = re.compile(
    r"\w{2}(?:aron|ieron|aram|eram|iram|ando|iendo|indo|amos|emos|imos|aba|aban|ava|avam|ou|iu|aramos|ieramos|assemos)$"
)
_WORD = re.compile(r"[^\W_]+(?:[-'.&/@_:][^\W_]+)*")
_PIECES = (3, 4, 5)  # letters


def naming(words: str, question: str) -> list[str]:
    """Those of the words that name what a question is about, as a mail about it may, in some form or language, hold them.

    `question` has its names masked (`agent.scope.nameless`). A word that it does not hold was put there in place of others, and counts.
    """
    likely, shouted = topics(question or fold(words)), words.isupper() and " " in words
    return [
        word
        for word in words.split()
        if likely.get(fold(word), 1.0) >= least(word) or (_is_name(word, question) and not shouted)
    ]


def least(word: str) -> float:
    """How probable it has to be that this word names the topic. One that is always asked for, as a number is, has 0."""
    plain = fold(word)
    if re.search(r"\d", word) or is_identifier(word):
        return 0
    if len(concept_forms(plain)) > 1:
        return _UNSEEN
    return TOLD if plain in vocabulary() or _VERB.search(plain) else _UNSEEN


@lru_cache(maxsize=512)
def topics(text: str) -> Mapping[str, float]:
    """How probable it is of each word of a question whose names are masked that it names the topic."""
    words = _WORD.findall(text)[:_MOST]
    if not words:
        return {}
    told = probabilities(features(words), *heads()[HEAD])[:, 1]
    return {word: max(float(told[place]) for place in _places(word, words)) for word in words}


def words_of(text: str) -> list[str]:
    return _WORD.findall(text)


def features(words: Sequence[str]) -> Rows:
    """Of the words of one question: shape (words, 4096 + 512 + 512)."""
    grams = np.zeros((len(words), _BUCKETS), dtype=np.float32)
    for place, row in enumerate(grams):
        for gram, weight in _grams(words, place):
            row[zlib.crc32(gram.encode()) % _BUCKETS] += weight
    grams /= np.linalg.norm(grams, axis=1, keepdims=True)
    *each, whole = universal_sentence_encoder().embed([*words, " ".join(words)])
    return np.concatenate(
        [_GRAMS * grams, _WORD_SHARE * np.stack(each), _QUESTION_SHARE * np.repeat(whole[None], len(words), axis=0)],
        axis=1,
    )


def _is_name(word: str, question: str) -> bool:
    """Whether it is written with a capital that no sentence's beginning asks for."""
    begins = re.search(rf"(?:^|[.!?:(\"“«¿¡])\s*{re.escape(fold(word))}(?!\w)", question)
    return word[:1].isupper() and not begins


def _places(word: str, words: Sequence[str]) -> Iterator[int]:
    return (place for place, other in enumerate(words) if other == word)


def _grams(words: Sequence[str], place: int) -> Iterator[tuple[str, float]]:
    word = words[place]
    before, last = ["^^", "^", *words[:place]][-2:]
    after, behind = [*words[place + 1 :], "$", "$$"][:2]
    yield f"w {word}", 2.0
    letters = f"<{word}>"
    for length in _PIECES:
        for start in range(len(letters) - length + 1):
            yield f"c {letters[start : start + length]}", 0.5
    yield from ((f"x {word[-3:]}", 0.7), (f"y {word[-2:]}", 0.5), (f"s {last[-2:]}", 0.5))
    yield from ((f"p {last}", 1.0), (f"n {after}", 1.0), (f"pp {before}", 0.6), (f"nn {behind}", 0.6))
    yield from ((f"b {last} {word}", 1.0), (f"a {word} {after}", 1.0), (f"e {last} {after}", 0.6))
    yield from ((f"t {before} {last}", 0.6), (f"u {after} {behind}", 0.6))
    yield from ((f"i{min(place, 6)}", 0.5), (f"j{min(len(words) - 1 - place, 6)}", 0.5))
    yield from ((f"l{min(len(words), 12) // 2}", 0.5), (f"z{min(len(word), 9)}", 0.5))
