"""scan_mentions: whether anybody mentioned something, from every mail and not from the best few."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from sqlalchemy.orm import Session

from crm.index.mentions import Mention, scan
from crm.mails import MailFilter
from tools.context import Runtime, scoped
from tools.rendering import inert, reference


@tool(response_format="content_and_artifact")
def scan_mentions(terms: list[str], runtime: Runtime) -> tuple[str, dict[str, Any]]:
    """Read EVERY mail in scope and list all that mention any of the terms, in English, Spanish and Portuguese forms.

    Call it for "did any customer mention …", "who talked about …", "how often …". Give the words as the user said them.
    """
    context, chosen = runtime.context, scoped(runtime)
    with context.database.read() as session:
        verbatim = any(_is_quoted(term, runtime) for term in terms)
        found = scan(session, context.workspace_id, terms, chosen, verbatim=verbatim)
        before = () if found.matches else _before(session, context.workspace_id, terms, chosen, verbatim)
    zone = context.principal.zone
    lines = [_line(match, zone) for match in reversed(found.matches)]  # the newest first: a long list is cut at its end
    customers = {name for match in found.matches for name in match.mail.customers}
    artifact: dict[str, Any] = {
        "kind": "mentions",
        "terms": terms,
        "read": found.read,
        "customers": len(customers),
        "mails": list(dict.fromkeys(match.mail.id for match in (*found.matches, *before))),
        "matches": [_plain(match) for match in found.matches],
        "before": [_plain(match) for match in before],
    }
    lines += [f"The last one before that period: {_line(match, zone)}" for match in before]
    return (
        f"{found.read} mails read, {len(found.matches)} mentions, {len(customers)} customers, newest first.\n"
        + "\n".join(lines),
        artifact,
    )


def _is_quoted(term: str, runtime: Runtime) -> bool:
    """Whether the question has the term in quotation marks: then the word itself is meant."""
    asked = [message for message in runtime.state.get("messages", []) if isinstance(message, HumanMessage)]
    quoted = rf"[\"“”«‘']\s*{re.escape(term)}\s*[\"“”»’']"
    return bool(asked) and re.search(quoted, str(asked[-1].content), re.IGNORECASE) is not None


def _before(
    session: Session, workspace_id: int, terms: list[str], chosen: MailFilter, verbatim: bool
) -> tuple[Mention, ...]:
    """The last mention before an empty period: "none this week" is worth more with "the last one was on Friday"."""
    if chosen.since is None:
        return ()
    earlier = replace(chosen, since=None, until=chosen.since)
    return scan(session, workspace_id, terms, earlier, verbatim=verbatim).matches[-1:]


def _line(match: Mention, zone: ZoneInfo) -> str:
    marks = "".join(
        f" · {mark}" for mark, on in (("NEGATED", match.negated), ("HYPOTHETICAL", match.hypothetical)) if on
    )
    where = f" · in the attachment {inert(match.file)}" if match.file else ""
    return (
        f"{reference(match.mail.id)} {match.mail.sent_at.astimezone(zone):%Y-%m-%d} · {'/'.join(match.mail.customers)} · "
        f"{inert(match.mail.sender.name or match.mail.sender.email)}{marks}{where}: “{inert(match.quote)}”"
    )


def _plain(match: Mention) -> dict[str, Any]:
    return {
        "mail": match.mail.id,
        "quote": match.quote,
        "form": match.form,
        "negated": match.negated,
        "hypothetical": match.hypothetical,
        "file": match.file,
    }
