"""list_attachments: which files came with the mails in scope."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from langchain_core.tools import tool

from crm.mail import Attachment
from crm.mails import list_mails
from tools.context import Runtime, scoped
from tools.rendering import heading, inert, read_artifact

_MOST = 25
_BEGINNING = 300  # characters of a file
_NO_TEXT = {
    "too_large": "too large to be read",
    "encrypted": "protected by a password",
    "unreadable": "its content can't be read",
    "timeout": "its content can't be read",
    "no_text": "it holds no text",
    "gone": "no longer in Gmail",
}


@tool(response_format="content_and_artifact")
def list_attachments(runtime: Runtime) -> tuple[str, dict[str, Any]]:
    """The newest mails in scope that carry attachments: the files' names and sizes, and the beginning of those that were read.

    Call it for "which attachments did … send", "where is the quote", "did we get the signed order form".
    """
    context, chosen = runtime.context, replace(scoped(runtime), with_attachment=True)
    with context.database.read() as session:
        mails = list_mails(session, context.workspace_id, chosen, newest_first=True, limit=_MOST, files=True)
    lines = [
        f"{heading(mail, context.principal.zone)}\n" + "\n".join(f"  - {_line(file)}" for file in mail.attachments)
        for mail in mails
    ]
    return "\n".join(lines) or "No mail in this scope has an attachment.", read_artifact("attachments", mails)


def _line(file: Attachment) -> str:
    """One file; what stands in it only as far as its text was read, and why it was not."""
    about = f"{inert(file.name)} ({inert(file.type)}, {file.size} bytes)"
    if file.text:
        more = " […]" if len(file.text) > _BEGINNING else ""
        return f"{about}: “{inert(file.text[:_BEGINNING])}{more}”"
    return f"{about}: {_NO_TEXT.get(file.status, 'its content is not read')}"
