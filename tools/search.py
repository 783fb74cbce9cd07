"""search_mail: what was said about something."""

from __future__ import annotations

from typing import Any

from langchain_core.tools import tool

from crm.mails import first_sent_at
from tools.context import Runtime, in_scope, scoped
from tools.rendering import documents, read_artifact

_LIMIT, _MOST = 10, 40


@tool(response_format="content_and_artifact")
def search_mail(query: str, runtime: Runtime, most: int = _LIMIT) -> tuple[str, dict[str, Any]]:
    """Find the mails closest to a topic, inside the customers, people and dates of the question.

    Call it for "what was discussed about …", "what did they say about …". `query` is the topic in a few words;
    `most` mails (10; up to 40) are read.
    """
    context, chosen = runtime.context, scoped(runtime)
    with context.database.read() as session:
        hits = context.index.search(session, context.workspace_id, query, chosen, limit=max(1, min(most, _MOST)))
        searched = in_scope(session, runtime)
        oldest = first_sent_at(session, context.workspace_id)
    mails = [hit.mail for hit in hits]
    scores = {hit.mail.id: round(hit.score, 4) for hit in hits}
    text = documents(mails, context.principal.zone, query) if mails else "No mail in this scope."
    since = oldest.isoformat() if oldest else None
    artifact = read_artifact("search", mails, query=query, searched=searched, scores=scores, indexed_since=since)
    return f"{len(mails)} of {searched} mails in scope, best first.\n\n{text}", artifact
