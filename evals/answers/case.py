"""A case of the answers suite: the turns of a conversation and what the last answer must be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from evals.scenario import customer_names, gold_mails
from evals.suite import Language, NamedCase

Kind = Literal["discussed", "last", "mentions", "record", "health", "not_found", "follow_up", "draft", "trap"]


def _is_gold(key: str) -> str:
    if key not in gold_mails():
        raise ValueError(f"no mail {key} in the scenario")
    return key


def _is_customer(name: str) -> str:
    if name not in customer_names():
        raise ValueError(f"no customer {name} in the scenario")
    return name


Gold = Annotated[str, AfterValidator(_is_gold)]
Customer = Annotated[str, AfterValidator(_is_customer)]


class Expectation(BaseModel):
    """Everything that is set must hold for the answer to the last turn.

    Mails are named by their key in the scenario. `not_found` null: either will do. `customers`: every cited mail is one
    of theirs. `contains_*` looks at the whole answer, `says_none` at its own words, quotes apart; drafts count for both.
    `mentions_of`: exactly these customers are cited, `mentions_allowed` besides. `draft_to`: the addresses in To, exactly.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    not_found: bool | None = False
    customers: tuple[Customer, ...] = ()
    cites_any: tuple[Gold, ...] = ()
    cites_all: tuple[Gold, ...] = ()
    contains_any: tuple[str, ...] = ()
    contains_all: tuple[str, ...] = ()
    contains_none: tuple[str, ...] = ()
    says_none: tuple[str, ...] = ()
    max_citations: int | None = Field(default=None, ge=0)
    mentions_of: tuple[Customer, ...] | None = None
    mentions_allowed: tuple[Customer, ...] = ()
    draft_to: tuple[str, ...] = ()
    draft_language: Language | None = None
    no_draft: bool = False

    @property
    def gold(self) -> frozenset[str]:
        """The Message-IDs of all mails that may answer."""
        return frozenset(gold_mails()[key] for key in (*self.cites_any, *self.cites_all))


class Case(NamedCase):
    """`group` ties phrasings of one question together: they must give the same facts."""

    kind: Kind
    group: str = ""
    turns: tuple[str, ...] = Field(min_length=1)
    expect: Expectation

    @model_validator(mode="after")
    def _expects_something(self) -> Case:
        if self.expect == Expectation():
            raise ValueError("expects nothing")
        return self
