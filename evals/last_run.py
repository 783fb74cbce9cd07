"""What the last run gave, kept under the current folder, and what has changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from evals.result import SuiteResult

FILE = Path("reports") / "evals-last-run.json"


class Remembered(BaseModel):
    """One suite as it was last time, for one model."""

    model_config = ConfigDict(frozen=True)

    score: float
    passed: tuple[str, ...]
    failed: tuple[str, ...]


_FORMAT = TypeAdapter(dict[str, Remembered])


@dataclass(frozen=True, kw_only=True)
class Change:
    """Against the last run of the same suite and model; `before` is None for the first one."""

    before: float | None
    fixed: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()


def load(folder: Path) -> dict[str, Remembered]:
    """The last runs below `folder`; none when there is no file or it is not ours."""
    try:
        return _FORMAT.validate_json((folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return {}


def compare(result: SuiteResult, former: Mapping[str, Remembered]) -> Change:
    """Cases that passed before and fail now, and the other way round; cases that are new count as neither."""
    last = former.get(_key(result))
    if last is None:
        return Change(before=None)
    return Change(
        before=last.score,
        fixed=tuple(case.id for case in result.cases if case.passed and case.id in last.failed),
        broken=tuple(case.id for case in result.cases if not case.passed and case.id in last.passed),
    )


def save(folder: Path, results: Sequence[SuiteResult]) -> None:
    """Remember these results beside those of other suites and models. Raises OSError when that is impossible."""
    remembered = load(folder) | {
        _key(result): Remembered(
            score=result.score,
            passed=tuple(case.id for case in result.cases if case.passed),
            failed=tuple(case.id for case in result.cases if not case.passed),
        )
        for result in results
    }
    path = folder / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({key: value.model_dump() for key, value in remembered.items()}, indent=1), "utf-8")


def _key(result: SuiteResult) -> str:
    return f"{result.name} · {result.model}"
