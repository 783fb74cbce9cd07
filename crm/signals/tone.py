"""The tone of a mail: positive, neutral or negative."""

from dataclasses import dataclass
from typing import Literal

Label = Literal["positive", "neutral", "negative"]


@dataclass(frozen=True, kw_only=True)
class Tone:
    """`confidence` is 0 to 1; `sentences` are those that caused the label, strongest first."""

    label: Label
    confidence: float
    sentences: tuple[str, ...]
