"""The language of a text: English, Spanish or Portuguese."""

from functools import cache
from typing import Literal, cast

from py3langid.langid import MODEL_FILE, LanguageIdentifier

Language = Literal["en", "es", "pt"]
LANGUAGES: tuple[Language, ...] = ("en", "es", "pt")

# Enough text to be sure; the rest of a long mail changes nothing but the time.
_SAMPLE = 4000


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def detect(text: str, default: Language = "en") -> Language:
    """Return the language of `text`, or `default` where it holds no letters."""
    sample = text[:_SAMPLE]
    if not any(character.isalpha() for character in sample):
        return default
    language, _ = _identifier().classify(sample)
    return cast(Language, language)
