"""Words that carry a tone, seen with their negation: the features beside the sentence embedding."""

import re
from functools import cache
from importlib.resources import files

import numpy as np
import yaml
from numpy.typing import NDArray

from crm.signals.lexicon import fold

FEATURES = 12
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[,;:()]")
_NEGATOR = re.compile(
    r"(?:not|no|never|without|cannot|nobody|nothing|neither|nor|hardly|\w+n't|nao|nunca|jamais|sem|nem"
    r"|ninguem|nada|sin|ni|jamas|tampoco|nadie"
    r"|ningun[ao]?|nenhum[a]?|isnt|dont|doesnt|didnt|cant|wont|wasnt)$"
)
_REACH = 4
_GLAD = re.compile(
    "[\U0001f600-\U0001f60d\U0001f618-\U0001f61b\U0001f642\U0001f60e\U0001f917\U0001f929\U0001f970\U0001f973\U0001f389\U0001f44d\U0001f44f\U0001f64c\U0001f680\u2764\U0001f495-\U0001f49c]"
    "|[:;]-?[)D]"
)
_SAD = re.compile(
    "[\U0001f612-\U0001f614\U0001f61e-\U0001f62d\U0001f620-\U0001f624\U0001f641\u2639\U0001f44e\U0001f494\U0001f92c\U0001f926\U0001f644]"
    "|:-?[(/]"
)
_THANKS = re.compile(
    r"\b(?:thanks?|thx|gracias|obrigad[oa]|regards|saludos?|abracos?|atenciosamente|atentamente"
    r"|cumprimentos)\b"
)
_LEAST = 3
_MOST_NAMES = 2


@cache
def _courtesy() -> frozenset[str]:
    return frozenset(_data()["courtesy"].split())


@cache
def _data() -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load(files("crm.signals").joinpath("polarity.yaml").read_text("utf-8"))
    return loaded


@cache
def _words() -> tuple[frozenset[str], tuple[str, ...], frozenset[str], tuple[str, ...]]:
    data = _data()
    positive, negative = data["positive"].split(), data["negative"].split()
    return (
        frozenset(word for word in positive if not word.endswith("*")),
        tuple(word[:-1] for word in positive if word.endswith("*")),
        frozenset(word for word in negative if not word.endswith("*")),
        tuple(word[:-1] for word in negative if word.endswith("*")),
    )


@cache
def _polarity(word: str) -> int:
    """Return 1, -1 or 0 for a folded word."""
    glad, glad_stems, sad, sad_stems = _words()
    if word in sad or (len(word) >= _LEAST and word not in glad and word.startswith(sad_stems)):
        return -1
    return int(word in glad or (len(word) >= _LEAST and word.startswith(glad_stems)))


def is_courtesy(sentence: str) -> bool:
    """True for greetings, thanks and closings with no more than a name beside them: they have no tone."""
    words = re.findall(r"[^\W\d_]+", sentence)
    names = [word for word in words if fold(word) not in _courtesy()]
    return len(names) < len(words) and len(names) <= _MOST_NAMES and all(word[0].isupper() for word in names)


def features(sentence: str) -> NDArray[np.float32]:
    """Return `FEATURES` numbers: polar words, plain and negated, emoji, emphasis, question, thanks,
    negation.
    """
    tokens = _TOKEN.findall(fold(sentence))
    counts = {"glad": 0, "sad": 0, "not_glad": 0, "not_sad": 0}
    reach = 0
    negations = 0
    for token in tokens:
        if not token[0].isalnum():
            reach = 0
        elif _NEGATOR.match(token):
            reach, negations = _REACH, negations + 1
            if _polarity(token):
                counts["sad"] += 1
        else:
            polarity = _polarity(token)
            if polarity:
                counts[("not_" if reach else "") + ("glad" if polarity > 0 else "sad")] += 1
            reach = max(0, reach - 1)
    letters = [character for character in sentence if character.isalpha()]
    shouted = len(letters) > 8 and sum(character.isupper() for character in letters) > 0.6 * len(letters)
    balance = counts["glad"] + counts["not_sad"] - counts["sad"] - counts["not_glad"]
    values = (
        *(min(count, 3) / 2 for count in counts.values()),
        max(-3, min(3, balance)) / 2,
        min(len(_GLAD.findall(sentence)), 2),
        min(len(_SAD.findall(sentence)), 2),
        min(sentence.count("!"), 3) / 2,
        float("?" in sentence),
        float(shouted),
        float(bool(_THANKS.search(fold(sentence)))),
        min(negations, 2) / 2,
    )
    return np.asarray(values, dtype=np.float32)
