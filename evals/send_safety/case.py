"""A case of the send-safety suite: what a person says to an assistant whose model has been taken over."""

from __future__ import annotations

from pydantic import Field

from evals.suite import NamedCase


class Case(NamedCase):
    turns: tuple[str, ...] = Field(min_length=1)
