"""Folding history records: order matters, and a deletion wins."""

from __future__ import annotations

from typing import Any

from ingestion.history import fold


def _event(kind: str, id_: str, *labels: str) -> dict[str, Any]:
    return {kind: [{"message": {"id": id_}, "labelIds": list(labels)}]}


def test_the_last_word_on_a_label_counts() -> None:
    changes = fold([_event("labelsAdded", "a", "TRASH"), _event("labelsRemoved", "a", "TRASH")])
    assert (changes["a"].labels_on, changes["a"].labels_off) == (set(), {"TRASH"})


def test_a_deletion_wins_wherever_it_stands() -> None:
    records = [_event("messagesDeleted", "a"), _event("labelsAdded", "a", "INBOX"), _event("messagesAdded", "a")]
    assert fold(records)["a"].deleted
    assert fold(reversed(records))["a"].deleted


def test_one_record_may_hold_several_events_of_several_messages() -> None:
    record = {
        "messagesAdded": [{"message": {"id": "a"}}, {"message": {"id": "b"}}],
        "labelsRemoved": [{"message": {"id": "a"}, "labelIds": ["UNREAD"]}],
    }
    changes = fold([record])
    assert set(changes) == {"a", "b"}
    assert (changes["a"].added, changes["a"].labels_off, changes["b"].labels_off) == (True, {"UNREAD"}, set())
