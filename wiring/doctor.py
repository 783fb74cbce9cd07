"""Live checks of an installation, one per thing that can be missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import httpx
from sqlalchemy import func, select

from crm import schema
from crm.errors import LealUpError
from ingestion.heartbeat import last_beat, living_workers
from wiring.app import App

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Finding:
    check: str
    ok: bool
    detail: str


def check(app: App) -> list[Finding]:
    """Every check runs, whatever the others say."""
    return [*_store(app), *_mailboxes(app), _worker(app), *_model(app), _slack(app)]


def _store(app: App) -> Iterator[Finding]:
    with app.database.read() as session:
        users = session.scalar(select(func.count()).select_from(schema.User)) or 0
        customers = session.scalar(select(func.count()).select_from(schema.Customer)) or 0
        indexed = session.scalar(select(func.count()).where(schema.Mail.indexed_at.is_not(None))) or 0
        workspaces = session.scalars(select(schema.Workspace.id)).all()
    yield Finding(check="workspace", ok=users > 0, detail=_count(users, "user") if users else "run lealup init")
    yield Finding(
        check="customers",
        ok=customers > 0,
        detail=_count(customers, "customer") if customers else "run lealup customers import",
    )
    held = _try(lambda: sum(len(app.vectors.ids(workspace)) for workspace in workspaces))
    same = held == indexed
    yield Finding(
        check="search index",
        ok=same,
        detail=_count(indexed, "mail") if same else f"{held} of {indexed} mails are in it; run lealup reindex",
    )


def _mailboxes(app: App) -> Iterator[Finding]:
    with app.database.read() as session:
        mailboxes = session.scalars(select(schema.Mailbox)).all()
    if not mailboxes:
        yield Finding(check="gmail", ok=False, detail="no mailbox is connected; run lealup connect")
    for mailbox in mailboxes:
        answer = _try(lambda mailbox=mailbox: app.access.gateway(mailbox).profile()[0])  # type: ignore[misc]
        yield Finding(check=f"gmail {mailbox.email}", ok=answer == mailbox.email, detail=f"{answer}")


def _worker(app: App) -> Finding:
    """None at all is a choice; one that went away without a word is a fault."""
    with app.database.read() as session:
        alive, seen = len(living_workers(session, app.clock())), last_beat(session)
    if seen is None:
        detail = "none runs: mail is read when lealup sync is called; lealup up or lealup worker reads it by itself"
        return Finding(check="worker", ok=True, detail=detail)
    ago = f"last sign of life {max(0, round((app.clock() - seen).total_seconds()))} s ago"
    return Finding(
        check="worker", ok=alive > 0, detail=f"{alive} running, {ago}" if alive else f"it died, {ago}; start it again"
    )


def _model(app: App) -> Iterator[Finding]:
    name = app.settings.chosen_model
    if name == "offline":
        yield Finding(check="model", ok=True, detail="offline: answers are extractive")
        return
    base = app.settings.openai_base_url or "https://api.openai.com/v1"
    try:
        answer = httpx.get(
            f"{base}/models", headers={"Authorization": f"Bearer {app.settings.openai_api_key}"}, timeout=10
        )
        ok, detail = answer.is_success, f"{name}: HTTP {answer.status_code}"
    except httpx.HTTPError:
        ok, detail = False, f"{name}: no answer from the address in OPENAI_BASE_URL"
    yield Finding(check="model", ok=ok, detail=detail)


def _slack(app: App) -> Finding:
    settings = app.settings
    if not settings.slack_bot_token:
        return Finding(check="slack", ok=True, detail="not set up")
    complete = bool(settings.slack_app_token or settings.slack_signing_secret)
    return Finding(
        check="slack",
        ok=complete,
        detail="configured" if complete else "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) is missing",
    )


def _try(call: Callable[[], T]) -> T | str:
    try:
        return call()
    except LealUpError as error:
        return error.for_user()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
