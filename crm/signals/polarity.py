"""Words, phrases and faces that carry a tone, seen with their negation: the features beside the embedding."""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from crm.signals.lexicon import fold

FEATURES = 23
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[,;:.!?()\n]")
_NEGATOR = re.compile(
    r"(?:not|no|never|without|cannot|nobody|nothing|none|neither|nor|hardly|\w+n't|nao|nunca|jamais|sem|nem"
    r"|ninguem|nada|sin|ni|jamas|tampoco|nadie"
    r"|ningun[ao]?|nenhum[a]?|isnt|dont|doesnt|didnt|cant|wont|wasnt)$"
)
_REACH = 5
# Said by somebody else: what stands in quotation marks counts as quoted, not as the writer's.
_QUOTED = re.compile(r"[\"“«][^\"“”«»\n]{3,200}[\"”»]")
_SMILE = re.compile(r"(?<![\w:])(?:[:;=]-?[)D\]]|<3)(?!\w)")
_FROWN = re.compile(r"(?<![\w:])[:=]'?-?[(\[](?!\w)|(?<![\w:]):-?/(?!\S)")
_LAUGH = re.compile(r"(?i)\b(?:(?:a?ha){2,}h?|(?:a?ja){2,}j?|k{3,}|(?:rs){2,}|jeje(?:je)*)\b")
_LINK = re.compile(r"https?://\S+|www\.\S+")
_TAG = re.compile(r"#([^\W_]+)")
_INNER_CAPITAL = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_EMPHASIS = re.compile(r"([!?.])[!?.]+")
_MODIFIERS = re.compile("[\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff]")
_THANKS = re.compile(
    r"\b(?:thanks?|thx|gracias|obrigad[oa]|regards|saludos?|abracos?|atenciosamente|atentamente"
    r"|cumprimentos)\b"
)
_GLAD = ("love", "happy", "laughing")
_LEAST = 3
_MOST_NAMES = 2
_STRONG, _BOOST, _SOFTEN = 1.6, 1.4, 0.6


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(files("crm.signals").joinpath("polarity.yaml").read_text("utf-8"))
    return loaded


@cache
def _set(name: str) -> frozenset[str]:
    return frozenset(_data()[name].split())


@cache
def _faces() -> dict[str, str]:
    return {face: name for name, faces in _data()["emoji"].items() for face in faces}


@cache
def _spoken() -> dict[str, str]:
    pairs = (pair.split("=") for pair in _data()["spoken"].split())
    return {short: long.replace("_", " ") for short, long in pairs}


@cache
def _phrases(name: str) -> re.Pattern[str]:
    """One alternation over a list of phrases, for text folded and reduced to words and spaces."""
    phrases = (phrase.strip() for line in _data()[name] for phrase in line.split(" | "))
    patterns = (re.escape(phrase).replace(r"\*", r"\w*").replace(r"\~\ ", r"(?:\w+ ){0,3}") for phrase in phrases)
    return re.compile(r"\b(?:" + "|".join(patterns).replace(r"\ ", " ").replace(r" \~", "") + r")\b")


@cache
def _weights() -> tuple[dict[str, float], dict[str, float]]:
    """Whole words and stems with their weight; what is listed later and stronger wins."""
    words: dict[str, float] = {}
    stems: dict[str, float] = {}
    for name, weight in (
        ("positive", 1.0),
        ("negative", -1.0),
        ("very_positive", _STRONG),
        ("very_negative", -_STRONG),
    ):
        for word in _data()[name].split():
            (stems if word.endswith("*") else words)[word.rstrip("*").replace("_", " ")] = weight
    return words, stems


@cache
def _polarity(word: str) -> float:
    """Return the weight of a folded word, 0 for a neutral one; of several stems the longest counts."""
    words, stems = _weights()
    if word in words:
        return words[word]
    for end in range(len(word), _LEAST - 1, -1):
        if word[:end] in stems:
            return stems[word[:end]]
    return 0.0


def is_courtesy(sentence: str) -> bool:
    """True for greetings, thanks and closings with no more than a name beside them: they have no tone."""
    words = re.findall(r"[^\W\d_]+", sentence)
    if any(character in _faces() for character in sentence):
        return False
    names = [word for word in words if fold(word) not in _set("courtesy")]
    return len(names) < len(words) and len(names) <= _MOST_NAMES and all(word[0].isupper() for word in names)


def spoken(text: str) -> str:
    """Return `text` as the sentence encoder reads it best: faces, laughter and short forms in words, links gone."""
    text = _LINK.sub(" ", _MODIFIERS.sub("", text))
    text = _TAG.sub(lambda tag: _INNER_CAPITAL.sub(" ", tag[1]), text)
    faces = _faces()
    text = "".join(f" {faces[character]} " if character in faces else character for character in text)
    text = _LAUGH.sub(" laughing ", _SMILE.sub(" happy ", _FROWN.sub(" sad ", text)))
    text = _EMPHASIS.sub(r"\1", _DRAWN_OUT.sub(r"\1", text))
    text = " ".join(_spoken().get(word.lower(), word) for word in text.split())
    return text.lower() if _shouted(text) else text


def features(sentence: str) -> NDArray[np.float32]:
    """Return `FEATURES` numbers: polar words, plain and negated, after a contrast and quoted; phrases; faces;
    emphasis, question, thanks, negation.
    """
    folded = fold(sentence)
    own, quotes = _QUOTED.subn(" … ", folded)
    quoted = sum(_scan(_TOKEN.findall(" ".join(_QUOTED.findall(folded))))[:2]) if quotes else 0.0
    glad, sad, not_glad, not_sad, turned, contrasts, negations = _scan(_TOKEN.findall(own))
    balance = glad + not_sad - sad - not_glad
    spelled = " ".join(re.findall(r"[^\W_]+", own))
    good, poor, polite = (
        min(len(_phrases(f"{name}_phrases").findall(spelled)), 2) for name in ("positive", "negative", "neutral")
    )
    faces = [_faces()[character] for character in sentence if character in _faces()]
    smiles = sum(face in _GLAD for face in faces) + len(_SMILE.findall(sentence))
    frowns = sum(face not in _GLAD for face in faces) + len(_FROWN.findall(sentence))
    words = spelled.count(" ") + 1
    values = (
        *(min(count, 3.0) / 2 for count in (glad, sad, not_glad, not_sad)),
        max(-3.0, min(3.0, balance)) / 2,
        balance / np.sqrt(words),
        float(np.sign(balance)),
        max(-2.0, min(2.0, turned)),
        min(contrasts, 1),
        min(quotes, 1),
        min(quoted, 2.0) / 2,
        *(good, poor, polite),
        min(smiles, 2),
        min(frowns, 2),
        float(bool(_LAUGH.search(sentence))),
        min(sentence.count("!"), 3) / 2,
        float("?" in sentence),
        float(_shouted(sentence)),
        float(bool(_THANKS.search(folded))),
        min(negations, 2) / 2,
        float(not balance and not good and not poor and not faces),
    )
    return np.asarray(values, dtype=np.float32)


def _scan(tokens: Iterable[str]) -> tuple[float, float, float, float, float, int, int]:
    """Return the weights of positive and negative words, the same negated, the balance since the last contrast
    (0 without one), and how many contrasts and negations there are.
    """
    glad = sad = not_glad = not_sad = turned = 0.0
    reach = contrasts = negations = 0
    degree = 1.0
    for token in tokens:
        if not token[0].isalnum():
            reach, degree = 0, 1.0
            continue
        if token in _set("contrast"):
            turned, reach, contrasts = 0.0, 0, contrasts + 1
            continue
        if _NEGATOR.match(token):
            reach, negations = _REACH, negations + 1
            continue
        weight = _polarity(token) * degree
        if weight > 0:
            glad, not_glad = (glad, not_glad + weight) if reach else (glad + weight, not_glad)
        elif weight < 0:
            sad, not_sad = (sad, not_sad - weight) if reach else (sad - weight, not_sad)
        turned += -weight / 2 if reach else weight
        degree = _BOOST if token in _set("booster") else _SOFTEN if token in _set("softener") else 1.0
        reach = max(0, reach - 1)
    return glad, sad, not_glad, not_sad, turned if contrasts else 0.0, contrasts, negations


def _shouted(sentence: str) -> bool:
    letters = [character for character in sentence if character.isalpha()]
    return len(letters) > 8 and sum(character.isupper() for character in letters) > 0.6 * len(letters)
