"""The edge where a Slack user becomes a principal and an exception becomes a sentence."""

from __future__ import annotations

import logging
from collections.abc import Callable

from slack_bolt import BoltContext

from crm.database import store_failure
from crm.errors import LealUpError
from crm.identity import Principal
from crm.trace import operation
from slack_app.blocks.failure import failure
from slack_app.blocks.invitation import invitation
from slack_app.blocks.text import Message
from slack_app.deps import Deps
from slack_app.links import SlackUser, issue_code, linked_principal

_log = logging.getLogger(__name__)


def caller_of(context: BoltContext) -> SlackUser:
    """Who clicked or typed, as Slack's signed request says."""
    return SlackUser(team_id=context.team_id or "", user_id=context.user_id or "")


def attempt(deps: Deps, caller: SlackUser, work: Callable[[Principal], Message | None]) -> Message | None:
    """What to show: what `work` returns, an invitation to link, or a sentence about the failure."""

    def as_caller() -> Message | None:
        with deps.database.read() as session:
            principal = linked_principal(session, caller)
        return invite(deps, caller) if principal is None else work(principal)

    return guarded(deps, as_caller)


def guarded(deps: Deps, work: Callable[[], Message | None]) -> Message | None:
    """What `work` returns, or a sentence about its failure."""
    with operation() as trace:
        try:
            return work()
        except LealUpError as error:
            _log.warning("slack request refused", extra={"fields": {"error": type(error).__name__}})
            return failure(error, trace=trace, base_url=deps.base_url)
        except Exception as error:  # noqa: BLE001 (an exception's text is never shown)
            _log.exception("slack request failed")
            return failure(store_failure(error) or LealUpError(), trace=trace, base_url=deps.base_url)


def invite(deps: Deps, caller: SlackUser, *, linked_to: str | None = None) -> Message:
    """A fresh one-time link for the caller."""
    with deps.database.write() as session:
        code = issue_code(session, deps.clock, caller)
    return invitation(base_url=deps.base_url, code=code, linked_to=linked_to)
