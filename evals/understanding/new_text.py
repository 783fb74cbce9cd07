"""New text apart from quotes and signatures, in mails of our own in the formats of mailers, read as whole mails."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import EmailMessage
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from crm.signals.language import LANGUAGES, Language
from evals.suite import read_cases
from evals.understanding.score import Score
from gmail.mime import parse

LEAST = 0.97


class Case(BaseModel):
    """One body, as text or HTML, and what is new in it; see the head of new_text.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    language: Language
    subject: str = "Re: Plan"
    text: str | None = None
    html: str | None = None
    new: str | None = None
    new_contains: tuple[str, ...] = ()
    quoted: str | None = None
    signature: str = ""

    def source(self) -> bytes:
        """The mail as bytes."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "tomas@robleda.example", "ana@globex.example", self.subject
        kind = "html" if self.text is None else "plain"
        mail.set_content(self.text or self.html or "", subtype=kind, charset="utf-8")
        return mail.as_bytes()


@cache
def cases() -> tuple[Case, ...]:
    """The mails. Raises `InputError` for one that is not sound."""
    return read_cases(Path(__file__).with_name("new_text.yaml"), Case)


def measure(sample: int | None = None) -> list[Score]:
    """One share of right mails for each language; always all of them, for they are few."""
    return [_share(code, [case for case in cases() if case.language == code]) for code in LANGUAGES]


def _share(code: str, some: Sequence[Case]) -> Score:
    wrong = tuple(case.id for case in some if not passes(case))
    value = 1 - len(wrong) / max(1, len(some))
    return Score(
        part=f"new_text/{code}", measure="share", value=value, least=LEAST, size=len(some), language=code, wrong=wrong
    )


def passes(case: Case) -> bool:
    """True where the new text, the quote and the signature are what the case says."""
    mail = parse(case.source())
    whole = case.new is None or _normal(mail.new_text) == _normal(case.new)
    parts = all(part in mail.new_text for part in case.new_contains)
    quoted = case.quoted is None or (case.quoted in mail.quoted_text if case.quoted else not mail.quoted_text.strip())
    return whole and parts and quoted and case.signature in mail.signature


def _normal(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip()
