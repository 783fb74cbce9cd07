"""The modal in which a draft is edited."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from outbox.drafts import Draft
from slack_app.blocks.draft import Ref
from slack_app.blocks.text import Message, link, plain, sentence

EDITED = "draft_edited"
_LONGEST_INPUT = 3000  # characters of an input, set by Slack


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a card stands."""

    channel: str
    ts: str


@dataclass(frozen=True, kw_only=True)
class Edited:
    """A submitted modal."""

    ref: Ref
    place: Place
    to: str
    cc: str
    subject: str
    text: str

    @classmethod
    def read(cls, view: dict[str, Any]) -> Edited:
        held = json.loads(view["private_metadata"])
        values = view["state"]["values"]
        typed = {name: values[name][name].get("value") or "" for name in ("to", "cc", "subject", "text")}
        return cls(ref=Ref(**held["ref"]), place=Place(**held["place"]), **typed)


def edit_modal(draft: Draft, ref: Ref, place: Place, *, base_url: str) -> dict[str, Any]:
    """Inputs with what the draft says now; a mail longer than an input holds is edited in the app."""
    fields = (
        ("To", "to", ", ".join(draft.to)),
        ("Cc", "cc", ", ".join(draft.cc)),
        ("Subject", "subject", draft.subject),
    )
    if any(len(value) > _LONGEST_INPUT for _, _, value in fields) or len(draft.text) > _LONGEST_INPUT:
        return notice_modal(
            sentence(f"This reply is too long to edit in Slack. {link(f'{base_url}/drafts', 'Edit it in LealUp')}.")
        )
    inputs = [_input(label, name, value) for label, name, value in fields]
    return {
        "type": "modal",
        "callback_id": EDITED,
        "title": plain("Edit the reply"),
        "submit": plain("Save"),
        "close": plain("Cancel"),
        "private_metadata": json.dumps({"ref": asdict(ref), "place": asdict(place)}),
        "blocks": [*inputs, _input("Text", "text", draft.text.rstrip("\n"), multiline=True)],
    }


def notice_modal(message: Message) -> dict[str, Any]:
    return {"type": "modal", "title": plain("Reply"), "close": plain("Close"), "blocks": list(message.blocks)}


def _input(label: str, name: str, value: str, *, multiline: bool = False) -> dict[str, Any]:
    element = {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": multiline,
        "max_length": _LONGEST_INPUT,
    }
    if value:
        element["initial_value"] = value
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "optional": name == "cc",
        "element": element,
    }
