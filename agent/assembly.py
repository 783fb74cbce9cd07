"""One message of a model from the pieces of its stream, however a server cuts them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata

FINISH = "finish_reason"  # in `response_metadata`: how the endpoint says it ended, None when it did not say
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"^\s*(?:```(?:json)?|<tool_call>)\s*(\{.*\})\s*(?:```|</tool_call>)?\s*$", re.DOTALL)


@dataclass(kw_only=True)
class _Call:
    id: str = ""
    index: int | None = None
    name: str = ""
    arguments: str = ""


@dataclass(kw_only=True)
class _Calls:
    """Tool calls as their fragments come: by index where there is one, by id, else in order."""

    calls: list[_Call] = field(default_factory=list)

    def take(self, fragment: Any) -> None:
        identity, index = str(fragment.get("id") or ""), fragment.get("index")
        call = self._of(identity, index)
        if call is None:
            call = _Call(id=identity, index=index)
            self.calls.append(call)
        call.id = call.id or identity
        call.name += str(fragment.get("name") or "")
        call.arguments += str(fragment.get("args") or "")

    def _of(self, identity: str, index: int | None) -> _Call | None:
        """The call that a fragment goes on with. Some servers give every call the same index, or none at all."""
        if index is None:
            same = [held for held in self.calls if held.id == identity] if identity else self.calls
            return same[-1] if same else None
        numbered = next((held for held in reversed(self.calls) if held.index == index), None)
        another = numbered is not None and identity and numbered.id and identity != numbered.id
        return None if another else numbered


def assemble(pieces: Iterable[BaseMessage], tools: Collection[str]) -> AIMessage:
    """The whole message. Arguments that are no JSON object make an invalid call: a call that was cut off is not run.

    A text that is nothing but a call of one of the `tools`, as small models write them, is that call. What a model says
    to itself between <think> marks is left out.
    """
    held = list(pieces)
    calls = _Calls()
    for piece in held:
        for fragment in _fragments(piece):
            calls.take(fragment)
    text = _THOUGHT.sub("", "".join(str(piece.text) for piece in held)).strip()
    if not calls.calls and (written := _written_call(text, tools)):
        calls.calls.append(written)
        text = ""
    valid, invalid = _parsed(calls.calls)
    return AIMessage(
        text,
        tool_calls=valid,
        invalid_tool_calls=invalid,
        usage_metadata=_usage(held),
        response_metadata={FINISH: _finish(held)},
    )


def _fragments(piece: BaseMessage) -> Sequence[Any]:
    chunks = getattr(piece, "tool_call_chunks", None)
    if chunks is not None:
        return list(chunks)
    whole = getattr(piece, "tool_calls", [])  # a model that does not stream
    return [{"id": call["id"], "name": call["name"], "args": json.dumps(call["args"])} for call in whole]


def _parsed(calls: Sequence[_Call]) -> tuple[list[Any], list[Any]]:
    valid: list[Any] = []
    invalid: list[Any] = []
    for call in calls:
        name = call.name.strip().removeprefix("functions.")
        arguments = _arguments(call.arguments)
        if arguments is None:
            invalid.append(
                {"type": "invalid_tool_call", "name": name, "args": call.arguments, "id": call.id, "error": None}
            )
        else:
            valid.append({"type": "tool_call", "name": name, "args": arguments, "id": call.id})
    return valid, invalid


def _arguments(text: str) -> dict[str, Any] | None:
    """The object, also when it was encoded twice; None for anything else."""
    if not text.strip():
        return {}
    value: Any = text
    for _ in range(2):
        try:
            value = json.loads(value, strict=False)
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, str):
            break
    return value if isinstance(value, dict) else None


def _written_call(text: str, tools: Collection[str]) -> _Call | None:
    found = _FENCE.match(text)
    value = _arguments(found[1] if found else text) if text.startswith(("{", "`", "<")) else None
    if not value or value.get("name") not in tools:
        return None
    arguments = value.get("arguments", value.get("parameters", {}))
    return _Call(name=str(value["name"]), arguments=arguments if isinstance(arguments, str) else json.dumps(arguments))


def _usage(pieces: Sequence[BaseMessage]) -> UsageMetadata | None:
    """The last count: OpenAI sends one at the end, others one that grows with every piece."""
    counts = [usage for piece in pieces if (usage := getattr(piece, "usage_metadata", None))]
    return counts[-1] if counts else None


def _finish(pieces: Sequence[BaseMessage]) -> str | None:
    reasons = [str(reason) for piece in pieces if (reason := piece.response_metadata.get(FINISH))]
    return reasons[-1] if reasons else None
