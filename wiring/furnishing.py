"""A workspace out of a scenario's tables, and its mailbox connected through the real OAuth flow: for the demo and the evals."""

from __future__ import annotations

from pathlib import Path

import httpx

from crm.csv_import import import_contacts, import_customers
from crm.identity import Principal, create_workspace
from wiring.app import App


def furnish(app: App, *, workspace: str, user: str, timezone: str, customers: Path, contacts: Path) -> Principal:
    """Create the workspace with its customers and contacts. Raises `InputError` for an unreadable table."""
    with app.database.write() as session:
        principal = create_workspace(session, app.clock, name=workspace, user_email=user, timezone=timezone)
        import_customers(session, principal.workspace_id, customers)
        import_contacts(session, principal.workspace_id, contacts)
    return principal


def connect(app: App, principal: Principal) -> None:
    """Connect the user's mailbox at a Google that consents by itself. Raises `LealUpError` when it refuses."""
    redirect = f"{app.settings.base_url}/oauth/callback"
    consent = app.access.start(principal, redirect_uri=redirect, send=True)
    back = httpx.get(consent, follow_redirects=False, timeout=10).headers["location"]
    answer = httpx.URL(back).params
    app.access.finish(state=answer.get("state", ""), code=answer.get("code", ""), error=answer.get("error", ""))
