"""Comparing text as people do: without case, accents or doubled spaces."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """Lower-cased, accents removed, whitespace collapsed: `fold(" Lusitânia  Seguros") == "lusitania seguros"`."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.casefold().split())
