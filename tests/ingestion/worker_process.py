"""Real workers in processes of their own, as light as they can be: `python -m tests.ingestion.worker_process`.

Everything is imported once; each line of JSON on stdin forks one worker, whose id is printed. A worker is made of the
product's parts over the real store and the real jobs, with an embedder without a model and no vector index. It notes when
it holds a mailbox, so that a test can see whether two workers ever did at the same time.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

import ingestion.jobs  # noqa: F401 (imported once, here, so that a worker starts at once)
from crm.clock import system_clock
from crm.database import Database
from crm.index.search import SearchIndex
from crm.index.vectors import VectorIndex
from crm.secret_box import SecretBox
from crm.settings import Settings
from gmail.gateway import GmailGateway
from gmail.oauth import Endpoints, OAuthClient
from gmail.quota import TokenBucket
from ingestion.analysis import Analyser
from ingestion.connection import GmailAccess
from ingestion.sync import MailboxSync, Progress
from ingestion.worker import Rhythm, Worker
from tests.house import HashingEmbedder

BETWEEN_BATCHES = 0.15  # seconds: a window to be killed in


class NoVectors(VectorIndex):
    """The rows and the lexical index are enough to see that nothing is lost."""

    def __init__(self) -> None:
        pass

    def put(self, workspace_id: int, mail_id: str, customer_ids: Sequence[int], vectors: NDArray[Any]) -> None:
        pass

    def drop(self, workspace_id: int, mail_ids: Collection[str]) -> None:
        pass

    def is_new(self, workspace_id: int) -> bool:
        return False


class NoSends:
    def reconcile_all(self, mailbox_id: int) -> int:
        return 0

    def send_due(self) -> int:
        return 0


class NotedSync(MailboxSync):
    """Appends when a mailbox is held: `begin` and `end`, by the clock that all processes of a machine share."""

    journal: Path

    def _sync(self, mailbox_id: int, gateway: GmailGateway, days: int, report: Callable[[Progress], None]) -> None:
        self._note("begin", mailbox_id)
        try:
            super()._sync(mailbox_id, gateway, days, report)
        finally:
            self._note("end", mailbox_id)

    def _note(self, what: str, mailbox_id: int) -> None:
        with self.journal.open("a") as journal:  # one short write, which a kill can't halve
            journal.write(f"{time.monotonic()} {what} {mailbox_id} {os.getpid()}\n")


def run(home: Path, database_url: str, google_url: str, journal: Path) -> None:
    """One worker, until SIGTERM."""
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    settings = Settings(_env_file=None, home=home, database_url=database_url, google_url=google_url)  # type: ignore[call-arg]
    database, embedder = Database(settings.sql_url), HashingEmbedder()
    bucket = TokenBucket(settings.quota_per_minute)
    access = GmailAccess(
        database=database,
        clock=system_clock,
        box=SecretBox(settings.encryption_keys()),
        client=lambda: OAuthClient(
            client_id=settings.oauth_client[0],
            client_secret=settings.oauth_client[1],
            endpoints=Endpoints.at(google_url),
            clock=system_clock,
        ),
        google_url=google_url,
        bucket=lambda _: bucket,
    )
    sync = NotedSync(
        database, access, Analyser(embedder, None), SearchIndex(NoVectors(), embedder, system_clock),
        system_clock, sleep=lambda seconds: time.sleep(max(seconds, BETWEEN_BATCHES)),
    )  # fmt: skip
    sync.journal = journal
    worker = Worker(
        database, system_clock, sync, NoSends(), jobs_url=settings.jobs_url,
        rhythm=Rhythm(poll=3600, tick=1, beat=0.3, look=0.1),
    )  # fmt: skip
    worker.start()
    stopped.wait()
    worker.stop()
    database.close()


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # a worker that was killed vanishes at once
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            given = json.loads(line)
            run(Path(given["home"]), given["database_url"], given["google_url"], Path(given["journal"]))
            os._exit(0)
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
