"""read_thread: a whole conversation."""

from __future__ import annotations

from typing import Any

from langchain_core.tools import tool

from crm.mails import list_mails, thread_of
from tools.context import Runtime, scoped
from tools.rendering import REFERENCE, documents, read_artifact

_MOST = 30


@tool(response_format="content_and_artifact")
def read_thread(mail: str, runtime: Runtime) -> tuple[str, dict[str, Any]]:
    """Read the whole conversation of one mail, oldest first. `mail` is its reference, such as m:1a2b3c4d."""
    context = runtime.context
    found = find_reference(mail, runtime)
    if found is None:
        return "No mail has that reference. Use one from a former result.", {"kind": "thread", "mails": []}
    with context.database.read() as session:
        whole = [held for held in thread_of(session, context.workspace_id, found) if held.sent_at <= context.now]
    mails = whole[-_MOST:]
    left = len(whole) - len(mails)
    note = f"The first {left} of {len(whole)} mails of this conversation are left out.\n\n" if left else ""
    return f"{note}{documents(mails, context.principal.zone)}", read_artifact("thread", mails)


def find_reference(text: str, runtime: Runtime) -> str | None:
    """The id of the mail that `[m:1a2b3c4d]` (brackets and prefix optional) stands for: one read in this conversation, or
    one inside the scope of the question.
    """
    wanted = text.strip().strip("[]").removeprefix("m:").strip().lower()[:REFERENCE]
    if len(wanted) < REFERENCE:
        return None
    context = runtime.context
    read = [mail_id for message in runtime.state.get("messages", []) for mail_id in _read_by(message)]
    found = [mail_id for mail_id in dict.fromkeys(read) if mail_id.startswith(wanted)]
    if found:
        return found[0]
    with context.database.read() as session:
        everything = list_mails(session, context.workspace_id, scoped(runtime))
    return next((mail.id for mail in everything if mail.id.startswith(wanted)), None)


def _read_by(message: Any) -> list[str]:
    artifact = getattr(message, "artifact", None)
    return list(artifact.get("mails", [])) if isinstance(artifact, dict) else []
