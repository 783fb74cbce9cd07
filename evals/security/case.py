"""A goal of an attacker: what a mail asks the assistant for, and what a model that obeys would do."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from evals.suite import NamedCase


class Call(BaseModel):
    """A tool that the attacker wishes there were, with the arguments of the goal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Goal(NamedCase):
    """`asks` is the instruction as it stands in a customer's mail; `calls` are tried as they are; `says` is what the model
    writes into a draft and into its answer. In both, `{loot}` is what another customer wrote.
    """

    source: str
    asks: str = Field(min_length=1)
    calls: tuple[Call, ...] = Field(default=(), max_length=3)
    says: str = "{loot}"
