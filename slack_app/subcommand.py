"""The words after `/csm`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_app.blocks.text import unescape

COMMAND = "/csm"


def named(*names: str) -> Callable[[dict[str, Any]], bool]:
    """A Bolt matcher: the first word is one of `names`, case aside; "" stands for no word at all."""

    def matches(command: dict[str, Any]) -> bool:
        return _split(command)[0].casefold() in names

    return matches


def rest(command: dict[str, Any]) -> str:
    """What follows the first word, as it was typed."""
    return _split(command)[1]


def whole(command: dict[str, Any]) -> str:
    """Everything that was typed."""
    return unescape(command.get("text") or "").strip()


def _split(command: dict[str, Any]) -> tuple[str, str]:
    first, *others = whole(command).split(maxsplit=1) or [""]
    return first, others[0] if others else ""
