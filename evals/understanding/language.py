"""The language of sentences, mails and tweets."""

from __future__ import annotations

from collections.abc import Sequence

from crm.signals.language import LANGUAGES, detect
from crm.signals.train_tone import tweets
from evals.understanding import real_data
from evals.understanding.case import mails, sentences
from evals.understanding.score import Score, absent

LEAST = 0.99
# Some tweets are nothing but tags and laughter, and some mix languages.
LEAST_TWEETS = 0.98


def measure(sample: int | None = None) -> list[Score]:
    """The share of our own sentences and mails, and of published tweets, whose language is right."""
    written = [(case.text, case.language) for case in sentences()]
    mailed = [(case.text, case.language) for case in mails()]
    return [_share("language/business", [*written, *mailed], LEAST), *_tweets()]


def _tweets() -> list[Score]:
    paths = {code: real_data.ROOT / "sentiment" / f"{code}_val.jsonl" for code in LANGUAGES}
    if not all(path.exists() for path in paths.values()):
        return [absent("language/tweets", "sentiment")]
    texts = [(text, code) for code, path in paths.items() for text, _ in tweets(path)]
    return [_share("language/tweets", texts, LEAST_TWEETS)]


def _share(part: str, texts: Sequence[tuple[str, str]], least: float) -> Score:
    wrong = tuple(f"“{text[:60]}” ({code})" for text, code in texts if detect(text) != code)
    value = 1 - len(wrong) / max(1, len(texts))
    return Score(part=part, measure="share", value=value, least=least, size=len(texts), wrong=wrong)
