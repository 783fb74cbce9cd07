"""The suite's own cases."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from crm.signals.language import Language
from crm.signals.tone import Label
from evals.suite import read_cases


class Sentence(BaseModel):
    """A sentence and the critical terms in it: "term", "not term", "if term" or "any term"; tuned on `dev` only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    split: Literal["dev", "test"]
    language: Language
    terms: tuple[str, ...]
    text: str


class Mail(BaseModel):
    """A business mail's new text, its language and its tone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Language
    tone: Label
    text: str


@cache
def sentences() -> tuple[Sentence, ...]:
    """The sentences with critical terms. Raises `InputError` for one that is not sound."""
    return read_cases(Path(__file__).with_name("keywords.yaml"), Sentence)


@cache
def mails() -> tuple[Mail, ...]:
    """The business mails. Raises `InputError` for one that is not sound."""
    return read_cases(Path(__file__).with_name("mails.yaml"), Mail)
