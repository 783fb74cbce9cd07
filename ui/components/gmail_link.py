"""Addresses of Gmail's own pages."""

from __future__ import annotations

from urllib.parse import quote


def mail_url(mailbox: str, gmail_id: str) -> str:
    """The mail in the Gmail of its owner, whichever account the browser is in."""
    return f"https://mail.google.com/mail/u/?authuser={quote(mailbox)}#all/{quote(gmail_id)}"
