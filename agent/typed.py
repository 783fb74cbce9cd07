"""A question as it was meant: contractions without their apostrophe, chat's short forms, slips in the words questions are made of.

Names and topics are left as typed: who knows what they are called finds them by their own rules.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from crm.folding import fold

_WORD = re.compile(r"[^\W\d_]+")
_NO_APOSTROPHE = re.compile(
    r"\b(who|what|when|where|how|that|there|here)s\b(?!')|\b(is|are|was|were|do|does|did|has|have|had|wo|ca|could|would|should)nt\b"
    r"|\b(we|they|you)(ve|re|ll)(?<!were)(?<!well)\b|\b(i)(m|ve)\b",
    re.IGNORECASE,
)
_SHORT = {
    "w": "with",
    "abt": "about",
    "pls": "please",
    "plz": "please",
    "msg": "message",
    "msgs": "messages",
    "q": "que",
    "pq": "porque",
    "xq": "porque",
    "tb": "tambien",
    "oq": "o que",
    "qdo": "quando",
    "qndo": "quando",
    "pra": "para",
    "pras": "para",
    "tá": "está",
    "ta": "está",
    "tbm": "também",
    "tmb": "también",
    "vc": "você",
    "vcs": "vocês",
    "wich": "which",
    "whcih": "which",
    "waht": "what",
    "teh": "the",
}
_SLASHED = re.compile(r"(?<!\w)w/(?:o\b)?\s*", re.IGNORECASE)
# Long words of questions whose slips are no other form of them: nouns, and English verbs in the past.
_QUESTION_WORDS = tuple(
    """customer customers client clients mentioned renewal renewals summary summarize summarise replied yesterday attachment
    attachments discount escalation champion cliente clientes renovación renovaciones pendiente pendientes adjuntos semana
    correos renovação renovações emails invoice invoices committee meeting""".split()
)
_BY_FOLD = {fold(word): word for word in _QUESTION_WORDS}
_SHORTEST = 6  # letters of a word that may hold a slip


def as_meant(question: str) -> str:
    """The question with such slips undone, in its own case elsewhere. What is spelled right comes back as it is."""
    text = _SLASHED.sub(lambda found: "without " if found.group().rstrip().lower().endswith("o") else "with ", question)
    text = _NO_APOSTROPHE.sub(_apostrophe, text)
    return _WORD.sub(lambda found: _word(found.group(), text, found), text)


def _apostrophe(found: re.Match[str]) -> str:
    asked, verb, someone, short, me, am = found.groups()
    if asked:
        return f"{asked}'s"
    if verb:
        return f"{verb}n't"
    return f"{someone or me}'{short or am}"


def _word(word: str, text: str, found: re.Match[str]) -> str:
    beside = text[max(found.start() - 1, 0) : found.start()] + text[found.end() : found.end() + 1]
    if any(sign in beside for sign in "@.-_/'&"):  # part of an address, a name or a contraction
        return word
    if word in _SHORT:
        return _SHORT[word]
    if len(word) < _SHORTEST or not word.islower():
        return word
    return _without_slip(word)


@lru_cache(maxsize=4096)
def _without_slip(word: str) -> str:
    plain = fold(word)
    if plain in _BY_FOLD:
        return word
    # another ending is another word: "contestada"
    near = [known for known in _BY_FOLD if known[0] == plain[0] and known[-1] == plain[-1]]
    near = [known for known in near if OSA.distance(known, plain, score_cutoff=1) <= 1]
    stems = {known.rstrip("s") for known in near}
    return _BY_FOLD[near[0]] if len(stems) == 1 and plain.rstrip("s") not in stems else word
