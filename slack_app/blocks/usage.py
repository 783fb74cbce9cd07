"""What `/csm` can do."""

from __future__ import annotations

from slack_app.blocks.text import Message, sentence

_COMMANDS = (
    ("/csm ask QUESTION", "an answer from your customers' mail, with its sources"),
    ("/csm draft REQUEST", "a reply, sent to you privately to review; nothing leaves without your click"),
    ("/csm CUSTOMER", "the customer's card: health, ARR, renewal, last contact"),
    ("/csm health [CUSTOMER]", "the health of all customers, or of one with its reasons"),
    ("/csm link", "link your Slack user with LealUp"),
    ("/csm help", "this list"),
)


def usage(command: str | None = None) -> Message:
    """All commands, or the one that starts like `command`."""
    shown = [held for held in _COMMANDS if command is None or held[0].startswith(command)]
    return sentence("\n".join(f"`{form}` – {what}" for form, what in shown))
