"""Sentences of a mail, with their places."""

import re
from collections.abc import Iterator

# A line shorter than this was ended by its writer; a longer one was wrapped by the mailer.
_WRAPPED = 55
# No sentence is longer; what has no end is cut at a space.
LONGEST = 600
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|\n")
_BULLET = re.compile(r"[ \t]*(?:[-*•·>]|\d{1,2}[.)])\s")
# A full stop behind one of these ends no sentence.
_ABBREVIATED = re.compile(
    r"\b(?:mr|mrs|ms|dr|dra|sr|sra|srta|st|no|vs|etc|e\.g|i\.e|p\.ej|ej|av|ref|tel|aprox|approx|n[ºo]|[A-Z])\.$",
    re.IGNORECASE,
)


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of every sentence of `text`, none longer than 600 characters."""
    start = 0
    for match in _END.finditer(text):
        if text[match.start()] == "\n":
            if not _line_ends(text, match.start()):
                continue
        elif _ABBREVIATED.search(text, max(start, match.start() - 8), match.end()):
            continue
        yield from _pieces(text, start, match.end())
        start = match.end()
    yield from _pieces(text, start, len(text))


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST:
        space = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        cut = space if space > start else start + LONGEST
        yield from _stripped(text, start, cut)
        start = cut
    yield from _stripped(text, start, end)


def _line_ends(text: str, newline: int) -> bool:
    """True where a line break ends a sentence: a blank line, a bullet, or a line too short to have been
    wrapped.
    """
    following = text[newline + 1 : newline + 40]
    if not following.strip(" \t") or following.lstrip(" \t").startswith("\n") or _BULLET.match(following):
        return True
    line = text.rfind("\n", max(0, newline - _WRAPPED), newline) + 1
    return line > 0 or newline < _WRAPPED


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def split(text: str) -> list[str]:
    """Return the sentences of `text`, with wrapped lines joined."""
    return [" ".join(text[start:end].split()) for start, end in spans(text)]
