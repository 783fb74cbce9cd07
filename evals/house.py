"""The house the suites question: a local Gmail with the scenario, a workspace and its synced mailbox."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from crm import schema
from crm.clock import fixed_clock
from crm.identity import Principal
from crm.mails import StoredMail, get_mails
from crm.settings import Settings
from evals.furnishing import connect, furnish
from evals.scenario import AT, ScenarioFolder, write_scenario
from ingestion.mailboxes import mailboxes_of
from ingestion.sync import Progress
from sandbox.gmail import feed
from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.server import create_app
from sandbox.gmail.settings import Settings as GmailSettings
from sandbox.gmail.store import Store
from sandbox.running import running
from wiring.app import App, build_app

_SEND = "messages.send"


@dataclass(frozen=True, kw_only=True)
class House:
    """A furnished home at `AT`. Every app opened on it shares the mail; the clock stands still."""

    app: App
    principal: Principal
    ids: Mapping[str, str]  # our mail id by Message-ID

    @contextmanager
    def with_model(self, model: str, *, base_url: str, api_key: str) -> Iterator[App]:
        """The same home asked through another model."""
        settings = self.app.settings.model_copy(
            update={"model": model, "openai_base_url": base_url, "openai_api_key": api_key}
        )
        app = build_app(settings, clock=self.app.clock, embedder=self.app.embedder)
        try:
            yield app
        finally:
            app.database.close()

    def mails(self, mail_ids: list[str]) -> Mapping[str, StoredMail]:
        with self.app.database.read() as session:
            return get_mails(session, self.principal.workspace_id, mail_ids)

    def sent(self) -> int:
        """How many messages Gmail was asked to send since the house was built, whatever it answered."""
        log = httpx.get(f"{self.app.settings.google_url}/sandbox/log", timeout=10).json()
        return sum(_SEND in entry["method"] or entry["path"].endswith("/send") for entry in log["requests"])

    def outgoing(self) -> frozenset[str]:
        """The ids of the messages in Sent."""
        state: dict[str, Any] = httpx.get(f"{self.app.settings.google_url}/sandbox/state", timeout=10).json()
        boxes = state["mailboxes"].values()
        return frozenset(message["id"] for box in boxes for message in box["messages"] if "SENT" in message["labelIds"])


@contextmanager
def built_house(settings: Settings, progress: Callable[[Progress], None] | None = None) -> Iterator[House]:
    """Build the house in a temporary folder; everything in it ends with the block.

    `settings` say which model answers; their home, stores and Google are replaced.
    """
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lealup-evals-"))).resolve()
        scenario = write_scenario(home / "scenario")
        google_url = stack.enter_context(running(_gmail(scenario)))
        app = build_app(_at_home(settings, home, google_url), clock=fixed_clock(AT))
        stack.callback(app.close)
        principal = furnish(app, scenario)
        connect(app, principal)
        with app.database.read() as session:
            mailbox = mailboxes_of(session, principal)[0]
        app.sync.run(mailbox.id, progress=progress)
        yield House(app=app, principal=principal, ids=_ids(app, principal))


def _gmail(scenario: ScenarioFolder) -> Any:
    store = Store(SandboxClock(AT.timestamp))
    store.add_mailbox(scenario.user, aliases=[scenario.alias])
    store.load(scenario.user, feed.read(scenario.mailbox))
    return create_app(store, settings=GmailSettings(auto_consent=True))


def _at_home(settings: Settings, home: Path, google_url: str) -> Settings:
    return settings.model_copy(
        update={
            "home": home / "home",
            "database_url": "",
            "chroma_url": "",
            "google_url": google_url,
            "google_client_id": "",
            "google_client_secret": "",
            "secret_key": "",
            "units_per_minute": 0,
        }
    )


def _ids(app: App, principal: Principal) -> dict[str, str]:
    with app.database.read() as session:
        rows = session.execute(
            select(schema.Mail.rfc_message_id, schema.Mail.id).where(schema.Mail.workspace_id == principal.workspace_id)
        )
        return {message_id: mail_id for message_id, mail_id in rows}
