"""scan_mentions: whether anybody mentioned something, from every mail and not from the best few."""

from __future__ import annotations

from typing import Any

from langchain_core.tools import tool

from crm.index.mentions import scan
from tools.context import Runtime, scoped
from tools.rendering import reference


@tool(response_format="content_and_artifact")
def scan_mentions(terms: list[str], runtime: Runtime) -> tuple[str, dict[str, Any]]:
    """Read EVERY mail in scope and list all that mention any of the terms, in English, Spanish and Portuguese forms.

    Call it for "did any customer mention …", "who talked about …", "how often …". Give the words as the user said them.
    """
    context, chosen = runtime.context, scoped(runtime)
    with context.database.read() as session:
        found = scan(session, context.workspace_id, terms, chosen)
    zone = context.principal.zone
    lines = [
        f"{reference(match.mail.id)} {match.mail.sent_at.astimezone(zone):%Y-%m-%d} · {'/'.join(match.mail.customers)} · "
        f"{match.mail.sender.name or match.mail.sender.email}{' · NEGATED' if match.negated else ''}"
        f"{' · HYPOTHETICAL' if match.hypothetical else ''}: “{match.quote}”"
        for match in found.matches
    ]
    artifact = {
        "kind": "mentions",
        "terms": terms,
        "read": found.read,
        "mails": list(dict.fromkeys(match.mail.id for match in found.matches)),
        "matches": [
            {
                "mail": match.mail.id,
                "quote": match.quote,
                "form": match.form,
                "negated": match.negated,
                "hypothetical": match.hypothetical,
            }
            for match in found.matches
        ],
    }
    return f"{found.read} mails read, {len(found.matches)} mentions.\n" + "\n".join(lines), artifact
