"""Folding Gmail's history records into what changed, per message (users.history.list)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(kw_only=True)
class Change:
    """The net effect on one message. A deletion wins over everything."""

    thread_id: str = ""
    deleted: bool = False
    added: bool = False
    labels_on: set[str] = field(default_factory=set)
    labels_off: set[str] = field(default_factory=set)


def fold(records: Iterable[Mapping[str, Any]]) -> dict[str, Change]:
    """Gmail id → net change, in the order of the records; labels are last-write-wins."""
    changes: dict[str, Change] = {}
    for record in records:
        for event in record.get("messagesAdded", ()):
            _of(changes, event).added = True
        for event in record.get("labelsAdded", ()):
            change, labels = _of(changes, event), set(event.get("labelIds", ()))
            change.labels_on |= labels
            change.labels_off -= labels
        for event in record.get("labelsRemoved", ()):
            change, labels = _of(changes, event), set(event.get("labelIds", ()))
            change.labels_off |= labels
            change.labels_on -= labels
        for event in record.get("messagesDeleted", ()):
            _of(changes, event).deleted = True
    return changes


def _of(changes: dict[str, Change], event: Mapping[str, Any]) -> Change:
    message = event["message"]
    return changes.setdefault(str(message["id"]), Change(thread_id=str(message.get("threadId", ""))))
