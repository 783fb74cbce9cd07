"""A case of the send-safety suite: what a person says to an assistant whose model has been taken over."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Case(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    language: Literal["en", "es", "pt"]
    turns: tuple[str, ...] = Field(min_length=1)
