"""The demo as a stranger starts it: one command, its own process, a home that is thrown away."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx

CSM = "ana.torres@lealup.example"
_START = 600.0  # seconds the first page may take on a busy machine
_END = 20.0
_PAUSE = 0.2


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A mail in the Sent folder of the local Gmail."""

    gmail_id: str
    thread_id: str
    message: EmailMessage


@dataclass(frozen=True, kw_only=True)
class Demo:
    """`url` serves the pages; `log` holds what the command printed."""

    process: subprocess.Popen[bytes]
    home: Path
    url: str
    log: Path

    @classmethod
    def start(cls, folder: Path) -> Demo:
        """Run `lealup demo` on a free port; the pages may still be away."""
        port, home, log = free_port(), folder / "home", folder / "demo.log"
        command = [str(Path(sys.executable).with_name("lealup")), "demo", "--port", str(port), "--home", str(home)]
        environment = {**os.environ, "LEALUP_MODEL": "offline"}  # whatever key the machine has
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=folder, env=environment)
        return cls(process=process, home=home, url=f"http://127.0.0.1:{port}", log=log)

    def wait_until_served(self) -> None:
        deadline = time.monotonic() + _START
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                if httpx.get(f"{self.url}/_stcore/health", timeout=5).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(_PAUSE)
        raise AssertionError(f"no page within {_START:.0f} s: {self.log.read_text()}")

    @property
    def gmail(self) -> str:
        """The address of the local Gmail."""
        return (self.home / "sandbox.url").read_text()

    def sent(self) -> list[Sent]:
        """Ana's Sent folder, newest first."""
        return [
            Sent(gmail_id=held["id"], thread_id=held["threadId"], message=_parsed(held["raw"]))
            for held in self._messages()
            if "SENT" in held["labelIds"]
        ]

    def thread_of(self, subject: str, sender: str) -> str:
        """The thread of the newest mail with that subject and sender."""
        for held in self._messages():
            message = _parsed(held["raw"])
            if message["Subject"] == subject and sender in message["From"]:
                return str(held["threadId"])
        raise AssertionError(f"no mail {subject} from {sender}")

    def deliver(self, message: EmailMessage) -> None:
        found = httpx.post(f"{self.gmail}/sandbox/deliver", params={"mailbox": CSM}, content=message.as_bytes())
        found.raise_for_status()

    def processes(self) -> dict[int, str]:
        """Every process that this demo is or has started, by its command line."""
        return {pid: line for pid, line in _processes().items() if str(self.home) in line}

    def stop(self) -> int:
        """SIGTERM, as a service manager would; the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=_END)

    def _messages(self) -> list[dict[str, Any]]:
        state = httpx.get(f"{self.gmail}/sandbox/state", timeout=30).json()
        found: list[dict[str, Any]] = state["mailboxes"][CSM]["messages"]
        return found


def _parsed(raw: str) -> EmailMessage:
    message = message_from_bytes(base64.b64decode(raw), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _processes() -> dict[int, str]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue  # it ended meanwhile
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
