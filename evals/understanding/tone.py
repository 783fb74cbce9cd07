"""Tone of business mails and of published tweets, as macro-F1, with TextBlob beside it in English."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crm.index.embedder import universal_sentence_encoder
from crm.signals.language import LANGUAGES
from crm.signals.reader import SentenceReader
from crm.signals.tone import ToneModel, load_tone_model
from crm.signals.train_tone import macro_f1, textblob_label, tweets
from evals.understanding import real_data
from evals.understanding.case import mails
from evals.understanding.score import Score, absent

# What is measured (of tweets on the first 150 where a sample is asked for), less a small margin: a fall below is a change
# for the worse.
LEAST_MAILS = 0.90
LEAST_TWEETS = {"en": 0.62, "es": 0.52, "pt": 0.58}


def measure(sample: int | None = None) -> list[Score]:
    """Macro-F1 of positive, neutral and negative for each language."""
    model = load_tone_model(universal_sentence_encoder(), SentenceReader.shipped())
    scores = []
    for code in LANGUAGES:
        texts = [(case.text, str(case.tone)) for case in mails() if case.language == code]
        scores.append(_score(f"tone/mails-{code}", code, texts, _reader(model), LEAST_MAILS))
        if code == "en":
            scores.append(_score("tone/mails-en-textblob", code, texts, textblob_label, 0.0))
    return scores + [_tweets(model, code, sample) for code in LANGUAGES]


def _reader(model: ToneModel) -> Callable[[str], str]:
    return lambda text: model.analyse(text).label


def _tweets(model: ToneModel, code: str, sample: int | None) -> Score:
    path = real_data.ROOT / "sentiment" / f"{code}_val.jsonl"
    if not path.exists():
        return absent(f"tone/tweets-{code}", "sentiment")
    texts = [(text, str(label)) for text, label in tweets(path)][:sample]
    return _score(f"tone/tweets-{code}", code, texts, _reader(model), LEAST_TWEETS[code])


def _score(part: str, code: str, texts: Sequence[tuple[str, str]], read: Callable[[str], str], least: float) -> Score:
    told = [read(text) for text, _ in texts]
    wrong = tuple(
        f"{label}, told {other}: “{text[:60]}”"
        for (text, label), other in zip(texts, told, strict=True)
        if label != other
    )
    value = macro_f1([label for _, label in texts], told)
    return Score(part=part, measure="macro-F1", value=value, least=least, size=len(texts), language=code, wrong=wrong)
