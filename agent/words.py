"""The words of a question, and the capitalised ones that name somebody nobody knows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.dates import CALENDAR_WORDS

_WORD = re.compile(r"[^\W_]+")
_NAME_PLACE = re.compile(
    r"(?:\b(?:with|from|at|to|by|did|does|has|is|was|es|era|and|or|between"
    r"|con|de|del|a|al|y|o|entre|para|dijo|respondio|contesto|escribio|pidio|envio|quiere"
    r"|com|da|do|das|dos|ao|e|ou|disse|respondeu|escreveu|pediu|enviou|quer)(?:\s+(?:la|el|[oa]))?|¿y)\s+$"
)


# Products are joined, persons are not: "an integration with Salesforce", "integrar con el ERP", "a Salesforce connector".
_JOINED = re.compile(
    r"\b(?:integra\w*|interfac\w*|connectors?|conector\w*|conexion|conexao|plug-?ins?|compatib\w*)\s+(?:\w+\s+)?(?:with|to|from|con|com|a|al|ao|de|do|da|para)"
    r"(?:\s+(?:la|el|[oa]))?(?:\s+\S+\s+(?:or|and|o|ou|y|e))?\s+$"
)
# "What did they say about Salesforce?", "sobre o Salesforce": what was spoken of.
_SPOKEN_OF = re.compile(r"\b(?:about|sobre|acerca\s+del?|respecto\s+al?|quanto\s+a[o]?)\s+(?:(?:the|el|la|[oa])\s+)?$")
_PRODUCT = re.compile(r"\s+(?:integration|connector|plug-?in|api|add-?on|app|export|import|sync)\b")
_AUXILIARY = re.compile(r"\b(?:did|does|do|has|have|had|will|can)\s+$")


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word of a question, at `[start, end)`."""

    start: int
    end: int
    plain: str
    raw: str
    first: bool  # of the sentence, where a capital says nothing

    @property
    def capital(self) -> bool:
        return self.raw[0].isupper()


def split_words(raw: str, plain: str) -> list[Word]:
    """The words of a question; a capital counts as such only where not everything is in capitals."""
    shouting = raw.isupper()
    words: list[Word] = []
    for match in _WORD.finditer(plain):
        start, end = match.span()
        between = plain[words[-1].end : start] if words else "."
        written = raw[start:end]
        words.append(
            Word(
                start=start,
                end=end,
                plain=match[0],
                raw=written.lower() if shouting else written,
                first=any(mark in between for mark in ".?!¿¡:\n"),
            )
        )
    return words


def unknown_names(raw: str, text: str) -> tuple[str, ...]:
    """Capitalised names at the place of a customer or a person in the question that belong to nobody known.

    `text` is the folded question with known names and dates covered. "About Salesforce" and "the Salesforce
    integration" are topics, "with Wonka" and "did Wonka" are not.
    """
    words = split_words(raw, text)
    found: list[str] = []
    for index, word in enumerate(words):
        if not _looks_like_name(word):
            continue
        before = text[: word.start]
        if not _NAME_PLACE.search(before) or _JOINED.search(before) or _SPOKEN_OF.search(before):
            continue
        last = word
        for following in words[index + 1 :]:
            if not continues_name(last, following, text):
                break
            last = following
        verb = _AUXILIARY.search(before) is not None  # "did Wonka import …?"
        if verb or not _PRODUCT.match(text[last.end :]):
            found.append(raw[word.start : last.end])
    return tuple(dict.fromkeys(found))


def at_name_place(before: str) -> bool:
    """Whether the (folded) words before are those that a name of somebody follows: "with", "did", "de"."""
    return _NAME_PLACE.search(before) is not None


def _looks_like_name(word: Word) -> bool:
    written = word.raw
    return (
        len(written) > 2
        and word.capital
        and not written.isupper()
        and not word.first
        and (word.plain not in CALENDAR_WORDS or word.raw == "Marco")
    )


def continues_name(word: Word, following: Word, text: str) -> bool:
    return _looks_like_name(following) and text[word.end : following.start] == " "
