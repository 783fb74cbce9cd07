"""The default model: a small honest assistant that calls one fitting tool and quotes what it returned."""

import json
import re
import unicodedata

from sandbox.openai.conversation import Conversation
from sandbox.openai.reply import Reply, ToolCall
from sandbox.openai.schema_filler import fill_object, required_ids

QUOTED_LINES = 3
NOTHING_FOUND = "Not found. / No encontrado. / Não encontrado."
_MARKER = re.compile(r"\[\d+\]")
_FALLBACK = ("search", "find", "query", "list")


class Assistant:
    """Stateless. A tool that needs an id is called once an id has been seen in a tool's result."""

    def reply(self, conversation: Conversation) -> Reply:
        tool = _next_tool(conversation)
        if tool is not None:
            arguments = fill_object(conversation.tools[tool], lambda name: _argument(name, conversation))
            return Reply(tool_calls=(ToolCall(name=tool, arguments=arguments),))
        if conversation.answer_schema is not None:
            answer = fill_object(conversation.answer_schema, lambda name: _argument(name, conversation))
            return Reply(content=json.dumps(answer, ensure_ascii=False))
        if conversation.called:
            return Reply(content=_quoted(conversation))
        return Reply(content=conversation.last_user or NOTHING_FOUND)


def _next_tool(conversation: Conversation) -> str | None:
    if conversation.tool_choice is None or not conversation.last_user:
        return None
    if conversation.tool_choice:
        return conversation.tool_choice if conversation.tool_choice in conversation.tools else None
    ready = [name for name in conversation.tools if _ids_known(name, conversation)]
    best = _best_fit(conversation, list(conversation.tools))
    if best in ready:
        return None if best in conversation.called else best
    return None if conversation.called or not ready else _best_fit(conversation, ready)


def _best_fit(conversation: Conversation, names: list[str]) -> str | None:
    """The tool sharing most words with the question; the name counts more than the description."""
    question = _words(conversation.last_user)

    def score(name: str) -> tuple[int, int]:
        shared = 3 * len(question & _words(name)) + len(question & _words(conversation.descriptions[name]))
        rank = next((len(_FALLBACK) - i for i, word in enumerate(_FALLBACK) if word in name), 0)
        named = bool(question & _words(name))
        return (shared if named else 0, rank)

    return max(names, key=score, default=None)


def _ids_known(tool: str, conversation: Conversation) -> bool:
    return all(_known_id(name, conversation) for name in required_ids(conversation.tools[tool]))


def _argument(name: str, conversation: Conversation) -> str:
    is_id = name == "id" or name.endswith("_id")
    return (_known_id(name, conversation) if is_id else "") or conversation.last_user


def _known_id(name: str, conversation: Conversation) -> str:
    """The first value a tool gave under this name (`message_id=m1`, `"message_id": "m1"`), else as `id`."""
    for key in (name, "id"):
        pattern = re.compile(rf"\b{re.escape(key)}[\"']?\s*[:=]\s*[\"']?([\w.@<>+-]+)")
        for text in conversation.tool_texts:
            if found := pattern.search(text):
                return found.group(1)
    return ""


def _quoted(conversation: Conversation) -> str:
    lines = [line.strip() for line in "\n".join(conversation.tool_texts[:1]).splitlines() if line.strip()]
    marked = [line for line in lines if _MARKER.search(line)]
    return "\n".join((marked or lines)[:QUOTED_LINES]) or NOTHING_FOUND


def _words(text: str) -> set[str]:
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    return {word.rstrip("s") for word in re.findall(r"[a-z0-9]+", plain) if len(word) > 2}
