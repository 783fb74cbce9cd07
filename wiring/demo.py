"""The demo: a local Gmail with the scenario, a workspace, a connected mailbox, and the worker that backfills it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from crm.errors import InputError, LealUpError
from crm.identity import Principal
from crm.settings import Settings, load_settings
from crm.trace import configure_logging
from ingestion.sync import Progress
from wiring.app import App, build_app
from wiring.chroma import serving
from wiring.furnishing import connect, furnish

_MARK = ".lealup-demo"
_START = 30.0  # seconds the local Gmail may take


class DemoFailed(LealUpError):
    sentence = "The demo could not be started."
    next_step = "See the lines above; `make setup` installs what it needs."


@contextmanager
def demo_house(home: Path, base_url: str) -> Iterator[App]:
    """A running demo in `home`, which is made anew; everything it started ends with the block."""
    home = home.resolve()
    _clear(home)
    scenario = _scenario(home)
    with _local_gmail(scenario) as google_url:
        (home / "sandbox.url").write_text(google_url)  # for whoever wants to look into the local Gmail
        settings = load_settings().model_copy(
            update={
                "home": home,
                "database_url": "",
                "chroma_url": "",
                "google_url": google_url,
                "google_client_id": "",
                "google_client_secret": "",
                "base_url": base_url,
            }
        )
        configure_logging(settings.log_level)
        with _house(settings) as app:
            principal = _furnish(app, scenario)
            _backfill(app, principal)
            app.worker.start()
            yield app


@contextmanager
def _house(settings: Settings) -> Iterator[App]:
    app = build_app(settings)
    try:
        with serving(settings.home, settings.chroma_url):
            yield app
    finally:
        app.close()


def _clear(home: Path) -> None:
    """Remove a former demo, and only a former demo."""
    if home.exists() and any(home.iterdir()) and not (home / _MARK).exists():
        raise InputError(
            str(home), sentence=f"{home.name} is not a demo folder.", next_step="Name another with --home."
        )
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    (home / _MARK).touch()


def _scenario(home: Path) -> dict[str, Any]:
    out = home / "scenario"
    made = subprocess.run(
        [sys.executable, "-m", "sandbox", "scenario", "--out", str(out)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        raise DemoFailed(made.stderr)
    facts: dict[str, Any] = json.loads((out / "scenario.json").read_text("utf-8"))
    return facts | {"folder": out}


@contextmanager
def _local_gmail(scenario: dict[str, Any]) -> Iterator[str]:
    user, folder = scenario["user"], scenario["folder"]
    command = [
        sys.executable, "-m", "sandbox", "gmail", "--port", "0", "--auto-consent",
        "--mailbox", f"{user}={folder / 'mailbox'}", "--alias", f"{user}={scenario['alias']}",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            url = line.rpartition(" ")[2].strip()
            _wait_until_up(url, process)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_up(url: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + _START
    while url and process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/sandbox/health", timeout=2).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise DemoFailed("the local Gmail did not start")


def _furnish(app: App, scenario: dict[str, Any]) -> Principal:
    principal = furnish(
        app,
        workspace=scenario["workspace"],
        user=scenario["user"],
        timezone=scenario["timezone"],
        customers=scenario["folder"] / "customers.csv",
        contacts=scenario["folder"] / "contacts.csv",
    )
    connect(app, principal)
    return principal


def _backfill(app: App, principal: Principal) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    from ingestion.mailboxes import mailboxes_of

    with app.database.read() as session:
        mailbox = mailboxes_of(session, principal)[0]
    with Bar(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task("Reading the demo mailbox", total=None)

        def show(now: Progress) -> None:
            bar.update(task, description=f"Demo mailbox: {now.phase}", completed=now.done, total=now.total or None)

        app.sync.run(mailbox.id, progress=show)
        health = bar.add_task("Demo customers: health", total=None)
        app.refresher.run(progress=lambda done, total: bar.update(health, completed=done, total=total or None))
