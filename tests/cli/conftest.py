"""The command line as a person runs it, over a local Gmail: in this process, without loading a model."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.server import create_app
from sandbox.gmail.settings import Settings as GmailSettings
from sandbox.gmail.store import Store
from sandbox.running import running
from tests.house import COLLEAGUE, CSM, JOAO, HashingEmbedder, letter

CUSTOMERS = """\
name,aliases,domains,arr,plan,status,renewal_date,segment,owner,language
Globex,GX,globex.example,48000,Pro,active,2027-03-01,Enterprise,vera@lealup.example,en
Initech,,initech.example,,,active,,,,pt
"""
CONTACTS = "customer,name,email,role\nGlobex,Maria Silva,maria@globex.example,Champion\n"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def failed(self, sentence: str) -> None:
        """One sentence and a trace id on standard error, nothing on standard output, an exit code, no traceback."""
        assert self.code not in (0, None)
        assert sentence in self.err, self.err
        assert re.search(r"\(trace id [0-9a-f]{16}\)$", self.err.strip()), self.err
        assert self.out == ""
        assert "Traceback" not in self.err and "Error:" not in self.err


Run = Callable[..., Outcome]


@pytest.fixture
def gmail_url() -> Iterator[tuple[str, Store]]:
    """A local Gmail with three mails, at today's time: commands have no other clock."""
    now = datetime.now(UTC)
    store = Store(SandboxClock())
    for email in (CSM, COLLEAGUE):
        store.add_mailbox(email)
    box = store.mailbox(CSM)
    box.add(letter(subject="Renewal", text="We want to renew for two years.", now=now, days_ago=5))
    box.add(letter(subject="Plans", text="Do not worry, we will not cancel.", now=now, days_ago=3))
    box.add(letter(sender=JOAO, subject="Contrato", text="Queremos cancelar o contrato.", now=now, days_ago=2))
    box.add(letter(sender="Eve <eve@stranger.example>", subject="Hello", text="Who am I?", now=now, days_ago=1))
    with running(create_app(store, settings=GmailSettings(auto_consent=True))) as url:
        yield url, store


@pytest.fixture
def lealup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], gmail_url: tuple[str, Store]
) -> Run:
    """`lealup("ask", "…")`: runs the entry point and gives back its exit code and what it printed."""
    import wiring.app
    from cli.main import main

    for name, value in {
        "LEALUP_HOME": str(tmp_path / "home"), "LEALUP_GOOGLE_URL": gmail_url[0], "LEALUP_MODEL": "offline",
        "LEALUP_DATABASE_URL": "", "LEALUP_CHROMA_URL": "", "COLUMNS": "200", "NO_COLOR": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "LEALUP_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(wiring.app, "universal_sentence_encoder", HashingEmbedder)
    monkeypatch.setattr(wiring.app, "e5_model", lambda: None)

    def run(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["lealup", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        code = ended.value.code
        return Outcome(code=code if isinstance(code, int) else 1, out=printed.out, err=printed.err)

    return run


@pytest.fixture
def office(lealup: Run, tmp_path: Path) -> Run:
    """A workspace with two customers, connected and synced."""
    (tmp_path / "customers.csv").write_text(CUSTOMERS, "utf-8")
    (tmp_path / "contacts.csv").write_text(CONTACTS, "utf-8")
    for command in (
        ("init", "--workspace", "LealUp", "--user", CSM, "--timezone", "Europe/Madrid"),
        ("customers", "import", "customers.csv"), ("contacts", "import", "contacts.csv"),
        ("connect", "--user", CSM, "--send"), ("sync",),
    ):  # fmt: skip
        done = lealup(*command)
        assert done.code == 0, done.err
    return lealup
