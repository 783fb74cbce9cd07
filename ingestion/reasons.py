"""Why a mail is on no timeline: the names kept in the rows and shown in the coverage, and their sentences."""

from __future__ import annotations

from collections.abc import Iterable

NO_CUSTOMER = "no_customer"
UNLINKED = "unlinked"
NEVER_LOG = "never_log"
PRIVATE = "private"
OUTSIDE_WINDOW = "outside_window"
DELETED = "deleted"

HIDING_LABELS = {"DRAFT": "draft", "TRASH": "trash", "SPAM": "spam", "CHAT": "chat"}

SENTENCES = {
    NO_CUSTOMER: "None of its people belongs to a customer: no domain and no contact matched.",
    UNLINKED: "Somebody took it off the timeline by hand.",
    NEVER_LOG: "It is on the never-log list.",
    PRIVATE: "Its conversation was marked as private.",
    OUTSIDE_WINDOW: "It is older than the indexed period.",
    DELETED: "It was deleted in Gmail.",
    "draft": "It is a draft in Gmail; drafts are not read.",
    "trash": "It lies in Gmail's trash.",
    "spam": "Gmail marked it as spam.",
    "chat": "It is a chat message.",
}

LABELS = {
    NO_CUSTOMER: "no customer",
    UNLINKED: "taken off by hand",
    NEVER_LOG: "never log",
    PRIVATE: "private",
    OUTSIDE_WINDOW: "older than the period",
    DELETED: "deleted in Gmail",
    "draft": "drafts",
    "trash": "trash",
    "spam": "spam",
    "chat": "chats",
}
"""In two or three words, for a table."""


def hidden_by(label_ids: Iterable[str]) -> str:
    """Why Gmail's labels keep a mail off the timeline, or ""."""
    return next((HIDING_LABELS[label] for label in sorted(label_ids) if label in HIDING_LABELS), "")
