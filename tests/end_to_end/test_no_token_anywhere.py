"""Nothing a whole run writes holds a token: logs at DEBUG, what commands print, databases, index, checkpoints (C3)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from crm import schema
from crm.database import Database
from crm.key_file import read_keys
from crm.secret_box import SecretBox
from gmail.oauth import Grant
from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.server import create_app
from sandbox.gmail.settings import Settings as GmailSettings
from sandbox.gmail.store import Store
from sandbox.running import running
from tests.house import CSM, letter

_COMMANDS = (
    ("init", "--workspace", "LealUp", "--user", CSM, "--timezone", "Europe/Madrid"),
    ("customers", "import", "customers.csv"), ("connect", "--send"), ("attachments", "on"), ("sync",), ("sync",),
    ("ask", "What did Globex say about the renewal?"), ("status", "--json"), ("doctor",), ("rotate-key",), ("sync",),
)  # fmt: skip


@pytest.fixture
def google() -> Iterator[tuple[str, Store]]:
    store = Store(SandboxClock())
    store.add_mailbox(CSM)
    store.mailbox(CSM).add(letter(subject="Renewal", text="We want to renew.", now=datetime.now(UTC), days_ago=2))
    with running(create_app(store, settings=GmailSettings(auto_consent=True))) as url:
        yield url, store


@pytest.mark.timeout(900)  # fourteen commands, each a process of its own
def test_no_token_in_anything_that_is_written(tmp_path: Path, google: tuple[str, Store]) -> None:
    home = tmp_path / "home"
    (tmp_path / "customers.csv").write_text("name,domains\nGlobex,globex.example\n")
    printed = ""
    secrets = set[str]()
    for command in (*_COMMANDS, ("fail",), ("disconnect",), ("delete-data",)):
        if command == ("fail",):  # every call fails in every way: errors must not tell either
            for fault in ({"status": 500}, {"status": 401, "reason": "authError"}, {"kind": "drop"}):
                body = {"kind": "status", "method": "", "times": 40, **fault}
                httpx.post(f"{google[0]}/sandbox/faults", json=body).raise_for_status()
            command = ("doctor",)
        printed += _run(command, tmp_path, google[0])
        httpx.delete(f"{google[0]}/sandbox/faults")
        secrets |= _secrets(home)
    kinds = {secret[:4] for secret in secrets}
    assert {"1//0", "ya29"} <= kinds, "the run held no tokens to look for"
    written = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert len(written) > 3
    for where, content in {**written, "what was printed": printed.encode()}.items():
        assert not [secret[:8] for secret in secrets if secret.encode() in content], where
        assert b"sandbox-secret" not in content, where
    assert '"DEBUG"' in printed, "nothing was logged at DEBUG"


def _run(command: tuple[str, ...], folder: Path, url: str) -> str:
    """What the real command prints and logs at DEBUG."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LEALUP_", "OPENAI_"))}
    environment |= {
        "LEALUP_HOME": str(folder / "home"), "LEALUP_GOOGLE_URL": url, "LEALUP_MODEL": "offline", "LEALUP_LOG_LEVEL": "DEBUG",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", "from cli.main import main; main()", *command], env=environment, cwd=folder,
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    return (done.stdout + done.stderr).decode()


def _secrets(home: Path) -> set[str]:
    """Tokens that are stored now, opened with the installation's own key."""
    if not (home / "lealup.db").exists():
        return set()
    database, box = Database(f"sqlite:///{home / 'lealup.db'}"), SecretBox(read_keys(home / "secret.key"))
    found = set[str]()
    with database.read() as session:
        for sealed in session.scalars(select(schema.Mailbox.sealed_token).where(schema.Mailbox.sealed_token != "")):
            grant = Grant.from_json(box.open(sealed))
            found |= {grant.access_token, grant.refresh_token}
        for attempt in session.scalars(select(schema.OAuthAttempt)):
            found.add(box.open(attempt.sealed_verifier))
    database.close()
    return found
