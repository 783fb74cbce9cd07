"""Business words in English, Spanish and Portuguese that mean the same, for finding in one language what is asked in another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from crm.folding import fold
from crm.signals.inflection import english_noun, romance_noun

Row = tuple[str, ...]


def same_words(word: str) -> frozenset[str]:
    """The words of every row of glossary.tsv that holds `word` (singular or plural, accents aside), in singular and plural."""
    return frozenset(form for row in _rows_of().get(fold(word), ()) for known in row for form in _forms(known))


def english(word: str) -> str:
    """The first English word of the first row that holds `word`; "" where none does."""
    rows = _rows_of().get(fold(word))
    return rows[0][0] if rows else ""


@cache
def _rows_of() -> dict[str, list[Row]]:
    """The rows of each form; a word as it stands in one is no plural of another ("planes")."""
    plain, inflected = defaultdict[str, list[Row]](list), defaultdict[str, list[Row]](list)
    for row in _rows():
        words = {fold(word) for word in row}
        for word in words:
            plain[word].append(row)
        for form in {fold(form) for word in row for form in _forms(word)} - words:
            inflected[form].append(row)
    return {**inflected, **plain}


def _rows() -> Iterator[Row]:
    """English words first, in the order of the file."""
    for line in files("crm.signals").joinpath("glossary.tsv").read_text(encoding="utf-8").splitlines():
        yield tuple(word for column in line.split("\t") for word in column.split("/"))


def _forms(word: str) -> set[str]:
    return english_noun(word) | romance_noun(word)
