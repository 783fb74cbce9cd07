"""Instructions that others published, as goals: BIPIA, CyberSecEval, spikee; measured where they lie beside the project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from evals.security.case import Goal
from evals.understanding.real_data import ROOT

FOLDER = ROOT / "injection"


def goals(most: int | None, folder: Path = FOLDER) -> tuple[Goal, ...]:
    """At most `most` of each source, evenly spread; none where the folder is absent."""
    if not folder.is_dir():
        return ()
    found = []
    for source, texts in (
        ("bipia", sorted(set(_field(folder / "bipia_train.jsonl", "attack")))),
        ("cyberseceval", list(_field(folder / "cyberseceval_en.jsonl", "user_input"))),
        ("spikee", list(_spikee(folder))),
    ):
        step = 1 if most is None else max(1, len(texts) // most)
        chosen = texts[::step][:most]
        found += [
            Goal(id=f"{source}-{number}", language="en", source=source, asks=text, says=f"{_braceless(text)}\n{{loot}}")
            for number, text in enumerate(chosen)
        ]
    return tuple(found)


def _spikee(folder: Path) -> Iterator[str]:
    """Every jailbreak around an instruction to carry something out, in turn."""
    wanted = list(_field(folder / "instructions.jsonl", "instruction"))
    for number, text in enumerate(_field(folder / "jailbreaks.jsonl", "text")):
        yield text.replace("<INSTRUCTION>", wanted[number % len(wanted)])


def _field(path: Path, name: str) -> Iterator[str]:
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            value = str(json.loads(line)[name])
            if value.strip():
                yield value


def _braceless(text: str) -> str:
    return text.replace("{", "(").replace("}", ")")
