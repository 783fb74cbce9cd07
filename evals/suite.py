"""A suite: its name, its threshold, how many results it gives and how to run it on a house."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from crm.errors import InputError
from evals.house import House
from evals.result import CaseResult

CaseT = TypeVar("CaseT", bound=BaseModel)
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
    """The cases of a YAML file, in order. Raises `InputError` naming the first thing that is wrong."""
    try:
        return TypeAdapter(tuple[kind, ...]).validate_python(yaml.safe_load(path.read_text("utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(place, sentence=f"{path.parent.name}/{path.name}, {place}: {first['msg']}.") from None
    except yaml.YAMLError:
        raise InputError(str(path), sentence=f"{path.parent.name}/{path.name} is not valid YAML.") from None
