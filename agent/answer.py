"""What the assistant gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Mode = Literal["model", "extractive"]


@dataclass(frozen=True, kw_only=True)
class Citation:
    """One cited mail. `verified` says that `quote` stands in that mail (case and whitespace aside); `date` is UTC.

    `attachment` names the file of the mail in which the quote stands, when it is not the mail's own words.
    """

    n: int
    message_id: str
    gmail_id: str
    customer: str
    date: datetime
    sender: str
    quote: str
    verified: bool
    url: str
    attachment: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "message_id": self.message_id,
            "gmail_id": self.gmail_id,
            "customer": self.customer,
            "date": self.date.isoformat(),
            "from": self.sender,
            "quote": self.quote,
            "verified": self.verified,
            "url": self.url,
            "attachment": self.attachment,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Citation:
        rest = {key: value for key, value in data.items() if key not in ("date", "from")}
        return cls(date=datetime.fromisoformat(data["date"]), sender=data["from"], **rest)


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Tokens that went to a language model and came from it, over all its `calls` for one answer.

    `estimated`: the endpoint did not count (all of) them, so they are counted here, at about four characters each.
    """

    input: int = 0
    output: int = 0
    calls: int = 0
    estimated: bool = False

    @property
    def total(self) -> int:
        return self.input + self.output

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input=self.input + other.input,
            output=self.output + other.output,
            calls=self.calls + other.calls,
            estimated=self.estimated or other.estimated,
        )

    def as_json(self) -> dict[str, Any]:
        return {"input": self.input, "output": self.output, "calls": self.calls, "estimated": self.estimated}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`answer` is plain text with [1] markers; `scope` says what was searched; `tools` which tools were called.

    `id` names the answer where it is stored; "" when it could not be.
    """

    answer: str
    language: str
    model: str
    mode: Mode
    not_found: bool
    scope: dict[str, Any]
    citations: tuple[Citation, ...]
    tools: tuple[str, ...]
    draft_id: str | None
    removed: int
    thread: str
    trace_id: str
    seconds: float
    id: str = ""
    usage: Usage = field(default_factory=Usage)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "answer": self.answer,
            "language": self.language,
            "model": self.model,
            "mode": self.mode,
            "not_found": self.not_found,
            "scope": self.scope,
            "citations": [citation.as_json() for citation in self.citations],
            "tools": list(self.tools),
            "draft_id": self.draft_id,
            "removed": self.removed,
            "thread": self.thread,
            "trace_id": self.trace_id,
            "seconds": self.seconds,
            "usage": self.usage.as_json(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Answer:
        rest = {key: value for key, value in data.items() if key not in ("citations", "tools", "usage")}
        return cls(
            citations=tuple(Citation.from_json(held) for held in data["citations"]),
            tools=tuple(data["tools"]),
            usage=Usage(**data["usage"]),
            **rest,
        )


@dataclass(frozen=True, kw_only=True)
class Step:
    """A line of progress for a face: the scope, a tool call."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Token:
    """A piece of the answer as the model writes it, before its quotes are checked."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """Nothing new while the model thinks: a moment at which a face can notice that nobody waits any more."""
