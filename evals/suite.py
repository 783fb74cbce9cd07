"""A suite: its name, its threshold, how many results it gives and how to run it on a house."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crm.errors import InputError
from evals.house import House
from evals.result import CaseResult

Language = Literal["en", "es", "pt"]


class NamedCase(BaseModel):
    """A case with an id of its own in the suite, and the language it is asked in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    language: Language


CaseT = TypeVar("CaseT", bound=BaseModel)
NamedT = TypeVar("NamedT", bound=NamedCase)
Advance = Callable[[str], None]
"""Called with the id of each case when it is done."""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """`threshold` is the share of cases that must pass; `model` is set when a suite brings its own."""

    name: str
    threshold: float
    size: Callable[[], int]
    run: Callable[[House, Advance], Sequence[CaseResult]]
    model: str = ""


def read_cases(path: Path, kind: type[CaseT]) -> tuple[CaseT, ...]:
    """The cases of a YAML file, in order. Raises `InputError` naming the first case that is wrong."""
    name = f"{path.parent.name}/{path.name}"
    try:
        entries = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError:
        raise InputError(str(path), sentence=f"{name} is not valid YAML.") from None
    cases: list[CaseT] = []
    for number, entry in enumerate(entries, start=1):
        try:
            cases.append(kind.model_validate(entry))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise InputError(place, sentence=f"{name}, case {number}, {place}: {first['msg']}.") from None
    return tuple(cases)


def named_cases(path: Path, kind: type[NamedT]) -> tuple[NamedT, ...]:
    """As `read_cases`, for cases with ids; raises `InputError` for an id that occurs twice as well."""
    cases = read_cases(path, kind)
    for case, times in Counter(case.id for case in cases).items():
        if times > 1:
            raise InputError(case, sentence=f"{path.parent.name}/{path.name}: two cases are called {case}.")
    return cases
