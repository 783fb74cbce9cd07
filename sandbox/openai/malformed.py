"""A model that cannot speak its own protocol: broken arguments, unknown tools, loops, empty replies."""

from sandbox.openai.conversation import Conversation
from sandbox.openai.reply import Reply, ToolCall

LAST_TURN = 10
"""The loop of tool calls ends with the reply of this turn."""


class Malformed:
    """Stateless: the fault depends on the turn, the broken ending on how many questions were asked before."""

    def reply(self, conversation: Conversation) -> Reply:
        turn = conversation.turn
        if conversation.tool_choice is None or not conversation.tools or turn >= LAST_TURN:
            return _ENDINGS[(conversation.user_turns - 1) % len(_ENDINGS)]
        tool = next(iter(conversation.tools))
        if turn <= len(_ARGUMENTS):
            return Reply(tool_calls=(ToolCall(name=tool, arguments=_ARGUMENTS[turn - 1]),))
        if turn == len(_ARGUMENTS) + 1:
            return Reply(tool_calls=(ToolCall(name="no_such_tool"), ToolCall(name="")))
        return Reply(tool_calls=(ToolCall(name=tool, arguments={}),))


_ARGUMENTS: tuple[str | dict[str, object], ...] = (
    '{"query": "unterminated',
    '["a list, not an object"]',
    "null",
    "",
    {"query": {"nested": [1, 2, 3]}, "limit": "many", "since": 12, "no_such_argument": True},
)
_ENDINGS = (
    Reply(content=""),
    Reply(content=None),
    Reply(content="The renewal was discussed in [1", finish_reason="length"),
    Reply(content=None, finish_reason="content_filter"),
    Reply(content="   \n\t"),
)
