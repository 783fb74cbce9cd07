"""Comparing text as people do: without case, accents or doubled spaces."""

from __future__ import annotations

import re
import unicodedata

UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def fold(text: str) -> str:
    """Lower-cased, accents removed, whitespace collapsed: `fold(" Lusitânia  Seguros") == "lusitania seguros"`.

    What no database takes, NUL and lone surrogates, is as a space.
    """
    decomposed = unicodedata.normalize("NFKD", UNSTORABLE.sub(" ", text))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.casefold().split())
