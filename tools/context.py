"""What a tool gets beside the model's arguments: the caller, the stores, and the scope fixed from the question."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from langgraph.prebuilt import ToolRuntime
from sqlalchemy.orm import Session

from crm.clock import Clock
from crm.database import Database
from crm.identity import Principal
from crm.index.search import SearchIndex
from crm.mails import MailFilter
from crm.passing import count_mails


@dataclass(frozen=True, kw_only=True)
class ToolContext:
    """Travels in the graph's context, which is never persisted and never comes from the model.

    `now` is the instant the question is asked for (aware UTC); no tool shows a later mail. `cancelled` is set when nobody
    waits for the answer any more.
    """

    principal: Principal
    database: Database
    index: SearchIndex
    clock: Clock
    now: datetime
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def workspace_id(self) -> int:
        return self.principal.workspace_id


Runtime = ToolRuntime[ToolContext, Any]


def scoped(runtime: Runtime) -> MailFilter:
    """The filter fixed from the question, as the graph keeps it. A tool reads inside it and cannot widen it."""
    return filter_from_json(runtime.state.get("mail_filter", {}), runtime.context.now)


def in_scope(session: Session, runtime: Runtime) -> int:
    """How many mails the scope holds: as the graph has counted them when it fixed the scope, else counted now."""
    known = runtime.state.get("searched")
    return known if isinstance(known, int) else count_mails(session, runtime.context.workspace_id, scoped(runtime))


def filter_to_json(chosen: MailFilter) -> dict[str, Any]:
    """Plain values only: this lands in checkpoints."""
    return {
        "customer_ids": sorted(chosen.customer_ids),
        "people": sorted(chosen.people),
        "sent_by": sorted(chosen.sent_by),
        "since": chosen.since.isoformat() if chosen.since else None,
        "until": chosen.until.isoformat() if chosen.until else None,
        "direction": chosen.direction,
        "tone": chosen.tone,
        "not_from": sorted(chosen.not_from),
    }


def _several(held: str | Sequence[str] | None) -> tuple[str, ...]:
    """Domains; a checkpoint from before there could be several holds one alone."""
    return (held,) if isinstance(held, str) and held else tuple(held or ())


def filter_from_json(data: Mapping[str, Any], now: datetime) -> MailFilter:
    """The inverse; `until` is never after `now`."""
    until = datetime.fromisoformat(data["until"]) if data.get("until") else now
    return MailFilter(
        customer_ids=tuple(data.get("customer_ids", ())),
        people=tuple(data.get("people", ())),
        sent_by=tuple(data.get("sent_by", ())),
        not_from=_several(data.get("not_from")),
        since=datetime.fromisoformat(data["since"]) if data.get("since") else None,
        until=min(until, now),
        direction=data.get("direction"),
        tone=data.get("tone"),
    )
