"""Two small modals on a draft: when to send it, and how to word it anew."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from outbox.drafts import Draft
from slack_app.blocks.draft import Ref
from slack_app.blocks.modal import Place
from slack_app.blocks.text import Block, plain, plain_sections

SCHEDULED, REWORDED = "draft_scheduled", "draft_reworded"
MOMENT, WAY = "moment", "way"
_WAYS = {
    "shorter": "Shorter", "warmer": "Warmer", "en": "In English", "es": "In Spanish", "pt": "In Portuguese",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A submitted choice: the draft as it was shown, where its card stands, and what was typed or picked."""

    ref: Ref
    place: Place
    value: str

    @classmethod
    def read(cls, view: dict[str, Any], name: str) -> Chosen:
        held = json.loads(view["private_metadata"])
        given = view["state"]["values"][name][name]
        value = (given.get("selected_option") or {}).get("value") or given.get("value") or ""
        return cls(ref=Ref(**held["ref"]), place=Place(**held["place"]), value=str(value))


def later_modal(draft: Draft, ref: Ref, place: Place, *, timezone: str) -> dict[str, Any]:
    """Approving for a later moment names every recipient, as the question before Send does."""
    told = f"From {draft.sender} to {', '.join(draft.recipients)}. It can be undone until it leaves."
    element = {
        "type": "plain_text_input", "action_id": MOMENT, "max_length": 40,
        "placeholder": plain("2026-11-05 09:00, or 09:00"),
    }  # fmt: skip
    blocks = [*plain_sections(told), _input(f"When, in {timezone}", MOMENT, element)]
    return _modal(SCHEDULED, "Send later", "Approve", ref, place, blocks)


def reword_modal(ref: Ref, place: Place) -> dict[str, Any]:
    options = [{"text": plain(label), "value": way} for way, label in _WAYS.items()]
    element = {"type": "static_select", "action_id": WAY, "options": options, "initial_option": options[0]}
    return _modal(REWORDED, "Word it anew", "Regenerate", ref, place, [_input("How", WAY, element)])


def _modal(callback: str, title: str, submit: str, ref: Ref, place: Place, blocks: list[Block]) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title),
        "submit": plain(submit),
        "close": plain("Cancel"),
        "private_metadata": json.dumps({"ref": asdict(ref), "place": asdict(place)}),
        "blocks": blocks,
    }


def _input(label: str, name: str, element: dict[str, Any]) -> dict[str, Any]:
    return {"type": "input", "block_id": name, "label": plain(label), "element": element}
