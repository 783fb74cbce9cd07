"""list_attachments: which files came with the mails in scope."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from langchain_core.tools import tool

from crm.mails import list_mails
from tools.context import Runtime, scoped
from tools.rendering import heading, inert, read_artifact

_MOST = 25


@tool(response_format="content_and_artifact")
def list_attachments(runtime: Runtime) -> tuple[str, dict[str, Any]]:
    """The newest mails in scope that carry attachments, with the files' names and sizes. Contents are not read.

    Call it for "which attachments did … send", "where is the quote", "did we get the signed order form".
    """
    context, chosen = runtime.context, replace(scoped(runtime), with_attachment=True)
    with context.database.read() as session:
        mails = list_mails(session, context.workspace_id, chosen, newest_first=True, limit=_MOST)
    lines = [
        f"{heading(mail, context.principal.zone)}\n"
        + "\n".join(f"  - {inert(file.name)} ({inert(file.type)}, {file.size} bytes)" for file in mail.attachments)
        for mail in mails
    ]
    return "\n".join(lines) or "No mail in this scope has an attachment.", read_artifact("attachments", mails)
