"""Comparing text as people do: without case, accents or doubled spaces."""

from __future__ import annotations

import re
import unicodedata

UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def fold(text: str) -> str:
    """Lower-cased, accents removed, whitespace collapsed: `fold(" Lusitânia  Seguros") == "lusitania seguros"`.

    What no database takes, NUL and lone surrogates, is as a space.
    """
    storable = UNSTORABLE.sub(" ", text)
    if storable.isascii():  # most names and words: nothing to decompose
        return " ".join(storable.lower().split())
    decomposed = unicodedata.normalize("NFKD", storable)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.casefold().split())
