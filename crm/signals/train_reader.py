"""Train the sentence reader: python -m crm.signals.train_reader [--tweets DIRECTORY] [--epochs N] [--onwards]; needs torch.

Tone is learnt from the sentences of train_tone, terms (and tone, where the third column tells it) from keyword_sentences.tsv
beside this file, terms from the dev half of evals/understanding/keywords.yaml and the sentences of
tests/crm/signals/keywords_fresh.tsv too; sentences that are glad or neutral and in which no rule finds a term teach that they hold
none. Both heads and what the encoder can learn (crm.index.e5_torch) are fitted together by AdamW. Writes sentence_reader.npz.
About 11 minutes an epoch on two cores. `--onwards` begins with the reader that is there and changes it a quarter as fast, with
every fourth of the sentences that only tell a tone, and writes three quarters of what that gives and one of what was there
(Wortsman et al. 2022): so new sentences are learnt in some minutes, and what is known is not forgotten.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from crm.index.e5_file import shipped
from crm.index.e5_torch import Encoder, Tokenizer, batches, padded
from crm.index.embedder import universal_sentence_encoder
from crm.index.joint import CENTRES
from crm.signals.keywords import find, load_lexicon
from crm.signals.polarity import FEATURES, features, spoken
from crm.signals.reader import FILE, MARKS, TERMS, Gate, arrays_there, load_heads, tuned
from crm.signals.tone import LABELS
from crm.signals.train_tone import HELD_OUT, HERE, LANGUAGES, sentences, tweets

KEYWORDS = HERE / "keyword_sentences.tsv"
FRESH = HELD_OUT.with_name("keywords_fresh.tsv")
CASES = HERE.parents[1] / "evals" / "understanding" / "keywords.yaml"
_MARK_OF = {"": "plain", "not": "negated", "if": "hypothetical"}
_DOMAIN_WEIGHT, _TWEET_WEIGHT, _SILENT_WEIGHT = 1.1, 0.75, 0.3
_RATE, _GROWTH_RATE, _HEAD_RATE, _DROP, _SMOOTHING, _PIECES, _WARM = 2e-3, 1e-3, 1e-2, 0.1, 0.05, 1024, 0.06
_SEED, _GATE_STEPS = 1, 400
_GENTLY, _EVERY, _NEW = 0.25, 4, 0.75


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """`tone` is the place of a label, or None. `terms` (terms, marks) holds 1 for each mark that is right; None: nobody said."""

    text: str
    tone: int | None = None
    tone_weight: float = 0.0
    terms: NDArray[np.float32] | None = None
    terms_weight: float = 1.0


def marked(labels: Sequence[str]) -> NDArray[np.float32]:
    """What a sentence holds, of labels like "cancel", "not price", "if competitor:zentria", "any legal"."""
    right = np.zeros((len(TERMS), len(MARKS)), dtype=np.float32)
    right[:, 0] = 1
    for label in labels:
        mark, _, name = label.partition(" ") if label.startswith(("not ", "if ", "any ")) else ("", "", label)
        if (term := name.partition(":")[0]) in TERMS:
            row = right[TERMS.index(term)]
            row[:] = [0, 1, 1, 1] if mark == "any" else [float(known == _MARK_OF[mark]) for known in MARKS]
    return right


def keyword_lessons() -> list[Lesson]:
    own = [line.split("\t") for line in KEYWORDS.read_text("utf-8").splitlines()]
    fresh = [line.split("\t") for line in FRESH.read_text("utf-8").splitlines() if not line.startswith("#")]
    cases = yaml.safe_load(CASES.read_text("utf-8"))
    return [
        *(_lesson(text, labels, tone) for _, labels, tone, text in own),
        *(_lesson(text, labels) for _, _, labels, text in fresh),
        *(Lesson(text=case["text"], terms=marked(case["terms"])) for case in cases if case["split"] == "dev"),
    ]


def _lesson(text: str, labels: str, tone: str = "") -> Lesson:
    terms = marked([label.strip() for label in labels.split(",") if label.strip()])
    told = [place for place, label in enumerate(LABELS) if label == tone]
    return Lesson(text=text, tone=told[0] if told else None, tone_weight=_DOMAIN_WEIGHT if told else 0.0, terms=terms)


def tone_lessons(directory: Path | None) -> list[Lesson]:
    lexicon, nothing = load_lexicon(), marked([])
    own = [
        Lesson(
            text=text,
            tone=LABELS.index(label),
            tone_weight=_DOMAIN_WEIGHT,
            terms=None if label == "negative" or find(text, lexicon) else nothing,
            terms_weight=_SILENT_WEIGHT,
        )
        for text, label in sentences()
    ]
    foreign = [row for code in LANGUAGES for row in tweets(directory / f"{code}_train.jsonl")] if directory else []
    return own + [
        Lesson(text=text, tone=LABELS.index(label), tone_weight=_TWEET_WEIGHT) for text, label in foreign if text
    ]


class Pupil(nn.Module):
    """The encoder with both heads, as `crm.signals.reader` puts them together."""

    def __init__(self, encoder: Encoder, centre: NDArray[np.float32], scale: NDArray[np.float32]) -> None:
        super().__init__()
        self.encoder = encoder
        self.tone, self.terms = nn.Linear(len(centre), len(LABELS)), nn.Linear(len(centre), len(TERMS) * len(MARKS))
        self.polar = nn.Linear(FEATURES, len(LABELS), bias=False)
        self.register_buffer("centre", torch.from_numpy(centre))
        self.register_buffer("scale", torch.from_numpy(scale))
        for head in (self.tone, self.terms, self.polar):
            for numbers in head.parameters():
                nn.init.zeros_(numbers)
        with torch.no_grad():
            self.terms.bias.view(len(TERMS), len(MARKS))[:, 0] = 3  # most sentences hold none

    def take_up(self) -> None:
        """Begin with the heads that are there; the encoder was made of a tuned file."""
        held = load_heads()
        with torch.no_grad():
            for head, weights in ((self.tone, held.tone), (self.terms, held.terms)):
                head.weight.copy_(torch.from_numpy(weights.T))
            self.tone.bias.copy_(torch.from_numpy(held.tone_bias))
            self.terms.bias.copy_(torch.from_numpy(held.terms_bias))
            self.polar.weight.copy_(torch.from_numpy((held.polar / self.scale.numpy()[:, None]).T))

    def forward(self, texts: Sequence[Sequence[int]], polar: Tensor) -> tuple[Tensor, Tensor]:
        held = 10 * (functional.normalize(self.encoder(*padded(texts), _DROP)) - self.centre)
        tone = self.tone(held) + self.polar(polar * self.scale)
        return tone, self.terms(held).view(len(texts), len(TERMS), len(MARKS))

    def write(self, path: Path, gate: Gate, *, onwards: bool = False) -> None:
        arrays: dict[str, Any] = {f"e5.{name}": numbers for name, numbers in self.encoder.floats().items()}
        arrays |= {"gate": gate.weights, "gate_bias": gate.bias, "centre": self.centre.numpy()}
        arrays |= {"tone": _turned(self.tone), "tone_bias": self.tone.bias.detach().numpy()}
        arrays |= {"terms": _turned(self.terms), "terms_bias": self.terms.bias.detach().numpy()}
        arrays["polar"] = _turned(self.polar) * self.scale.numpy()[:, None]
        if onwards:
            arrays = {name: _mixed(held, arrays[name]) for name, held in arrays_there().items()}
        np.savez_compressed(path, **arrays)


def _mixed(before: NDArray[np.float32], after: Any) -> NDArray[Any]:
    held = np.asarray(after)
    return ((1 - _NEW) * before + _NEW * held).astype(held.dtype)


def _turned(head: nn.Linear) -> NDArray[np.float32]:
    turned: NDArray[np.float32] = head.weight.detach().numpy().T
    return turned


def loss(pupil: Pupil, lessons: Sequence[Lesson], texts: Sequence[Sequence[int]], polar: NDArray[np.float32]) -> Tensor:
    """What both heads got wrong of a batch, a sentence."""
    tone, terms = pupil(texts, torch.from_numpy(polar))
    told = torch.tensor([-100 if lesson.tone is None else lesson.tone for lesson in lessons])
    weights = torch.tensor([lesson.tone_weight for lesson in lessons])
    of_tone = functional.cross_entropy(tone, told, reduction="none", label_smoothing=_SMOOTHING) * weights
    right = torch.from_numpy(np.stack([_any() if lesson.terms is None else lesson.terms for lesson in lessons]))
    weights = torch.tensor([0.0 if lesson.terms is None else lesson.terms_weight for lesson in lessons])
    likely = terms.logsumexp(-1) - (terms + right.clamp_min(1e-9).log()).logsumexp(-1)
    total: Tensor = (of_tone + likely.sum(1) * weights).mean()
    return total


def _any() -> NDArray[np.float32]:
    return np.ones((len(TERMS), len(MARKS)), dtype=np.float32)


def train(lessons: Sequence[Lesson], epochs: int, *, onwards: bool = False) -> Pupil:
    torch.manual_seed(_SEED)
    chance = np.random.default_rng(_SEED)
    file = shipped()
    if onwards:
        file.put(tuned())
    tokenizer = Tokenizer(file)
    texts = [tokenizer(f"query: {spoken(lesson.text)}") for lesson in lessons]
    polar = np.stack([features(lesson.text) for lesson in lessons]).astype(np.float32)
    with files("crm.index").joinpath(CENTRES).open("rb") as held:
        centre = np.load(held)["query"].mean(axis=0).astype(np.float32)
    pupil = Pupil(Encoder(file), centre, (1 / np.sqrt((polar**2).mean(axis=0) + 0.05)).astype(np.float32))
    if onwards:
        pupil.take_up()
    encoder, growth = list(pupil.encoder.learnt.parameters()), list(pupil.encoder.growth.parameters())
    heads = [numbers for head in (pupil.tone, pupil.terms, pupil.polar) for numbers in head.parameters()]
    learnt = ((encoder, _RATE), (growth, _GROWTH_RATE), (heads, _HEAD_RATE))
    rates = [{"params": numbers, "lr": rate * (_GENTLY if onwards else 1)} for numbers, rate in learnt]
    optimizer = torch.optim.AdamW(rates, weight_decay=0.0, betas=(0.9, 0.98))
    lengths = [len(text) for text in texts]
    steps = epochs * len(batches(lengths, _PIECES, chance))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (_WARM * steps)) * max(0.0, 1 - step / steps)
    )
    for epoch in range(epochs):
        began, lost = time.monotonic(), list[float]()
        for batch in batches(lengths, _PIECES, chance):
            wrong = loss(pupil, [lessons[n] for n in batch], [texts[n] for n in batch], polar[batch])
            optimizer.zero_grad()
            wrong.backward()
            nn.utils.clip_grad_norm_([*encoder, *growth], 1.0)
            optimizer.step()
            schedule.step()
            lost.append(float(wrong.detach()))
        sys.stdout.write(f"epoch {epoch + 1}: loss {np.mean(lost):.3f}, {time.monotonic() - began:.0f} s\n")
        sys.stdout.flush()
    return pupil


def gate(lessons: Sequence[Lesson]) -> Gate:
    """Logistic regression on the first encoder's vectors."""
    vectors = universal_sentence_encoder().embed([spoken(lesson.text) for lesson in lessons])
    inputs = torch.from_numpy(vectors)
    present = torch.tensor([float(lesson.terms is not None and not lesson.terms[:, 0].all()) for lesson in lessons])
    head = nn.Linear(inputs.shape[1], 1)
    optimizer = torch.optim.AdamW(head.parameters(), lr=0.05, weight_decay=0.02)
    for _ in range(_GATE_STEPS):
        wrong = functional.binary_cross_entropy_with_logits(head(inputs)[:, 0], present)
        optimizer.zero_grad()
        wrong.backward()
        optimizer.step()
    return Gate(weights=head.weight.detach().numpy()[0], bias=float(head.bias.detach()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="crm.signals.train_reader", description=__doc__)
    parser.add_argument("--tweets", type=Path, help="a directory with {en,es,pt}_train.jsonl")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--onwards", action="store_true", help="from the reader that is there")
    chosen = parser.parse_args()
    terms, tones = keyword_lessons(), tone_lessons(chosen.tweets)
    lessons = [*(tones[::_EVERY] if chosen.onwards else tones), *terms]
    train(lessons, chosen.epochs, onwards=chosen.onwards).write(HERE / FILE, gate(terms), onwards=chosen.onwards)


if __name__ == "__main__":
    main()
