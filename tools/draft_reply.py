"""draft_reply: store a reply for a human to review. There is no tool that sends."""

from __future__ import annotations

import re
from typing import Any

from langchain_core.tools import tool

from crm.errors import LealUpError
from outbox.drafts import create_reply
from tools.context import Runtime
from tools.thread import find_reference

_REFERENCE = re.compile(r"\s*\[m:[^\]\n]*\]")  # how answers cite; a customer has no use for it


@tool(response_format="content_and_artifact")
def draft_reply(mail: str, text: str, runtime: Runtime) -> tuple[str, dict[str, Any]]:
    """Store a draft reply to one mail. A human reviews, edits and sends it; you can't.

    `mail` is the reference of the mail to answer, such as m:1a2b3c4d; recipients and thread follow from it. `text` is
    the plain text of the reply, with [placeholders] where a fact is missing.
    """
    context = runtime.context
    text = _REFERENCE.sub("", text)
    found = find_reference(mail, runtime)
    if found is None:
        return "No mail has that reference. Read the timeline first and use a reference from it.", _nothing()
    try:
        with context.database.write() as session:
            draft = create_reply(session, context.clock, context.principal, mail_id=found, text=text)
    except LealUpError as error:
        return f"No draft was stored: {error.for_user()}", _nothing()
    warnings = "".join(f"\nWarning: {warning}" for warning in draft.warnings)
    return f"Draft {draft.id} to {', '.join(draft.to)} is stored and waits for a human.{warnings}", {
        "kind": "draft",
        "mails": [found],
        "draft_id": draft.id,
    }


def _nothing() -> dict[str, Any]:
    return {"kind": "draft", "mails": [], "draft_id": None}
