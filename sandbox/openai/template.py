"""Templates of a script: `{{last_user}}` and `{{tool:<regex with one group>}}`."""

import re
from typing import Any

from sandbox.openai.conversation import Conversation
from sandbox.openai.reply import Reply

# A regex may end in a brace, so the closing pair is the last one of a run of braces.
_SLOT = re.compile(r"\{\{(?:(?P<user>last_user)|tool:(?P<regex>.+?))\}\}(?!\})", re.DOTALL)


def rendered(reply: Reply, conversation: Conversation) -> Reply:
    """The reply with every slot of its content, tool arguments and body filled."""
    return Reply.model_validate(_filled(reply.model_dump(), conversation))


def check(value: Any) -> None:
    """Raises ValueError when a slot's regex is not one regex with one group."""
    for text in _strings(value):
        for slot in _SLOT.finditer(text):
            if slot["regex"] is not None and _compiled(slot["regex"]).groups != 1:
                raise ValueError(f"the regex of {slot[0]} must have exactly one group")


def _filled(value: Any, conversation: Conversation) -> Any:
    if isinstance(value, str):
        return _SLOT.sub(lambda slot: _value(slot, conversation), value)
    if isinstance(value, dict):
        return {key: _filled(item, conversation) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(item, conversation) for item in value]
    return value


def _value(slot: re.Match[str], conversation: Conversation) -> str:
    """Newest tool result first; "" when none matches."""
    if slot["user"]:
        return conversation.last_user
    pattern = _compiled(slot["regex"])
    found = (pattern.search(text) for text in conversation.tool_texts)
    return next((match.group(1) or "" for match in found if match), "")


def _compiled(regex: str) -> re.Pattern[str]:
    try:
        return re.compile(regex)
    except re.error as error:
        raise ValueError(f"{regex!r} is not a regex: {error}") from error


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for item in value for text in _strings(item)] if isinstance(value, list | tuple) else []
