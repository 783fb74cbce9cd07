"""Text in Slack: escaping, limits, and the few blocks everything is made of.

Mail is hostile: it is shown as plain text, or escaped and `verbatim`, so that no mention, link or image in it
comes alive. https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

Block = dict[str, Any]
LIMIT = 3000  # characters of a section's text
_EARLIEST_CUT = 2500  # a chunk is never shorter, so that the longest mail fits into the 50 blocks of a message
_BROKEN_ENTITY = re.compile(r"&[a-z]{0,3}$")


@dataclass(frozen=True, kw_only=True)
class Message:
    """What a person sees; `text` is mrkdwn for notifications and screen readers, already escaped."""

    text: str
    blocks: tuple[Block, ...]

    def as_posted(self) -> dict[str, Any]:
        """Arguments of every way to post a message."""
        return {"text": self.text, "blocks": list(self.blocks), "unfurl_links": False, "unfurl_media": False}

    def as_update(self) -> dict[str, Any]:
        """Arguments of chat.update."""
        return {"text": self.text, "blocks": list(self.blocks)}


def escape(text: str) -> str:
    """Slack's three control characters as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """What a person typed into a command: the inverse of `escape`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def link(url: str, label: str) -> str:
    """A mrkdwn link; the address can't end it early."""
    return f"<{quote(url, safe=':/?#@!$&*+,;=%~()')}|{escape(label).replace('|', '¦')}>"


def gmail_link(mailbox: str, gmail_id: str, label: str) -> str:
    """Opens the mail in the right Google account."""
    return link(f"https://mail.google.com/mail/u/?authuser={mailbox}#all/{gmail_id}", label)


def clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def chunks(text: str, limit: int = LIMIT) -> list[str]:
    """The text in pieces of at most `limit` characters, cut after a line or word; joined, they are it."""
    pieces = []
    while len(text) > limit:
        cut = _cut(text, limit)
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text] if text else pieces


def _cut(text: str, limit: int) -> int:
    earliest = limit * _EARLIEST_CUT // LIMIT
    for gap in "\n ":
        found = text.rfind(gap, earliest, limit)
        if found >= 0:
            return found + 1
    broken = _BROKEN_ENTITY.search(text[:limit])
    return broken.start() if broken else limit


def pack(lines: Iterable[str], limit: int = LIMIT) -> list[str]:
    """Whole lines joined into as few pieces as fit."""
    pieces: list[str] = []
    for line in lines:
        if pieces and len(pieces[-1]) + 1 + len(line) <= limit:
            pieces[-1] += f"\n{line}"
        else:
            pieces.append(line)
    return pieces


def plain(text: str) -> dict[str, Any]:
    """A text object shown as it is, emoji codes included."""
    return {"type": "plain_text", "text": text, "emoji": False}


def mrkdwn(text: str) -> dict[str, Any]:
    """A text object of escaped mrkdwn; addresses and names in it stay text."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def sections(text: str) -> list[Block]:
    """Escaped mrkdwn of any length."""
    return [{"type": "section", "text": mrkdwn(piece)} for piece in chunks(text)]


def plain_sections(text: str) -> list[Block]:
    """Exact text of any length."""
    return [{"type": "section", "text": plain(piece)} for piece in chunks(text)]


def context(text: str) -> Block:
    """One small grey line of escaped mrkdwn."""
    return {"type": "context", "elements": [mrkdwn(text)]}


def button(label: str, action_id: str, value: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(clip(label, 75)), "action_id": action_id, "value": value, **more}


def sentence(text: str, *small: str) -> Message:
    """A message of one escaped sentence and, below it, small lines."""
    return Message(text=text, blocks=(*sections(text), *(context(line) for line in small)))
