"""What the tools returned in a conversation, read from its checkpoint."""

from __future__ import annotations

import json
from typing import Any

from langchain_core.messages import HumanMessage, ToolMessage
from langgraph.checkpoint.base import BaseCheckpointSaver

from agent.checkpoints import open_checkpoints
from crm.identity import Principal
from crm.settings import Settings


class Transcripts:
    """Reads the conversations kept in one home."""

    def __init__(self, settings: Settings, principal: Principal) -> None:
        self._saver: BaseCheckpointSaver[Any] = open_checkpoints(settings.sql_url, settings.home)
        self._owner = f"{principal.workspace_id}:{principal.user_id}"

    def tool_text(self, thread: str) -> str:
        """Everything the tools returned since the last question, text and figures."""
        kept = self._saver.get_tuple({"configurable": {"thread_id": f"{self._owner}:{thread}", "checkpoint_ns": ""}})
        messages = kept.checkpoint["channel_values"].get("messages", []) if kept else []
        start = max((place for place, message in enumerate(messages) if isinstance(message, HumanMessage)), default=0)
        results = [message for message in messages[start:] if isinstance(message, ToolMessage)]
        return "\n".join(f"{result.text}\n{json.dumps(result.artifact, default=str)}" for result in results)
