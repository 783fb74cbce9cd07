"""New text apart from quotes and signatures, under the policy of each source of published cases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from evals.understanding import real_data
from evals.understanding.score import Score, absent
from gmail.newtext import Segment, assembled, segments

LEAST = 0.95
SOURCES = ("discourse/email_reply_trimmer", "crisp-oss/email-reply-parser", "alfonsrv/mail-parser-reply")


class Expected(BaseModel):
    """A string that the new text is, holds, or does not hold."""

    op: Literal["equals_strip", "contains", "not_contains"]
    value: str


class Case(BaseModel):
    """One published mail text, below the folder of the data, and what its own parser makes of it."""

    id: str
    source: str
    input: str
    checks: tuple[Expected, ...]


def measure(sample: int | None = None) -> list[Score]:
    """One share of passed cases for each source; always all of them, for they are few."""
    file = real_data.ROOT / "quote_strip" / "expected.jsonl"
    if not file.exists():
        return [absent(f"quote_strip/{source.split('/')[0]}", "quote_strip") for source in SOURCES]
    cases = [Case.model_validate_json(line) for line in file.read_text("utf-8").splitlines()]
    return [_source(source, [case for case in cases if case.source == source]) for source in SOURCES]


def _source(source: str, cases: Sequence[Case]) -> Score:
    wrong = tuple(case.id for case in cases if not passes(case))
    return Score(
        part=f"quote_strip/{source.split('/', maxsplit=1)[0]}",
        measure="share",
        value=1 - len(wrong) / max(1, len(cases)),
        least=LEAST,
        size=len(cases),
        wrong=wrong,
    )


def passes(case: Case) -> bool:
    """True where all checks of a case hold."""
    path = real_data.ROOT / "quote_strip" / case.input
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        told = _normal(_by_policy(file.read(), case.source), case.source)
    return all(_holds(check.op, _normal(check.value, case.source), told) for check in case.checks)


def _holds(operation: str, value: str, told: str) -> bool:
    if operation == "equals_strip":
        return told == value
    return (value in told) == (operation == "contains")


def _by_policy(text: str, source: str) -> str:
    """What a source keeps of a mail differs (a signature, a closing, a forward): its policy is put on our segments."""
    parts = segments(text)
    if source.startswith("discourse"):
        if parts and parts[0].kind == "forward" and "orwarded" in parts[0].lines[0]:
            return re.split(r"\n\s*\n", parts[0].text, maxsplit=1)[1]
        return "\n\n".join(piece for index in range(len(parts)) if (piece := _discourse(parts, index)))
    if source.startswith("crisp"):
        kept: list[str] = []
        for part in parts:
            if part.kind not in ("new", "closing"):
                break
            kept.append(part.text)
        return "\n\n".join(kept)
    if [part.kind for part in parts][:1] == ["forward"]:
        parts = segments(re.split(r"\n\s*\n", parts[0].text, maxsplit=1)[-1])
    return assembled(parts).new_text


def _discourse(parts: list[Segment], index: int) -> str:
    part = parts[index]
    if part.kind in ("new", "closing"):
        return part.text
    around = any(p.kind == "new" for p in parts[:index]) and any(p.kind == "new" for p in parts[index + 1 :])
    if part.kind == "quote" and (around or not part.attributed):
        return "\n".join(line for line in part.lines if line.startswith(">"))
    return ""


def _normal(text: str, source: str) -> str:
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip()
    # mail-parser-reply leaves the line above Outlook's header block standing.
    return re.sub(r"[-\s]+$", "", text) if source.startswith("alfonsrv") else text
