"""customer_health: the score of the customers in scope, with its reasons."""

from __future__ import annotations

from typing import Any

from langchain_core.tools import tool

from crm.customers import list_customers
from crm.health.assess import WINDOW, assess
from crm.notice import notices
from tools.context import Runtime, scoped
from tools.rendering import inert, latest, noticed, reference

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
        said = notices(session, context.workspace_id, records, since=context.now - WINDOW, until=context.now)
    found.sort(key=lambda health: (health.score is None, health.score or 0.0, health.customer))
    names = {held.id: held.name for held in records}
    lines: list[str] = []
    mails: list[str] = []
    for health in found:
        lines.append(f"{health.customer}: {health.summary}")
        if notice := said.get(health.customer_id):
            mails.append(notice.mail_id)
            lines.append(f"  ! {inert(notice.sender)}: “{inert(notice.sentence)}” {reference(notice.mail_id)}")
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
        "notices": {names[customer_id]: noticed(notice) for customer_id, notice in said.items()},
    }
