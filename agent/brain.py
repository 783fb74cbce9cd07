"""The two ways to think: a language model, or the embedded extractive default. The graph can't tell them apart."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import httpx
import openai
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from agent.answer import Mode
from agent.assembly import FINISH, assemble
from agent.history import fitting, tokens
from agent.limits import OutOfTokens
from agent.listening import listen
from agent.prompts import LANGUAGES, REWORD, REWORDINGS, SYSTEM
from agent.rewording import Rewording
from agent.scope import Scope
from crm.errors import ModelUnavailable
from crm.identity import Principal

_log = logging.getLogger(__name__)
_HISTORY = 40_000  # tokens, approximately: older turns fall out first
_LONGEST = 40_000  # characters of one answer of a model; what comes after is not read
_TIMEOUT = 60  # seconds of silence of the model
_RETRIES = 2
ESTIMATED = "estimated"  # in `response_metadata`: the tokens were counted here, not by the endpoint


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What a brain knows when it is asked for its next move. `messages` is the conversation, this turn's tools included.

    `deadline` is a `time.monotonic`; `tokens` is what is left for this answer. `say` tells whoever waits what is being done,
    `pulse` that it goes on.
    """

    principal: Principal
    scope: Scope
    now: datetime
    messages: Sequence[AnyMessage]
    deadline: float = math.inf
    tokens: int = 1_000_000
    cancelled: threading.Event = field(default_factory=threading.Event)
    say: Callable[[str], None] = lambda _: None
    pulse: Callable[[], None] = lambda: None


class Brain(Protocol):
    name: str
    mode: Mode

    def next(self, turn: Turn) -> AIMessage:
        """Tool calls, or the final text. Raises `ModelUnavailable`, `AnswerStopped`, `OutOfTime`, `OutOfTokens`."""
        ...

    def reword(self, task: Rewording) -> str:
        """A draft's text worded anew. Raises `ModelUnavailable`, or `InputError` when this brain can't."""
        ...


class ModelBrain:
    """A chat model behind an OpenAI-compatible address."""

    mode: Mode = "model"

    def __init__(self, name: str, model: BaseChatModel, tools: Sequence[BaseTool]) -> None:
        self.name = name
        self._model, self._words = model.bind_tools(tools), model
        self._tools = frozenset(tool.name for tool in tools)
        self._tools_cost = len(str([convert_to_openai_tool(tool) for tool in tools])) // 4

    def next(self, turn: Turn) -> AIMessage:
        system = SystemMessage(
            SYSTEM.format(
                user=turn.principal.name or turn.principal.email,
                today=f"{turn.now.astimezone(turn.principal.zone):%A %Y-%m-%d}",
                timezone=turn.principal.timezone,
                scope=describe(turn.scope),
                language=LANGUAGES[turn.scope.language],
            )
        )
        fixed = tokens([system]) + self._tools_cost
        room, wasted = min(_HISTORY, turn.tokens - fixed), 0
        for last_try in (False, True):
            prompt = [system, *fitting(turn.messages, room)]
            cost = tokens(prompt) + self._tools_cost
            if cost + wasted > turn.tokens:
                raise OutOfTokens
            pieces: list[BaseMessage] = []
            try:
                self._hear(turn, prompt, pieces)
            except openai.BadRequestError as error:
                if last_try or not _too_long(error):
                    raise ModelUnavailable(type(error).__name__) from None
                room = min(room, tokens(prompt)) // 4  # a smaller model than we took it for
            except (openai.OpenAIError, httpx.HTTPError) as error:  # a stream that breaks off raises httpx's own
                if last_try or not pieces:  # before the first piece the client itself has tried again
                    raise ModelUnavailable(type(error).__name__) from None
                turn.say("The model's answer broke off; asking it again")
                wasted += cost
            except (ValueError, TypeError, LookupError, AttributeError) as error:  # it only looks like OpenAI's
                raise ModelUnavailable(type(error).__name__) from None
            else:
                return self._counted(assemble(pieces, self._tools), cost, wasted)
            _log.info("model asked again", extra={"fields": {"pieces": len(pieces), "room": room}})
        raise ModelUnavailable("no answer")

    def _hear(self, turn: Turn, prompt: Sequence[BaseMessage], pieces: list[BaseMessage]) -> None:
        def start() -> Iterator[BaseMessage]:
            return _bounded(self._model.stream(list(prompt)))

        listen(start, pieces, deadline=turn.deadline, cancelled=turn.cancelled, pulse=turn.pulse)
        if not pieces:
            raise ValueError("an empty stream")

    def _counted(self, message: AIMessage, cost: int, wasted: int) -> AIMessage:
        """With the tokens that it took: as the endpoint counts them, else estimated; those of a broken answer always are."""
        usage = message.usage_metadata
        counted = usage is not None and usage["input_tokens"] + usage["output_tokens"] > 0
        read, said = cost, (len(message.text) + len(str(message.tool_calls or ""))) // 4 + 1
        if usage is not None and counted:
            read, said = usage["input_tokens"], usage["output_tokens"]
        read += wasted
        return message.model_copy(
            update={
                "usage_metadata": {"input_tokens": read, "output_tokens": said, "total_tokens": read + said},
                "response_metadata": {**message.response_metadata, ESTIMATED: bool(wasted) or not counted},
            }
        )

    def reword(self, task: Rewording) -> str:
        """Asked without any tool: the answer is text, whatever the draft says."""
        wanted = REWORDINGS[task.how]
        asked = [SystemMessage(REWORD.format(wanted=wanted)), HumanMessage(f"<draft>\n{task.text}\n</draft>")]
        text = str(_answered(lambda: self._words.invoke(asked)).text).strip()
        text = text.removeprefix("<draft>").removesuffix("</draft>").strip()
        if not text:
            raise ModelUnavailable("empty")
        return text


def _answered(invoke: Callable[[], BaseMessage]) -> AIMessage:
    """The model's message. Raises `ModelUnavailable` for whatever an endpoint does instead of answering."""
    try:
        answer = invoke()
    except (openai.OpenAIError, httpx.HTTPError) as error:  # a stream that breaks off raises httpx's own
        raise ModelUnavailable(type(error).__name__) from None
    except (ValueError, TypeError, LookupError, AttributeError) as error:  # it only looks like OpenAI's
        raise ModelUnavailable(type(error).__name__) from None
    if not isinstance(answer, AIMessage):
        raise ModelUnavailable("not a chat answer")
    return answer


def _bounded(stream: Iterator[BaseMessage]) -> Iterator[BaseMessage]:
    """The stream up to the longest answer that is read; then it ends as one that was cut for its length."""
    read = 0
    for piece in stream:
        yield piece
        fragments = getattr(piece, "tool_call_chunks", [])
        read += len(piece.text) + sum(len(fragment.get("args") or "") for fragment in fragments)
        if read > _LONGEST:
            yield AIMessage("", response_metadata={FINISH: "length"})
            return


def _too_long(error: openai.BadRequestError) -> bool:
    return error.code == "context_length_exceeded" or "context" in str(error.message).lower()


def openai_brain(name: str, *, api_key: str, base_url: str, tools: Sequence[BaseTool]) -> ModelBrain:
    """`name` is the model's; an empty `base_url` means OpenAI itself. Only the model call is retried."""
    model = ChatOpenAI(
        model=name,
        api_key=SecretStr(api_key or "none"),  # a local server wants some key, not a good one
        base_url=base_url or None,
        timeout=_TIMEOUT,
        max_retries=_RETRIES,
        temperature=0,
        streaming=True,
        stream_usage=True,
    )
    return ModelBrain(f"openai:{name}", model, tools)


def describe(scope: Scope) -> str:
    """The scope in one line, for the prompt and for a person."""
    who = ", ".join(f"{person.name} ({person.customer})" for person in scope.people) or ", ".join(scope.customers)
    since, until = scope.period.since, scope.period.until
    when = f"{f'from {since:%Y-%m-%d}' if since else ''} {f'until {until:%Y-%m-%d}' if until else ''}".strip()
    return f"{who or 'all customers'}; {when or 'the whole indexed period'}"
