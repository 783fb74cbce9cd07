"""The command as a process: one line, mailboxes loaded, a clean end; and its mistakes in one sentence."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.sandbox.gmail.conftest import ANA, BOB, mail

_COMMAND = [sys.executable, "-m", "sandbox", "gmail", "--port", "0"]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_prints_its_address_serves_and_ends_cleanly(tmp_path: Path, stop: signal.Signals) -> None:
    (tmp_path / "1.eml").write_bytes(mail("me@lealup.example", BOB))
    options = ["--mailbox", f"{ANA}={tmp_path}", "--mailbox", BOB, "--alias", f"{ANA}=me@lealup.example"]
    with subprocess.Popen([*_COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"sandbox gmail on (http://127\.0\.0\.1:\d+)\n", line)
        assert found, line
        assert httpx.get(f"{found[1]}/sandbox/health").json() == {"ok": True, "mailboxes": {ANA: 1, BOB: 0}}
        state = httpx.get(f"{found[1]}/sandbox/state").json()["mailboxes"][ANA]
        assert (state["aliases"], state["messages"][0]["labelIds"]) == (["me@lealup.example"], ["SENT"])
        process.send_signal(stop)
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    "options",
    [
        ["--mailbox", f"{ANA}=/nowhere/at/all"],
        ["--mailbox", "no-address=."],
        ["--alias", f"{ANA}=me@lealup.example"],
    ],
)
def test_a_mistake_is_one_sentence(options: list[str]) -> None:
    ended = subprocess.run([*_COMMAND, *options], capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert re.fullmatch(r"sandbox gmail: [^\n]+\n", ended.stderr)
