"""Cutting a mail's new text into pieces that one vector can stand for."""

from __future__ import annotations

import re

CHUNK = 600  # characters: a few sentences, what a sentence encoder can still represent
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


def chunks(subject: str, new_text: str) -> tuple[str, ...]:
    """Pieces of up to 600 characters, split at paragraphs, then at sentences; the first one carries the subject."""
    pieces: list[str] = []
    current = subject.strip()
    for unit in _units(new_text):
        if current and len(current) + len(unit) > CHUNK:
            pieces.append(current)
            current = unit
        else:
            current = f"{current}\n{unit}".strip()
    if current:
        pieces.append(current)
    return tuple(pieces)


def _units(text: str) -> list[str]:
    units: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        paragraph = " ".join(paragraph.split())
        if len(paragraph) <= CHUNK:
            units.append(paragraph)
            continue
        for sentence in _SENTENCE_END.split(paragraph):
            units += [sentence[begin : begin + CHUNK] for begin in range(0, len(sentence), CHUNK)]
    return [unit for unit in units if unit]
