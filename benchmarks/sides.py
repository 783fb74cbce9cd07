"""What the ingestion benchmark compares. Each side runs in a process of its own: `python -m benchmarks.sides NAME URL FOLDER`.

The natural pipeline of LangChain needs `pip install langchain-chroma`; lieer needs `pip install lieer` and notmuch with its
Python binding (`apt install notmuch python3-notmuch2`). The product needs neither.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from benchmarks.mailbox import CSM, CUSTOMERS
from crm.clock import system_clock
from crm.customers import save_customer
from crm.errors import LealUpError
from crm.identity import create_workspace
from crm.index.embedder import Embedder, universal_sentence_encoder
from crm.settings import Settings
from gmail.gateway import GmailGateway
from gmail.oauth import Endpoints, Grant, OAuthClient, new_secret
from gmail.quota import TokenBucket
from gmail.service import build_service
from wiring.app import App, build_app
from wiring.furnishing import connect

REDIRECT = "http://127.0.0.1:9/oauth/callback"
DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Run:
    """`seconds` of wall time, `mails` that are there at the end, `peak_mb` of the process; `note` says why it was skipped."""

    seconds: float = 0.0
    cpu: float = 0.0
    mails: int = 0
    peak_mb: float = 0.0
    note: str = ""


def house(url: str, folder: Path, units_per_minute: int = 0) -> App:
    """The application at a local Gmail, connected, with the customers of the benchmark's mails."""
    settings = Settings(_env_file=None, home=folder, google_url=url, model="offline", units_per_minute=units_per_minute)  # type: ignore[call-arg]
    app = build_app(settings)
    with app.database.write() as session:
        principal = create_workspace(session, app.clock, name="Benchmark", user_email=CSM, timezone="UTC")
        for domain in CUSTOMERS:
            save_customer(
                session, principal.workspace_id, name=domain, aliases=[], domains=[domain], arr=None, plan="",
                status="active", renewal_date=None, segment="", owner=CSM, language="en",
            )  # fmt: skip
    connect(app, app.principal(CSM))
    return app


def ours(url: str, folder: Path, units_per_minute: int = 0) -> int:
    """The product's own sync: listing, heads, bodies, parsing, analysis, rows, both indexes."""
    app = house(url, folder, units_per_minute)
    try:
        return int(app.sync.run(1).coverage["listed"])
    finally:
        app.close()


def ours_fetching(url: str, folder: Path) -> int:
    """Every message with its body, one file each, and nothing else: what lieer does."""
    client, grant = _grant(url)
    gateway = GmailGateway(build_service(client.credentials(grant), url), TokenBucket(1_000_000))
    ids, token = list[str](), ""
    while not ids or token:
        page = gateway.list_messages("", token)
        ids, token = [*ids, *page.ids], page.next_token
    for begin in range(0, len(ids), 250):
        for gmail_id, answer in gateway.fetch(ids[begin : begin + 250], bodies=True).items():
            assert not isinstance(answer, LealUpError), answer
            (folder / f"{gmail_id}.json").write_text(json.dumps(answer), "utf-8")
    return len(ids)


def langchain(url: str, folder: Path) -> int:
    """GmailSearch by week, GmailGetMessage for each mail, Chroma.add_texts, with the product's embedder."""
    from langchain_chroma import Chroma  # type: ignore[import-not-found,unused-ignore]
    from langchain_google_community.gmail.get_message import GmailGetMessage
    from langchain_google_community.gmail.search import GmailSearch

    client, grant = _grant(url)
    service = build_service(client.credentials(grant), url)
    search, get = GmailSearch(api_resource=service), GmailGetMessage(api_resource=service)
    store = Chroma("mail", embedding_function=_Embeddings(universal_sentence_encoder()), persist_directory=str(folder))
    end, count = datetime.now(UTC) + timedelta(days=1), 0
    for week in range(DAYS // 7 + 1):
        after, before = end - timedelta(weeks=week + 1), end - timedelta(weeks=week)
        query = f"after:{int(after.timestamp())} before:{int(before.timestamp())}"
        found = search.invoke({"query": query, "resource": "messages", "max_results": 500})
        whole = [get.invoke({"message_id": held["id"]}) for held in found]
        if whole:
            store.add_texts(
                [f"{held['subject']}\n{held['body']}" for held in whole],
                metadatas=[{"sender": held["sender"], "thread": held["threadId"]} for held in whole],
                ids=[held["id"] for held in whole],
            )
        count += len(whole)
    return count


def lieer(url: str, folder: Path) -> int:
    """`gmi pull` into a Maildir that notmuch indexes; only how it builds its service is replaced."""
    from lieer.gmailieer import Gmailieer  # type: ignore[import-not-found,unused-ignore]
    from lieer.remote import Remote  # type: ignore[import-not-found,unused-ignore]

    client, grant = _grant(url)

    def authorize(self: Any, reauth: bool = False) -> None:
        self.service, self.authorized = build_service(client.credentials(grant), url), True

    Remote.authorize = authorize
    config = folder / "notmuch-config"
    config.write_text(f"[database]\npath={folder}\n[user]\nname=V\nprimary_email={CSM}\n[new]\ntags=new\n", "utf-8")
    os.environ["NOTMUCH_CONFIG"] = str(config)
    subprocess.run(["notmuch", "new"], check=True, capture_output=True)
    account = folder / "account"
    for arguments in (["init", "--no-auth", "-C", str(account), CSM], ["pull", "-C", str(account)]):
        sys.argv = ["gmi", *arguments]
        Gmailieer().main()
    return sum(1 for path in account.rglob("*") if path.is_file() and path.parent.name in ("cur", "new"))


SIDES: dict[str, Callable[..., int]] = {
    "ours": ours, "ours-fetching": ours_fetching, "langchain": langchain, "lieer": lieer,
}  # fmt: skip


class _Embeddings:
    """The product's embedder, as LangChain calls one."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        rows: list[list[float]] = self._embedder.embed(texts).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def _grant(url: str) -> tuple[OAuthClient, Grant]:
    client = OAuthClient(
        client_id="sandbox-client", client_secret="sandbox-secret", endpoints=Endpoints.at(url), clock=system_clock
    )
    verifier = new_secret()
    consent = client.consent_url(state="b", verifier=verifier, redirect_uri=REDIRECT, send=False, login_hint=CSM)
    code = httpx.URL(httpx.get(consent, timeout=20).headers["location"]).params["code"]
    return client, client.exchange(code=code, verifier=verifier, redirect_uri=REDIRECT)


def run(name: str, url: str, folder: Path, *more: int) -> Run:
    """One side, here and now."""
    started, cpu = time.perf_counter(), time.process_time()
    try:
        with redirect_stdout(sys.stderr):
            mails = SIDES[name](url, folder, *more)
    except (ImportError, FileNotFoundError) as error:
        return Run(note=f"skipped: {error}")
    return Run(
        seconds=time.perf_counter() - started,
        cpu=time.process_time() - cpu,
        mails=mails,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


if __name__ == "__main__":
    print(json.dumps(asdict(run(sys.argv[1], sys.argv[2], Path(sys.argv[3]), *map(int, sys.argv[4:])))))
