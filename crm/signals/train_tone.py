"""Train the first head of the tone model: python -m crm.signals.train_tone [--tweets DIRECTORY] [--report].

Trains on the sentences beside this file and, where a directory is given, on its {en,es,pt}_train.jsonl (rows with
"text" and "label" pos, neu or neg), and writes tone_head.npz; the second reader has its own training (train_reader).
Prints macro-F1 on what was not trained on, for both readers together and for the first alone.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from textblob import TextBlob

from crm.index.embedder import Embedder, universal_sentence_encoder
from crm.signals.polarity import FEATURES
from crm.signals.reader import SentenceReader
from crm.signals.tone import LABELS, Label, ToneModel, centred, design, load_tone_model

HERE = Path(__file__).parent
HELD_OUT = HERE.parents[1] / "tests" / "crm" / "signals" / "tone_held_out.tsv"
# Mails that tell what happened and leave the feeling to the reader; thresholds were chosen on them too.
UNSPOKEN = HELD_OUT.with_name("tone_unspoken.tsv")
# Set apart before the head was trained; no parameter was chosen by its score.
TEST = HELD_OUT.with_name("tone_test.tsv")
LANGUAGES = ("en", "es", "pt")
_SHORT: dict[str, Label] = {"pos": "positive", "neu": "neutral", "neg": "negative"}
_DOMAIN_WEIGHT, _TWEET_WEIGHT = 3.0, 2.0
_LINEAR, _QUADRATIC, _POLAR, _CONSTANT = 0.3, 0.7, 1.2, 0.3
_RIDGE = 4.0
_FOLDS = 5

Example = tuple[str, Label]


def sentences() -> list[Example]:
    """Return the sentences written for this model."""
    rows = [
        line.split("\t")
        for code in LANGUAGES
        for line in (HERE / f"tone_sentences.{code}.tsv").read_text("utf-8").splitlines()
    ]
    return [(text, known) for label, text in rows for known in LABELS if known == label]


def tweets(path: Path) -> list[Example]:
    """Return the rows of a .jsonl file, with the escapes that its authors left in the text decoded."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [(_unescaped(row["text"]), _SHORT[row["label"]]) for row in rows]


def _unescaped(text: str) -> str:
    for code, character in (("\\u2019", "'"), ("\\u002c", ","), ('\\"', '"'), ('""', '"'), ("\\n", " ")):
        text = text.replace(code, character)
    return text.replace("@user", "").strip()


def fit(
    inputs: NDArray[np.float32], labels: NDArray[np.int64], weights: NDArray[np.float32], folds: NDArray[np.int64]
) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.floating], float]:
    """Fit a head by kernel ridge regression, in closed form: return (quadratic, linear, bias, out-of-fold
    log-loss). Its scores are scaled so that their softmax is calibrated on the folds left out.

    The kernel is a polynomial of degree two of the embeddings and linear in the features, so the solution is
    one quadratic form, however many examples there are.
    """
    vectors, polar = inputs[:, :-FEATURES], inputs[:, -FEATURES:]
    scale = np.sqrt(_POLAR / FEATURES / ((polar**2).mean(axis=0) + 0.05))
    polar = polar * scale
    products = vectors @ vectors.T
    kernel = _LINEAR * products + _QUADRATIC * products**2 + polar @ polar.T + _CONSTANT
    kernel[np.diag_indices(len(kernel))] += _RIDGE / weights
    targets = 1.5 * np.eye(len(LABELS))[labels] - 0.5
    inverse = np.linalg.inv(kernel)
    dual = inverse @ targets
    left_out = np.empty_like(targets)
    for fold in np.unique(folds):
        rows = np.flatnonzero(folds == fold)
        left_out[rows] = targets[rows] - np.linalg.solve(inverse[np.ix_(rows, rows)], dual[rows])
    sharpness, loss = _calibrated(left_out, labels)
    dual = dual * sharpness
    quadratic = np.stack([_QUADRATIC * (vectors * column[:, None]).T @ vectors for column in dual.T])
    linear = np.vstack([_LINEAR * vectors.T @ dual, scale[:, None] * (polar.T @ dual)])
    return quadratic, linear, _CONSTANT * dual.sum(axis=0), loss


def _calibrated(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> tuple[float, float]:
    """Return the factor on the scores with the least log-loss, and that loss."""
    losses = []
    for factor in (factors := np.arange(1.0, 8.0, 0.1)):
        exponents = np.exp(factor * (scores - scores.max(axis=1, keepdims=True)))
        told = exponents[np.arange(len(labels)), labels] / exponents.sum(axis=1)
        losses.append(float(-np.log(told).mean()))
    best = int(np.argmin(losses))
    return float(factors[best]), losses[best]


def macro_f1(truth: list[str], told: list[str]) -> float:
    """Return the unweighted mean of the F1 of the three labels."""
    scores = []
    for label in LABELS:
        both = sum(t == label == p for t, p in zip(truth, told, strict=True))
        scores.append(2 * both / max(1, sum(t == label for t in truth) + sum(p == label for p in told)))
    return sum(scores) / len(scores)


def held_out(path: Path = HELD_OUT) -> list[tuple[str, str, str]]:
    """Return (language, label, text) of the sentences and mails never trained on."""
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    return [(code, label, text.replace("\\n", "\n")) for code, label, *_, text in rows]


def textblob_label(text: str) -> Label:
    """Return the tone of English text by TextBlob's lexicon, the baseline."""
    polarity = TextBlob(text).sentiment.polarity
    return "positive" if polarity > 0.1 else "negative" if polarity < -0.1 else "neutral"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def report(model: ToneModel, directory: Path | None) -> None:
    """Print macro-F1 by set and language, for English with TextBlob's beside it."""
    business = [("chosen on", HELD_OUT), ("unspoken, chosen on", UNSPOKEN), ("test", TEST)]
    for code in LANGUAGES:
        sets = [
            (f"business mail, {name}", [(text, label) for of, label, text in held_out(path) if of == code], False)
            for name, path in business
        ]
        if directory and (path := directory / f"{code}_val.jsonl").exists():
            sets.append(("tweets, test", [(text, label) for text, label in tweets(path)], True))
        for name, examples, single in sets:
            texts, truth = [text for text, _ in examples], [str(label) for _, label in examples]
            told: list[str] = (
                [LABELS[index] for index in model.probabilities(texts).argmax(axis=1)]
                if single
                else [model.analyse(text).label for text in texts]
            )
            line = f"{code} {name}: macro-F1 {macro_f1(truth, told):.3f} of {len(examples)}"
            if code == "en":
                line += f" (TextBlob {macro_f1(truth, [textblob_label(text) for text in texts]):.3f})"
            _say(line)


def train(embedder: Embedder, name: str, directory: Path | None) -> None:
    """Write a head, trained on our sentences and on a directory's tweets where one is given."""
    own = sentences()
    foreign = [row for code in LANGUAGES for row in tweets(directory / f"{code}_train.jsonl")] if directory else []
    examples = own + foreign
    weights = np.array([_DOMAIN_WEIGHT] * len(own) + [_TWEET_WEIGHT] * len(foreign), dtype=np.float32)
    # The languages say the same line by line: a line's translations are left out with it.
    lines = len(own) // len(LANGUAGES)
    folds = np.array([index % lines % _FOLDS for index in range(len(own))] + [i % _FOLDS for i in range(len(foreign))])
    inputs = design([text for text, _ in examples], embedder)
    labels = np.array([LABELS.index(label) for _, label in examples])
    centre = inputs[:, :-FEATURES].mean(axis=0)
    quadratic, linear, bias, loss = fit(centred(inputs, centre), labels, weights, folds)
    np.savez_compressed(
        HERE / name,
        embedder=embedder.id,
        centre=centre,
        quadratic=quadratic.astype(np.float16),
        linear=linear.astype(np.float16),
        bias=bias.astype(np.float16),
    )
    _say(f"{embedder.id}: out-of-fold log-loss {loss:.3f} of {len(examples)} sentences")


def main() -> None:
    """Train, write the head, and report."""
    parser = argparse.ArgumentParser(description="Train the tone head")
    parser.add_argument("--tweets", type=Path, help="a directory with {en,es,pt}_train.jsonl and _val.jsonl")
    parser.add_argument("--report", action="store_true", help="leave the head as it is and only report")
    arguments = parser.parse_args()
    first, second = universal_sentence_encoder(), SentenceReader.shipped()
    if not arguments.report:
        train(first, "tone_head.npz", arguments.tweets)
    if second:
        report(load_tone_model(first, second), arguments.tweets)
    _say("The first reader alone, as where the second has no build:")
    report(load_tone_model(first), arguments.tweets)


if __name__ == "__main__":
    main()
