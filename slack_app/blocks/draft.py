"""The card of a draft: the exact mail, its warnings, the buttons; and what it becomes afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr

from crm.errors import SendUncertain
from outbox.drafts import Draft
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

SEND, EDIT, DISCARD = "draft_send", "draft_edit", "draft_discard"
_CONFIRM_LIMIT = 300


@dataclass(frozen=True, kw_only=True)
class Ref:
    """What a button carries: the draft, the bytes that were shown, and the conversation that waits."""

    draft_id: str
    sha256: str
    thread: str

    def encode(self) -> str:
        return f"{self.draft_id}.{self.sha256}.{self.thread}"

    @classmethod
    def decode(cls, value: str) -> Ref:
        draft_id, sha256, thread = value.split(".", 2)
        return cls(draft_id=draft_id, sha256=sha256, thread=thread)


def draft_card(draft: Draft, *, thread: str, base_url: str) -> Message:
    """The mail as it would leave, byte for byte of its text, and Send / Edit / Discard."""
    value = Ref(draft_id=draft.id, sha256=draft.sha256, thread=thread).encode()
    title = "Reply for your approval" + (f" · {', '.join(draft.customers)}" if draft.customers else "")
    blocks: list[Block] = [
        *sections(f"*{escape(title)}*"),
        *plain_sections(_headers(draft)),
        {"type": "divider"},
        *plain_sections(draft.text),
        {"type": "divider"},
    ]
    if draft.warnings:
        blocks += sections("\n".join(f":warning: {escape(warning)}" for warning in draft.warnings))
    buttons = [button("Edit", EDIT, value), button("Discard", DISCARD, value, style="danger")]
    question = _confirmation(draft)
    if question is None:
        app = link(f"{base_url}/drafts", "Send it in LealUp")
        blocks.append(context(f"Slack can't show all its recipients in one question. {app}."))
    else:
        buttons.insert(0, button("Send", SEND, value, style="primary", confirm=question))
    blocks.append({"type": "actions", "elements": buttons})
    return Message(text=f"Reply for your approval: {escape(draft.subject)}", blocks=tuple(blocks))


def handled_card(draft: Draft) -> Message:
    """The card of a draft that is sent, discarded or uncertain: no buttons."""
    what = escape(f"{draft.subject} → {', '.join(draft.recipients)}")
    match draft.status:
        case "sent":
            return sentence(f"Sent · {gmail_link(draft.mailbox, draft.gmail_id, 'Open in Gmail')}", what)
        case "discarded":
            return sentence("Discarded", what)
        case _:
            return sentence(f"{SendUncertain.sentence} {SendUncertain.next_step}", what)


def _headers(draft: Draft) -> str:
    lines = [f"From: {draft.sender}"]
    for name, people in (("To", draft.to), ("Cc", draft.cc), ("Bcc", draft.bcc)):
        if people:
            lines.append(f"{name}: {', '.join(people)}")
    return "\n".join([*lines, f"Subject: {draft.subject}"])


def _confirmation(draft: Draft) -> dict[str, object] | None:
    """Slack's question before Send, naming every recipient; None when they do not fit."""
    addresses = [parseaddr(person)[1] for person in draft.recipients]
    for people in (draft.recipients, addresses):
        text = f"From {draft.mailbox} to {', '.join(people)}."
        if len(text) <= _CONFIRM_LIMIT:
            return {
                "title": plain("Send this reply?"),
                "text": plain(text),
                "confirm": plain("Send"),
                "deny": plain("Cancel"),
            }
    return None
