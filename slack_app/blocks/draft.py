"""The card of a draft: the exact mail, its warnings, the buttons; and what it becomes afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from crm.errors import SendUncertain
from outbox.drafts import MAY_HAVE_LEFT, Draft
from slack_app.blocks.text import (
    Block,
    Message,
    button,
    context,
    escape,
    gmail_link,
    link,
    plain,
    plain_sections,
    sections,
    sentence,
)

SEND, EDIT, DISCARD, UNDO = "draft_send", "draft_edit", "draft_discard", "draft_undo"
LATER, REGENERATE, LOOK = "draft_later", "draft_regenerate", "draft_look"
_CONFIRM_LIMIT = 300


@dataclass(frozen=True, kw_only=True)
class Ref:
    """What a button carries: the draft, the bytes and the warnings that were shown, and the conversation that waits."""

    draft_id: str
    sha256: str
    thread: str
    warned: str = ""

    @classmethod
    def of(cls, draft: Draft, thread: str) -> Ref:
        return cls(draft_id=draft.id, sha256=draft.sha256, thread=thread, warned=draft.warned)

    def encode(self) -> str:
        return f"{self.draft_id}.{self.sha256}.{self.thread}.{self.warned}"

    @classmethod
    def decode(cls, value: str) -> Ref:
        draft_id, sha256, thread, *warned = value.split(".", 3)
        return cls(draft_id=draft_id, sha256=sha256, thread=thread, warned="".join(warned))


def open_card(draft: Draft, *, thread: str, base_url: str, zone: ZoneInfo) -> Message:
    """The card of a draft that waits for a decision, for its moment, or for what Sent mail says."""
    if draft.status == "approved":
        return waiting_card(draft, thread=thread, zone=zone)
    if draft.status == "uncertain":
        return uncertain_card(draft, thread=thread)
    return draft_card(draft, thread=thread, base_url=base_url)


def uncertain_card(draft: Draft, *, thread: str) -> Message:
    """Nobody knows whether it left: look again, or put it aside."""
    value = Ref.of(draft, thread).encode()
    what = escape(f"{draft.subject} → {', '.join(draft.recipients)}")
    error = draft.error or SendUncertain.sentence
    never = "" if SendUncertain.next_step in error else f" {SendUncertain.next_step}"
    text = escape(f"{error}{never}")
    buttons = [button("Look again", LOOK, value), button("Discard", DISCARD, value, style="danger")]
    return Message(
        text=text,
        blocks=(
            *sections(text),
            context(what),
            context(MAY_HAVE_LEFT),
            {"type": "actions", "elements": buttons},
        ),
    )


def waiting_card(draft: Draft, *, thread: str, zone: ZoneInfo) -> Message:
    """Approved and not gone yet: when it leaves, and Undo."""
    value = Ref.of(draft, thread).encode()
    what = escape(f"{draft.subject} → {', '.join(draft.recipients)}")
    text = f"Approved. {leaves(draft, zone)}"
    return Message(
        text=text,
        blocks=(
            *sections(text),
            context(what),
            {"type": "actions", "elements": [button("Undo", UNDO, value)]},
        ),
    )


def leaves(draft: Draft, zone: ZoneInfo) -> str:
    """When it leaves, in the workspace's time."""
    if draft.send_at is None:
        return "It has not left yet."
    return f"It leaves at {draft.send_at.astimezone(zone):%Y-%m-%d %H:%M:%S} ({zone.key})."


def draft_card(draft: Draft, *, thread: str, base_url: str) -> Message:
    """The mail as it would leave, byte for byte of its text, and Send / Edit / Discard."""
    value = Ref.of(draft, thread).encode()
    title = "Reply for your approval" + (f" · {', '.join(draft.customers)}" if draft.customers else "")
    blocks: list[Block] = [
        *sections(f"*{escape(title)}*"),
        *plain_sections(_headers(draft)),
        {"type": "divider"},
        *plain_sections(draft.text),
        {"type": "divider"},
    ]
    told = [f"{':no_entry:' if held.blocking else ':warning:'} {escape(held.sentence)}" for held in draft.warnings]
    if draft.error:
        told.append(f":x: {escape(draft.error)}")
    if told:
        blocks += sections("\n".join(told))
    buttons = [
        button("Edit", EDIT, value),
        button("Regenerate", REGENERATE, value),
        button("Discard", DISCARD, value, style="danger"),
    ]
    question = _confirmation(draft)
    if draft.blocked:
        blocks.append(context("It can't be sent before that is taken out."))
    elif question is None:
        app = link(f"{base_url}/drafts", "Send it in LealUp")
        blocks.append(context(f"Slack can't show all its recipients in one question. {app}."))
    else:
        buttons[:0] = [
            button("Send", SEND, value, style="primary", confirm=question),
            button("Send later", LATER, value),
        ]
    blocks.append({"type": "actions", "elements": buttons})
    return Message(text=f"Reply for your approval: {escape(draft.subject)}", blocks=tuple(blocks))


def handled_card(draft: Draft) -> Message:
    """The card of a draft that is sent or discarded, or on its way: no buttons."""
    what = escape(f"{draft.subject} → {', '.join(draft.recipients)}")
    match draft.status:
        case "sent":
            return sentence(f"Sent · {gmail_link(draft.mailbox, draft.gmail_id, 'Open in Gmail')}", what)
        case "discarded":
            return sentence("Discarded", what, *([escape(draft.error)] if draft.error else []))
        case _:
            return sentence("It is still being sent.", what)


def _headers(draft: Draft) -> str:
    lines = [f"From: {draft.sender}"]
    for name, people in (("To", draft.to), ("Cc", draft.cc), ("Bcc", draft.bcc)):
        if people:
            lines.append(f"{name}: {', '.join(people)}")
    lines += [f"Subject: {draft.subject}", *(f"File: {file}" for file in draft.files)]
    return "\n".join(lines)


def _confirmation(draft: Draft) -> dict[str, object] | None:
    """Slack's question before Send, naming every recipient; None when they do not fit."""
    addresses = [parseaddr(person)[1] for person in draft.recipients]
    for people in (draft.recipients, addresses):
        text = f"From {draft.sender} to {', '.join(people)}."
        if len(text) <= _CONFIRM_LIMIT:
            return {
                "title": plain("Send this reply?"),
                "text": plain(text),
                "confirm": plain("Send"),
                "deny": plain("Cancel"),
            }
    return None
