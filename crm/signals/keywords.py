"""Critical words in a mail, with their place, their negation and their condition."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class KeywordHit:
    """`form` stands at `start`:`end` of the text searched; `term` is its canonical name."""

    term: str
    form: str
    start: int
    end: int
    negated: bool
    hypothetical: bool
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """Forms and the canonical term each stands for."""

    forms: Mapping[str, str]


def load_lexicon(extra: Mapping[str, str] | None = None) -> Lexicon:
    """Return the built-in lexicon with a workspace's additions (form → canonical term)."""
    return Lexicon(forms=dict(extra or {}))


def find(text: str, lexicon: Lexicon) -> tuple[KeywordHit, ...]:
    """Return every critical word of `text`, in order."""
    return ()


def expand(term: str) -> frozenset[str]:
    """Return the inflected forms, in the three languages, of a word a user types; at least the word itself."""
    return frozenset({term.casefold()})
