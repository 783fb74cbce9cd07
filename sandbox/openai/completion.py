"""A reply as OpenAI's JSON: one chat completion, or the events of a stream."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sandbox.openai.reply import Reply, ToolCall

_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, kw_only=True)
class Completion:
    """`number` makes the ids; `created` is Unix seconds; `prompt` is the request as text, for the usage."""

    number: int
    created: int
    model: str
    prompt: str
    reply: Reply

    def body(self) -> dict[str, Any]:
        """The answer to a request without streaming."""
        message: dict[str, Any] = {"role": "assistant", "content": self.reply.content, "refusal": self.reply.refusal}
        if self.reply.tool_calls:
            message["tool_calls"] = [self._call(i, call) for i, call in enumerate(self.reply.tool_calls)]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.reply.finish}
        usage = {"usage": self.usage()} if self.reply.usage else {}
        return {**self._head("chat.completion"), "choices": [choice], **usage}

    def events(self, *, include_usage: bool) -> Iterator[str]:
        """The server-sent events in order, `[DONE]` last."""
        shape, include_usage = self.reply.stream, include_usage and self.reply.usage
        for delta in self._deltas():
            if shape.empty:
                yield ": waiting\n\n"
                yield _sse({**self._head("chat.completion.chunk"), "choices": []})
                yield self._event({}, None, include_usage)
            yield self._event(delta, None, include_usage)
        if shape.finish:
            yield self._event({}, self.reply.finish, include_usage)
        if include_usage:
            yield _sse({**self._head("chat.completion.chunk"), "choices": [], "usage": self.usage()})
        if shape.done:
            yield "data: [DONE]\n\n"

    def usage(self) -> dict[str, Any]:
        """Token counts, estimated at four characters a token."""
        calls = "".join(call.name + _arguments(call) for call in self.reply.tool_calls)
        prompt, answer = _tokens(self.prompt), _tokens((self.reply.content or "") + calls)
        return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}

    def _deltas(self) -> Iterator[dict[str, Any]]:
        yield {"role": "assistant", "content": None if self.reply.content is None else ""}
        for piece in _pieces(self.reply.content or "", self.reply.stream.chunk):
            yield {"content": piece}
        for piece in _pieces(self.reply.refusal or "", self.reply.stream.chunk):
            yield {"refusal": piece}
        calls = [list(self._fragments(index, call)) for index, call in enumerate(self.reply.tool_calls)]
        if self.reply.stream.calls == "interleaved":
            fragments = [held for row in zip_longest(*reversed(calls)) for held in row if held is not None]
        else:
            fragments = [held for call in calls for held in call]
        yield from ({"tool_calls": [fragment]} for fragment in fragments)

    def _fragments(self, index: int, call: ToolCall) -> Iterator[dict[str, Any]]:
        numbered = {
            "in_order": {"index": index}, "interleaved": {"index": index}, "same_index": {"index": 0}, "without_index": {},
        }[self.reply.stream.calls]  # fmt: skip
        whole = self._call(index, call)
        yield {**whole, **numbered, "function": {"name": call.name, "arguments": ""}}
        for piece in _pieces(whole["function"]["arguments"], self.reply.stream.chunk):
            yield {**numbered, "function": {"arguments": piece}}

    def _event(self, delta: dict[str, Any], finish: str | None, include_usage: bool) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        usage = {"usage": None} if include_usage else {}
        return _sse({**self._head("chat.completion.chunk"), "choices": [choice], **usage})

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{self.number:06d}",
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": "fp_sandbox",
        }

    def _call(self, index: int, call: ToolCall) -> dict[str, Any]:
        function = {"name": call.name, "arguments": _arguments(call)}
        return {"id": call.id or f"call_{self.number:06d}_{index}", "type": "function", "function": function}


def _arguments(call: ToolCall) -> str:
    return call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments, ensure_ascii=False)


def _pieces(text: str, size: int) -> Iterator[str]:
    return (text[i : i + size] for i in range(0, len(text), size))


def _sse(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


def _tokens(text: str) -> int:
    return -(-len(text) // _CHARACTERS_PER_TOKEN)
