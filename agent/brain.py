"""The two ways to think: a language model, or the embedded extractive default. The graph can't tell them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import httpx
import openai
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    trim_messages,
)
from langchain_core.tools import BaseTool
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from agent.answer import Mode
from agent.prompts import LANGUAGES, REWORD, REWORDINGS, SYSTEM
from agent.rewording import Rewording
from agent.scope import Scope
from crm.errors import ModelUnavailable
from crm.identity import Principal

_HISTORY = 40_000  # tokens, approximately: older turns fall out first
_TIMEOUT = 60  # seconds for one answer of the model
_RETRIES = 2


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What a brain knows when it is asked for its next move. `messages` is the conversation, this turn's tools included."""

    principal: Principal
    scope: Scope
    now: datetime
    messages: Sequence[AnyMessage]


class Brain(Protocol):
    name: str
    mode: Mode

    def next(self, turn: Turn) -> AIMessage:
        """Tool calls, or the final text. Raises `ModelUnavailable`."""
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
        recent = trim_messages(
            list(turn.messages),
            max_tokens=_HISTORY,
            token_counter="approximate",  # noqa: S106
            strategy="last",
            start_on="human",
            allow_partial=False,
        )
        return _answered(lambda: self._model.invoke([system, *_paired(recent or turn.messages[-1:])]))

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


def _paired(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """Without tool calls that were never answered (a killed process leaves such): no endpoint takes them."""
    answered = {message.tool_call_id for message in messages if isinstance(message, ToolMessage)}
    whole = {
        str(call["id"])
        for message in messages
        if isinstance(message, AIMessage) and answered.issuperset(str(call["id"]) for call in message.tool_calls)
        for call in message.tool_calls
    }
    return [
        message
        for message in messages
        if not (isinstance(message, ToolMessage) and message.tool_call_id not in whole)
        and not (isinstance(message, AIMessage) and any(str(call["id"]) not in whole for call in message.tool_calls))
    ]


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
