"""customer_health: the score of the customers in scope, with its reasons."""

from __future__ import annotations

from typing import Any

from langchain_core.tools import tool

from crm.customers import list_customers
from crm.health.assess import assess
from tools.context import Runtime, scoped
from tools.rendering import latest, reference

_OWED = 10  # open turns shown of each side of a customer, the newest


@tool(response_format="content_and_artifact")
def customer_health(runtime: Runtime) -> tuple[str, dict[str, Any]]:
    """The health score of the customers in scope: engagement, sentiment, what moved it, flags, response times, who waits for an
    answer.

    Call it for "how is … doing", "who is at risk", "how fast do they answer", "is anybody waiting for us",
    "who has not answered us".
    """
    context, chosen = runtime.context, scoped(runtime)
    language = runtime.state.get("language", "en")
    with context.database.read() as session:
        everybody = list_customers(session, context.workspace_id)
        records = [held for held in everybody if not chosen.customer_ids or held.id in chosen.customer_ids]
        found = [assess(session, context.workspace_id, held, context.now, language=language) for held in records]
    found.sort(key=lambda health: (health.score is None, health.score or 0.0, health.customer))
    lines: list[str] = []
    mails: list[str] = []
    for health in found:
        lines.append(f"{health.customer}: {health.summary}")
        for part in (part for dimension in health.dimensions for part in dimension.parts):
            cited = latest(part.mail_ids)
            mails += cited
            lines.append(f"  - {part.explanation} {' '.join(map(reference, cited))}".rstrip())
        for side in health.responses:
            lines.append(f"  - {side.explanation}")
            owed = side.waiting[-_OWED:]
            mails += [one.mail_id for one in owed]
            lines += [f"    · {one.explanation} {reference(one.mail_id)}" for one in owed]
        for flag in health.flags:
            cited = latest(flag.mail_ids)
            mails += cited
            lines.append(f"  ! {flag.explanation} {' '.join(map(reference, cited))}".rstrip())
    return "\n".join(lines) or "No customers.", {
        "kind": "health",
        "mails": list(dict.fromkeys(mails)),
        "customers": [record.id for record in records],
        "health": [health.as_json() for health in found],
    }
