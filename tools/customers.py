"""list_customers: the records of the customers in scope."""

from __future__ import annotations

from typing import Any

from langchain_core.tools import tool

from crm.customers import Customer
from crm.customers import list_customers as all_customers
from tools.context import Runtime, scoped


@tool(response_format="content_and_artifact")
def list_customers(runtime: Runtime) -> tuple[str, dict[str, Any]]:
    """List the customers in scope: ARR, plan, status, renewal date, owner, contacts with role.

    Call it for "who is the champion at …", "which customers renew …", "what is the ARR of …".
    """
    context, chosen = runtime.context, scoped(runtime)
    with context.database.read() as session:
        records = all_customers(session, context.workspace_id)
    wanted = [record for record in records if not chosen.customer_ids or record.id in chosen.customer_ids]
    lines: list[str] = []
    for record in wanted:
        contacts = "; ".join(f"{held.name} <{held.email}> ({held.role or 'no role'})" for held in record.contacts)
        arr = f"{record.arr:,.0f}" if record.arr is not None else "unknown"
        renewal = record.renewal_date.isoformat() if record.renewal_date else "unknown"
        lines.append(
            f"{record.name}: ARR {arr}, plan {record.plan or 'unknown'}, {record.status}, renewal {renewal}, "
            f"owner {record.owner or 'none'}; contacts: {contacts or 'none'}"
        )
    return "\n".join(lines) or "No customers.", {
        "kind": "customers",
        "mails": [],
        "customers": [record.id for record in wanted],
        "records": [_plain(record) for record in wanted],
    }


def _plain(record: Customer) -> dict[str, Any]:
    return {
        "name": record.name,
        "arr": record.arr,
        "plan": record.plan,
        "status": record.status,
        "renewal": record.renewal_date.isoformat() if record.renewal_date else None,
        "owner": record.owner,
        "contacts": [{"name": held.name, "email": held.email, "role": held.role} for held in record.contacts],
    }
