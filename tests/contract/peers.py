"""The two Gmails of the contract: our sandbox, and npm `emulate` where Node 24 and an installed copy are."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.server import create_app
from sandbox.gmail.settings import Settings
from sandbox.gmail.store import Store
from sandbox.running import running

USER, CLIENT, SECRET, REDIRECT = "ana@lealup.example", "contract-client", "contract-secret", "http://127.0.0.1:9/cb"
EMULATE = "LEALUP_EMULATE"  # the folder of node_modules/emulate 0.12.2
NODE = "LEALUP_NODE"  # a Node of version 24 or later; default: the one on the PATH


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One Gmail that holds `mails` for `USER`."""

    name: str
    url: str
    token_path: str


@contextmanager
def sandbox(mails: list[bytes]) -> Iterator[Peer]:
    store = Store(SandboxClock())
    store.add_mailbox(USER)
    store.load(USER, mails)
    with running(
        create_app(store, settings=Settings(client_id=CLIENT, client_secret=SECRET, auto_consent=True))
    ) as url:
        yield Peer(name="sandbox", url=url, token_path="/token")


@contextmanager
def emulate(mails: list[bytes], folder: Path) -> Iterator[Peer]:
    seed = {
        "google": {
            "users": [{"email": USER, "name": "Ana"}],
            "oauth_clients": [
                {"client_id": CLIENT, "client_secret": SECRET, "name": "Contract", "redirect_uris": [REDIRECT]}
            ],
            "messages": [
                {
                    "id": f"{number:016x}", "thread_id": f"{number:016x}", "user_email": USER, "label_ids": ["INBOX"],
                    "raw": base64.urlsafe_b64encode(raw).decode(),
                }
                for number, raw in enumerate(mails, 0x19A0)
            ],
        }
    }  # fmt: skip
    (folder / "seed.json").write_text(json.dumps(seed))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        node(), str(Path(os.environ[EMULATE]) / "dist" / "index.js"), "start", "--service", "google",
        "--port", str(port), "--host", "127.0.0.1", "--seed", str(folder / "seed.json"),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process)
        yield Peer(name="emulate", url=url, token_path="/oauth2/token")
    finally:
        process.terminate()
        process.wait(timeout=60)


def why_not_emulate() -> str:
    """Why the second Gmail can't run here, or ""."""
    if not os.environ.get(EMULATE):
        return f"{EMULATE} does not name an installed emulate 0.12.2"
    package = json.loads((Path(os.environ[EMULATE]) / "package.json").read_text())
    if package["version"] != "0.12.2":
        return f"emulate {package['version']} is not 0.12.2"
    if not node():
        return "no Node"
    version = subprocess.run([node(), "--version"], capture_output=True, text=True, check=True).stdout
    return "" if int(version.strip().lstrip("v").split(".")[0]) >= 24 else f"Node {version.strip()} is older than 24"


def node() -> str:
    return os.environ.get(NODE, "") or shutil.which("node") or ""


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{url}/gmail/v1/users/me/labels", timeout=2)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("emulate did not start")
