"""The house the suites question: a local Gmail with the scenario, a workspace and its synced mailbox."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from agent.assistant import Assistant
from agent.brain import openai_brain
from agent.checkpoints import open_checkpoints
from crm.clock import fixed_clock
from crm.identity import Principal
from crm.mails import StoredMail, get_mails
from crm.settings import Settings
from evals.scenario import AT, STORIES, ScenarioFolder, write_scenario
from ingestion.mailboxes import mailboxes_of
from ingestion.sync import Progress
from sandbox.gmail import feed
from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.server import create_app
from sandbox.gmail.settings import Settings as GmailSettings
from sandbox.gmail.store import Store
from sandbox.running import running
from tools.registry import all_tools
from wiring.app import App, build_app
from wiring.furnishing import connect, furnish

_SEND = "messages.send"


@dataclass(frozen=True, kw_only=True)
class House:
    """A furnished home whose clock stands still."""

    app: App
    principal: Principal

    def assistant(self, model: str, *, base_url: str, api_key: str) -> Assistant:
        """The same mail and index, asked through another OpenAI-compatible model."""
        app = self.app
        brain = openai_brain(model, api_key=api_key, base_url=base_url, tools=all_tools())
        checkpoints = open_checkpoints(app.settings.sql_url, app.settings.home)
        return Assistant(brain, checkpoints, app.database, app.index, app.clock)

    def mails(self, mail_ids: list[str]) -> Mapping[str, StoredMail]:
        with self.app.database.read() as session:
            return get_mails(session, self.principal.workspace_id, mail_ids)

    def send_requests(self) -> int:
        """How many times Gmail was asked to send since the house was built, whatever it answered."""
        log = httpx.get(f"{self.app.settings.google_url}/sandbox/log", timeout=10).json()
        return sum(_SEND in entry["method"] or entry["path"].endswith("/send") for entry in log["requests"])

    def outgoing(self) -> frozenset[str]:
        """The ids of the messages in Sent."""
        state: dict[str, Any] = httpx.get(f"{self.app.settings.google_url}/sandbox/state", timeout=10).json()
        boxes = state["mailboxes"].values()
        return frozenset(message["id"] for box in boxes for message in box["messages"] if "SENT" in message["labelIds"])


@contextmanager
def built_house(
    settings: Settings, progress: Callable[[Progress], None] | None = None, *, data: Path = STORIES
) -> Iterator[House]:
    """Build the house in a temporary folder; everything in it ends with the block.

    `settings` say which model answers; their home, stores and Google are replaced. `data` holds the scenario's stories.
    """
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lealup-evals-"))).resolve()
        scenario = write_scenario(home / "scenario", data)
        yield stack.enter_context(house_of(settings, scenario, home, at=AT, progress=progress))


@contextmanager
def house_of(
    settings: Settings,
    folder: ScenarioFolder,
    home: Path,
    *,
    at: datetime,
    days: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Iterator[House]:
    """A house below `home` with the mailbox and tables of `folder`, synced `days` back from `at` (aware), where its clock stands."""
    with ExitStack() as stack:
        google_url = stack.enter_context(running(_gmail(folder, at)))
        app = build_app(_at_home(settings, home, google_url), clock=fixed_clock(at))
        stack.callback(app.close)
        principal = furnish(
            app,
            workspace=folder.workspace,
            user=folder.user,
            timezone=folder.timezone,
            customers=folder.customers,
            contacts=folder.contacts,
        )
        connect(app, principal)
        with app.database.read() as session:
            mailbox = mailboxes_of(session, principal)[0]
        app.sync.run(mailbox.id, days=days, progress=progress)
        yield House(app=app, principal=principal)


def _gmail(folder: ScenarioFolder, at: datetime) -> Any:
    store = Store(SandboxClock(at.timestamp))
    store.add_mailbox(folder.user, aliases=list(folder.aliases))
    store.load(folder.user, feed.read(folder.mailbox))
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
