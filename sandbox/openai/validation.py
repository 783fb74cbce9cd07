"""The checks OpenAI makes on a chat request, as far as a wrong product could trip over them."""

from typing import Any

from sandbox.openai.errors import ApiError

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")


def check_chat(body: Any) -> dict[str, Any]:
    """The body, or ApiError 400: unknown roles, unanswered tool calls, tool results nobody asked for."""
    if not isinstance(body, dict):
        raise ApiError(400, "The body must be a JSON object.")
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise ApiError(400, "you must provide a model parameter", param="model")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise ApiError(400, "'messages' must be a non-empty array.", param="messages")
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            raise ApiError(400, f"Invalid role in messages[{index}].", param=f"messages[{index}].role")
    _check_tool_results(messages)
    return body


def _check_tool_results(messages: list[dict[str, Any]]) -> None:
    open_calls: set[str] = set()
    for index, message in enumerate(messages):
        if message["role"] == "tool":
            if message.get("tool_call_id") not in open_calls:
                text = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
                raise ApiError(400, f"Invalid parameter: {text}", param=f"messages[{index}].role")
            open_calls.discard(message["tool_call_id"])
            continue
        _require_answered(open_calls, index)
        open_calls = {call["id"] for call in message.get("tool_calls") or []}
    _require_answered(open_calls, len(messages))


def _require_answered(open_calls: set[str], index: int) -> None:
    if open_calls:
        text = (
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            "'tool_call_id'. The following tool_call_ids did not have response messages: "
            + ", ".join(sorted(open_calls))
        )
        raise ApiError(400, text, param=f"messages[{index - 1}].tool_calls")
