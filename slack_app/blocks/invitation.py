"""The invitation to link a Slack user to LealUp."""

from __future__ import annotations

from urllib.parse import urlencode

from slack_app.blocks.text import Message, escape, link, sentence


def invitation(*, base_url: str, code: str, linked_to: str | None = None) -> Message:
    """`linked_to` is the address this Slack user is linked to now."""
    url = link(f"{base_url}/slack/link?{urlencode({'code': code})}", "Link it with LealUp")
    now = "is not linked yet" if linked_to is None else f"is linked to {escape(linked_to)}"
    return sentence(f"Your Slack user {now}. {url} (works once, for ten minutes).")
