"""What a scripted model answers, before it becomes JSON or a stream of server-sent events."""

from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from sandbox.openai.conversation import Conversation

FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]


class ToolCall(BaseModel):
    """A string in `arguments` goes out as it stands, malformed or not. The server fills a missing `id`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    arguments: dict[str, Any] | str = Field(default_factory=dict)
    id: str | None = None


class StreamShape(BaseModel):
    """How a reply is cut: `chunk` characters an event, `delay_ms` between events.

    After `break_after` events the connection drops without an end, after `end_after` it is closed as if that were all.
    `empty` puts an event without choices, one without content and a comment before each event. `finish` false leaves out the
    reason it ended; `done` false the final [DONE]. `calls` says how tool calls come: one after the other, their fragments
    `interleaved` (the last call first), all of them with `same_index`, or `without_index`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    chunk: int = Field(default=16, ge=1)
    delay_ms: float = Field(default=0, ge=0)
    break_after: int | None = Field(default=None, ge=0)
    end_after: int | None = Field(default=None, ge=0)
    empty: bool = False
    finish: bool = True
    done: bool = True
    calls: Literal["in_order", "interleaved", "same_index", "without_index"] = "in_order"


class Reply(BaseModel):
    """One answer of the model. A `status` of 400 or more, or a `body`, replaces the completion altogether.

    `usage` false: the server counts no tokens.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    content: str | None = None
    refusal: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    usage: bool = True
    finish_reason: FinishReason | None = None
    stream: StreamShape = StreamShape()
    status: int = Field(default=200, ge=200, le=599)
    headers: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] | str | None = None
    delay_s: float = Field(default=0, ge=0)
    hang: bool = False

    @property
    def finish(self) -> FinishReason:
        return self.finish_reason or ("tool_calls" if self.tool_calls else "stop")


class Model(Protocol):
    """Anything that answers a chat request. Raises `NoRuleError` when a script has no answer."""

    def reply(self, conversation: Conversation) -> Reply: ...


class NoRuleError(LookupError):
    """The script has no rule for this request."""
