"""What a chat request says, as the scripted models look at it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """One chat-completions request.

    `messages` are OpenAI messages as sent; `tools` maps each offered function to the JSON Schema of its
    parameters; `tool_choice` is the function the caller forces ("" when free, None when tools are forbidden);
    `answer_schema` is the JSON Schema of a structured answer, when one is asked for.
    """

    messages: tuple[dict[str, Any], ...]
    tools: dict[str, dict[str, Any]]
    descriptions: dict[str, str]
    tool_choice: str | None
    answer_schema: dict[str, Any] | None

    @classmethod
    def from_request(cls, body: dict[str, Any]) -> "Conversation":
        functions = [tool["function"] for tool in body.get("tools") or [] if tool.get("type") == "function"]
        answer = body.get("response_format") or {}
        return cls(
            messages=tuple(body["messages"]),
            tools={f["name"]: f.get("parameters") or {} for f in functions},
            descriptions={f["name"]: f.get("description") or "" for f in functions},
            tool_choice=_forced(body.get("tool_choice")),
            answer_schema=(answer.get("json_schema") or {}).get("schema"),
        )

    @property
    def last_role(self) -> str:
        return str(self.messages[-1]["role"])

    @property
    def last_user(self) -> str:
        """Text of the last user message, "" when there is none."""
        return next((text_of(m) for m in reversed(self.messages) if m["role"] == "user"), "")

    @property
    def system(self) -> str:
        return "\n".join(text_of(m) for m in self.messages if m["role"] in ("system", "developer"))

    @property
    def turn(self) -> int:
        """1 for the model's first reply to the last user message, one more for each reply it gave since."""
        return 1 + len([m for m in self._since_user() if m["role"] == "assistant"])

    @property
    def user_turns(self) -> int:
        return len([m for m in self.messages if m["role"] == "user"])

    @property
    def called(self) -> tuple[str, ...]:
        """Names of the tools called since the last user message, in order."""
        calls = [call for m in self._since_user() for call in m.get("tool_calls") or []]
        return tuple(call["function"]["name"] for call in calls)

    @property
    def last_tool(self) -> str:
        """Name of the tool whose result is the last message, "" when the last message is something else."""
        if self.last_role != "tool":
            return ""
        wanted = self.messages[-1].get("tool_call_id")
        calls = [call for m in self.messages for call in m.get("tool_calls") or []]
        return next((call["function"]["name"] for call in reversed(calls) if call["id"] == wanted), "")

    @property
    def tool_texts(self) -> tuple[str, ...]:
        """Every tool result of the conversation, newest first."""
        return tuple(text_of(m) for m in reversed(self.messages) if m["role"] == "tool")

    def _since_user(self) -> tuple[dict[str, Any], ...]:
        users = [i for i, m in enumerate(self.messages) if m["role"] == "user"]
        return self.messages[users[-1] :] if users else self.messages


def text_of(message: dict[str, Any]) -> str:
    """The text of an OpenAI message, whose content is a string, a list of parts, or null."""
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content or ""


def _forced(choice: Any) -> str | None:
    if choice == "none":
        return None
    if isinstance(choice, dict):
        return str(choice.get("function", {}).get("name", ""))
    return ""
