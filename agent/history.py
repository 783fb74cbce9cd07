"""As much of a conversation as a prompt has room for. No tool call is ever left without its answer."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.messages.utils import count_tokens_approximately

MEANING = "meaning"  # where a message keeps what an answer to a question back means: the question, made clear
_LEFT_OUT = "[This result was too long to be kept. Call the tool again, about less, if you need it.]"
_SMALL = 400  # characters of a tool's result that is not worth leaving out


def meaning_of(message: HumanMessage) -> str:
    """What a message of the user asks."""
    return str(message.additional_kwargs.get(MEANING, message.content))


def tokens(messages: Sequence[BaseMessage]) -> int:
    """About how many; a token has about four characters."""
    return count_tokens_approximately(list(messages)) if messages else 0


def fitting(messages: Sequence[BaseMessage], room: int) -> list[BaseMessage]:
    """The last question with all that was said since, and the turns before it as far as they fit into `room` tokens.

    The turns before are kept whole, then as question and answer only, then not at all, oldest first. Of the last turn the
    longest results of tools go first when it does not fit alone; its question stays whatever its size.
    """
    *before, last = _turns(_paired(messages))
    kept = _shortened(last, room)
    left = room - tokens(kept)
    whole = True
    for turn in reversed(before):
        if whole and tokens(turn) > left:
            whole = False
        chosen = turn if whole else _said(turn)
        left -= tokens(chosen)
        if left < 0:
            break
        kept = [*chosen, *kept]
    return kept


def _turns(messages: Sequence[BaseMessage]) -> list[list[BaseMessage]]:
    turns: list[list[BaseMessage]] = [[]]
    for message in messages:
        if isinstance(message, HumanMessage) and turns[-1]:
            turns.append([])
        turns[-1].append(message)
    return turns


def _said(turn: Sequence[BaseMessage]) -> list[BaseMessage]:
    """Question and answer, without what was looked up in between."""
    return [
        message
        for message in turn
        if isinstance(message, HumanMessage) or (isinstance(message, AIMessage) and not message.tool_calls)
    ]


def _shortened(turn: Sequence[BaseMessage], room: int) -> list[BaseMessage]:
    kept = list(turn)
    results = [place for place, held in enumerate(kept) if isinstance(held, ToolMessage) and len(held.text) > _SMALL]
    results.sort(key=lambda place: len(kept[place].text), reverse=True)
    for place in results:
        if tokens(kept) <= room:
            break
        kept[place] = kept[place].model_copy(update={"content": _LEFT_OUT, "artifact": None})
    return kept


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
