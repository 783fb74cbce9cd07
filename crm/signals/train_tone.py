"""Train the head of the tone model: python -m crm.signals.train_tone [--tweets DIRECTORY].

Trains on the sentences beside this file and, where a directory is given, on its {en,es,pt}_train.jsonl
(rows with
"text" and "label" pos, neu or neg), and writes tone_head.npz. Prints macro-F1 on the held-out files.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from textblob import TextBlob

from crm.index.embedder import universal_sentence_encoder
from crm.signals.tone import LABELS, Head, Label, ToneModel, design

HERE = Path(__file__).parent
HELD_OUT = HERE.parents[1] / "tests" / "crm" / "signals" / "tone_held_out.tsv"
LANGUAGES = ("en", "es", "pt")
_SHORT: dict[str, Label] = {"pos": "positive", "neu": "neutral", "neg": "negative"}
_DOMAIN_WEIGHT = 3.0
_PENALTY = 3e-4
_STEPS = 1500
_RATE = 0.05

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
    inputs: NDArray[np.float32], labels: NDArray[np.int64], weights: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit a multinomial logistic regression by full-batch Adam from zero; the same data give the same
    array.
    """
    targets = np.eye(len(LABELS), dtype=np.float32)[labels]
    share = np.array([weights[labels == label].sum() for label in range(len(LABELS))])
    scaled = (weights / share[labels]).astype(np.float32)[:, None] / len(LABELS)
    parameters = np.zeros((inputs.shape[1] + 1, len(LABELS)), dtype=np.float32)
    extended = np.hstack([inputs, np.ones((len(inputs), 1), dtype=np.float32)])
    mean, spread = np.zeros_like(parameters), np.zeros_like(parameters)
    for step in range(1, _STEPS + 1):
        scores = extended @ parameters
        exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities = exponents / exponents.sum(axis=1, keepdims=True)
        gradient = extended.T @ (scaled * (probabilities - targets))
        gradient[:-1] += _PENALTY * parameters[:-1]
        mean, spread = 0.9 * mean + 0.1 * gradient, 0.999 * spread + 0.001 * gradient**2
        rate = _RATE * 0.5 * (1 + np.cos(np.pi * step / _STEPS))
        parameters -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-8)
    return parameters[:-1], parameters[-1]


def macro_f1(truth: list[str], told: list[str]) -> float:
    """Return the unweighted mean of the F1 of the three labels."""
    scores = []
    for label in LABELS:
        both = sum(t == label == p for t, p in zip(truth, told, strict=True))
        scores.append(2 * both / max(1, sum(t == label for t in truth) + sum(p == label for p in told)))
    return sum(scores) / len(scores)


def held_out() -> list[tuple[str, str, str]]:
    """Return (language, label, text) of the sentences and mails never trained on."""
    rows = [line.split("\t") for line in HELD_OUT.read_text("utf-8").splitlines()]
    return [(code, label, text.replace("\\n", "\n")) for code, label, text in rows]


def textblob_label(text: str) -> Label:
    """Return the tone of English text by TextBlob's lexicon, the baseline."""
    polarity = TextBlob(text).sentiment.polarity
    return "positive" if polarity > 0.1 else "negative" if polarity < -0.1 else "neutral"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def report(model: ToneModel, directory: Path | None) -> None:
    """Print macro-F1 by set and language."""
    for code in LANGUAGES:
        rows = [row for row in held_out() if row[0] == code]
        told = [model.analyse(text).label for _, _, text in rows]
        _say(
            f"own held-out {code}: macro-F1 {macro_f1([label for _, label, _ in rows], list(told)):.3f} of {len(rows)}"
        )
        for (_, label, text), guess in zip(rows, told, strict=True):
            if label != guess:
                _say(f"    {label} read as {guess}: {text[:90]!r}")
        if directory and (path := directory / f"{code}_val.jsonl").exists():
            examples = tweets(path)
            rows_told = model.probabilities([text for text, _ in examples]).argmax(axis=1)
            f1 = macro_f1([label for _, label in examples], [LABELS[index] for index in rows_told])
            _say(f"tweets {code}_val: macro-F1 {f1:.3f} of {len(examples)}")
        if code == "en":
            baseline = macro_f1([label for _, label, _ in rows], [textblob_label(text) for _, _, text in rows])
            _say(f"TextBlob on own held-out en: macro-F1 {baseline:.3f}")


def main() -> None:
    """Train, write the head, and report."""
    parser = argparse.ArgumentParser(description="Train the tone head")
    parser.add_argument("--tweets", type=Path, help="a directory with {en,es,pt}_train.jsonl and _val.jsonl")
    arguments = parser.parse_args()
    own = sentences()
    foreign = (
        [row for code in LANGUAGES for row in tweets(arguments.tweets / f"{code}_train.jsonl")]
        if arguments.tweets
        else []
    )
    examples = own + foreign
    weights = np.array([_DOMAIN_WEIGHT] * len(own) + [1.0] * len(foreign), dtype=np.float32)
    embedder = universal_sentence_encoder()
    inputs = design([text for text, _ in examples], embedder)
    labels = np.array([LABELS.index(label) for _, label in examples])
    found, bias = fit(inputs, labels, weights)
    np.savez(HERE / "tone_head.npz", embedder=embedder.id, weights=found, bias=bias)
    report(ToneModel(embedder, Head(embedder=embedder.id, weights=found, bias=bias)), arguments.tweets)


if __name__ == "__main__":
    main()
