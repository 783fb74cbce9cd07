"""Characters that show nothing: what a human approves must be all that a recipient can read."""

from __future__ import annotations

import re
import unicodedata

# Unicode's Default_Ignorable_Code_Point beside the format characters (Cf): joiners, fillers, variation selectors, tags.
_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
_IN_EMOJI = "\u200d\ufe0f"  # a joiner and the selector of the coloured form, behind a symbol


def visible(text: str) -> str:
    """The text without characters that show nothing, but for line breaks, tabs and those that an emoji is made of."""
    kept: list[str] = []
    for char in text:
        symbol = bool(kept) and (kept[-1] == "\ufe0f" or unicodedata.category(kept[-1]) in ("So", "Sk"))
        if not _shows_nothing(char) or (char in _IN_EMOJI and symbol):
            kept.append(char)
    return "".join(kept)


def bare(text: str) -> str:
    """The same without the emoji's own, for comparing: nothing is left that parts a word in two."""
    return "".join(char for char in text if not _shows_nothing(char))


def _shows_nothing(char: str) -> bool:
    if char in "\n\t":
        return False
    return unicodedata.category(char) in ("Cc", "Cf") or _IGNORABLE.match(char) is not None
