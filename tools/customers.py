"""list_customers: the records of the customers in scope."""

from __future__ import annotations

from typing import Any

from langchain_core.tools import tool

from crm.customers import Contact, Customer
from crm.customers import list_customers as all_customers
from crm.health.assess import WINDOW
from crm.notice import notices
from crm.titles import Title, signed_titles
from tools.context import Runtime, scoped
from tools.rendering import inert, noticed, reference

_TITLED = 25  # customers; of more, nobody asks what their people sign with


@tool(response_format="content_and_artifact")
def list_customers(runtime: Runtime) -> tuple[str, dict[str, Any]]:
    """List the customers in scope: ARR, plan, status, renewal date, owner, contacts with role and the title they sign with.

    Call it for "who is the champion at …", "who is the CFO of …", "which customers renew …", "what is the ARR of …".
    """
    context, chosen = runtime.context, scoped(runtime)
    with context.database.read() as session:
        records = all_customers(session, context.workspace_id)
    wanted = [record for record in records if not chosen.customer_ids or record.id in chosen.customer_ids]
    with context.database.read() as session:
        found = notices(session, context.workspace_id, wanted, since=context.now - WINDOW, until=context.now)
    said = {customer_id: notice for customer_id, notice in found.items() if not notice.hypothetical}
    titles: dict[str, Title] = {}
    if len(wanted) <= _TITLED:
        with context.database.read() as session:
            people = [held for record in wanted for held in record.contacts]
            titles = signed_titles(session, context.workspace_id, people, until=context.now)
    lines: list[str] = []
    for record in wanted:
        contacts = "; ".join(_contact(held, titles.get(held.email)) for held in record.contacts)
        arr = f"{record.arr:,.0f}" if record.arr is not None else "unknown"
        renewal = record.renewal_date.isoformat() if record.renewal_date else "unknown"
        lines.append(
            f"{record.name}: ARR {arr}, plan {record.plan or 'unknown'}, {record.status}, renewal {renewal}, "
            f"owner {record.owner or 'none'}; contacts: {contacts or 'none'}"
        )
        if notice := said.get(record.id):
            lines.append(f"  ! {inert(notice.sender)}: “{inert(notice.sentence)}” {reference(notice.mail_id)}")
    return "\n".join(lines) or "No customers.", {
        "kind": "customers",
        "mails": list(
            dict.fromkeys([*(title.mail_id for title in titles.values()), *(held.mail_id for held in said.values())])
        ),
        "customers": [record.id for record in wanted],
        "records": [_plain(record, titles) for record in wanted],
        "notices": {record.name: noticed(said[record.id]) for record in wanted if record.id in said},
    }


def _contact(held: Contact, title: Title | None) -> str:
    signs = f"; signs as “{inert(title.text)}” {reference(title.mail_id)}" if title else ""
    return f"{held.name} <{held.email}> ({held.role or 'no role'}{signs})"


def _plain(record: Customer, titles: dict[str, Title]) -> dict[str, Any]:
    return {
        "name": record.name,
        "arr": record.arr,
        "plan": record.plan,
        "status": record.status,
        "renewal": record.renewal_date.isoformat() if record.renewal_date else None,
        "owner": record.owner,
        "contacts": [_person(held, titles.get(held.email)) for held in record.contacts],
    }


def _person(held: Contact, title: Title | None) -> dict[str, Any]:
    return {
        "name": held.name,
        "email": held.email,
        "role": held.role,
        "title": title.text if title else "",
        "title_mail": title.mail_id if title else "",
    }
