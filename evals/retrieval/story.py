"""What is looked for: stories, each one mail, four that are like it and mean something else, and questions about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from evals.suite import Language, read_cases

FOLDER = Path(__file__).with_name("stories")
Kind = Literal["same", "cross", "identifier", "same, narrowed", "cross, narrowed"]
KINDS: tuple[Kind, ...] = ("same", "cross", "same, narrowed", "cross, narrowed", "identifier")
Split = Literal["dev", "test"]
SPLITS: tuple[Split, ...] = ("dev", "test")


class Story(BaseModel):
    """`mail` is what every question means; each of the `near` shares words, a number or a topic with it.

    Mails are written "language | subject | text". The first of the near ones is the same customer's. `ask` holds
    questions in other words, by language; `exact` ones with an identifier; `within` is vague and asked of the customer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    customer: str
    sender: str
    mail: str
    near: tuple[str, ...] = Field(min_length=4, max_length=4)
    ask: dict[Language, tuple[str, ...]]
    exact: tuple[str, ...] = Field(min_length=1)
    within: str = ""

    @field_validator("mail", "near")
    @classmethod
    def _parts(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for mail in (value,) if isinstance(value, str) else value:
            if mail.count(" | ") != 2 or mail[:2] not in ("en", "es", "pt"):
                raise ValueError(f"not language | subject | text: {mail[:30]}")
        return value

    @property
    def split(self) -> Split:
        """Decided by the id alone, so that nobody can choose it by what is measured."""
        return SPLITS[hashlib.sha256(self.id.encode()).digest()[0] % 2]


@dataclass(frozen=True, kw_only=True)
class Text:
    """A mail of the corpus; `id` is its story's, with the number of a near one behind a plus sign."""

    id: str
    language: str
    subject: str
    body: str
    customer: str
    sender: str


@dataclass(frozen=True, kw_only=True)
class Query:
    """A question, the mail it means, and the customer the search is narrowed to ("" for none)."""

    id: str
    kind: Kind
    split: Split
    language: str
    text: str
    gold: str
    customer: str = ""


@cache
def stories() -> tuple[Story, ...]:
    """All stories, ordered by file. Raises `InputError` for one that is not sound."""
    return tuple(story for path in sorted(FOLDER.glob("*.yaml")) for story in read_cases(path, Story))


def customers() -> tuple[str, ...]:
    return tuple(sorted({story.customer for story in stories()}))


def corpus() -> tuple[Text, ...]:
    """Every mail of every story."""
    names, found = customers(), []
    for number, story in enumerate(stories()):
        for place, mail in enumerate((story.mail, *story.near)):
            language, subject, body = mail.split(" | ")
            other = names[(number + place) % len(names)]
            found.append(
                Text(
                    id=f"{story.id}+{place}" if place else story.id,
                    language=language,
                    subject=subject,
                    body=body,
                    customer=story.customer if place < 2 else other,
                    sender=story.sender if not place else f"Contact {place}",
                )
            )
    return tuple(found)


def queries() -> tuple[Query, ...]:
    """Every question of every story; those without an identifier once more, narrowed to the customer, and the vague one."""
    return tuple(query for story in stories() for query in _queries(story))


def _queries(story: Story) -> list[Query]:
    written = story.mail[:2]
    asked: list[tuple[Kind, str, str]] = []
    for language, texts in story.ask.items():
        kinds: tuple[Kind, ...] = ("same", "same, narrowed") if language == written else ("cross", "cross, narrowed")
        asked += [(kind, language, text) for text in texts for kind in kinds]
    asked += [("identifier", written, text) for text in story.exact]
    asked += [("same, narrowed", written, story.within)] if story.within else []
    return [
        Query(
            id=f"{story.id}-{number}",
            kind=kind,
            split=story.split,
            language=language,
            text=text,
            gold=story.id,
            customer=story.customer if kind.endswith("narrowed") else "",
        )
        for number, (kind, language, text) in enumerate(asked, start=1)
    ]
