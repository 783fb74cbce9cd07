"""Critical words in a mail, with their place, their negation and their condition."""

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
