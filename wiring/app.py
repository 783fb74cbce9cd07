"""`build_app`: the one place where settings become objects."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from agent.assistant import Assistant
from agent.brain import Brain, openai_brain
from agent.checkpoints import close_checkpoints, open_checkpoints
from agent.limits import Limits
from agent.offline.brain import ExtractiveBrain
from crm.clock import Clock, system_clock
from crm.database import Database
from crm.identity import Principal, find_principal
from crm.index.embedder import Embedder, Remembering, e5_model, universal_sentence_encoder
from crm.index.joint import search_encoder
from crm.index.search import SearchIndex
from crm.index.vectors import VectorIndex
from crm.refresh import Refresher
from crm.secret_box import SecretBox
from crm.settings import Settings
from crm.signals.reader import SentenceReader
from gmail.oauth import Endpoints, OAuthClient
from gmail.quota import COSTS, Project, TokenBucket
from ingestion.analysis import Analyser
from ingestion.attachments.reading import AttachmentReader
from ingestion.connection import GmailAccess
from ingestion.deletion import Deletions
from ingestion.pace import Budget
from ingestion.sync import MailboxSync
from ingestion.worker import Rhythm, Worker
from outbox.sender import Sender
from tools.registry import all_tools
from wiring.chroma import ChromaDoor


@dataclass(frozen=True, kw_only=True)
class App:
    """Everything a face needs. Cheap to build: models and indexes open on first use."""

    settings: Settings
    clock: Clock
    database: Database
    box: SecretBox
    embedder: Embedder
    vectors: VectorIndex
    index: SearchIndex
    analyser: Analyser
    access: GmailAccess
    sync: MailboxSync
    checkpoints: BaseCheckpointSaver[Any]
    assistant: Assistant
    sender: Sender
    deletions: Deletions
    worker: Worker
    door: ChromaDoor

    @property
    def budget(self) -> Budget:
        """What each mailbox may spend of Gmail's quota."""
        return Budget(units_per_minute=self.settings.quota_per_minute, costs=COSTS[self.settings.google_project])

    @property
    def refresher(self) -> Refresher:
        return Refresher(self.database, self.clock)

    def principal(self, email: str | None = None) -> Principal:
        """The user with that address, or the only one. Raises `NotFound`."""
        with self.database.read() as session:
            return find_principal(session, email)

    def close(self) -> None:
        self.worker.stop()
        self.vectors.close()
        close_checkpoints(self.checkpoints)
        self.database.close()
        self.door.close()


def build_app(settings: Settings, *, clock: Clock = system_clock, embedder: Embedder | None = None) -> App:
    """Open the store, bring its schema up to date, and connect the rooms. Raises `SettingError`.

    An `embedder` that is handed in serves the search and reads tone and critical words alone; without one the product's
    own two do.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)  # mail lies here: nobody else's to read
    database = Database(settings.sql_url)
    database.migrate()
    box = SecretBox(settings.encryption_keys(), newest=settings.encryption_keys)
    e5 = e5_model() if embedder is None else None
    embedder = embedder or universal_sentence_encoder()
    encoder = search_encoder(embedder, e5)
    door = ChromaDoor(settings.home, settings.chroma_url)
    vectors = VectorIndex(door, encoder.id)
    index = SearchIndex(vectors, encoder, clock, former=embedder)
    analyser = Analyser(embedder, SentenceReader.shipped() if e5 else None)
    access = GmailAccess(
        database=database,
        clock=clock,
        box=box,
        client=lambda: OAuthClient(
            client_id=settings.oauth_client[0],
            client_secret=settings.oauth_client[1],
            endpoints=Endpoints.at(settings.google_url),
            clock=clock,
        ),
        google_url=settings.google_url,
        bucket=_shared_buckets(settings.quota_per_minute, settings.google_project),
    )
    attachments = AttachmentReader(database, most_bytes=settings.attachment_megabytes * 1024 * 1024)
    sync = MailboxSync(
        database, access, analyser, index, clock, backfill_days=settings.backfill_days, attachments=attachments
    )
    sender = Sender(database, clock, service=access.service, gateway=access.gateway, bucket=access.bucket)
    deletions = Deletions(
        database=database,
        clock=clock,
        access=access,
        index=index,
        vectors=vectors,
        lease_for=sync.lease_for,
        forget_conversations=lambda principal, others: assistant.forget(principal, others),
    )
    brain = _brain(settings, database, embedder, encoder if e5 else None)
    checkpoints = open_checkpoints(settings.sql_url, settings.home)
    limits = Limits(seconds=settings.answer_seconds, tokens=settings.answer_tokens)
    assistant = Assistant(brain, checkpoints, database, index, clock, limits)
    return App(
        settings=settings,
        clock=clock,
        database=database,
        box=box,
        embedder=embedder,
        vectors=vectors,
        index=index,
        analyser=analyser,
        access=access,
        sync=sync,
        checkpoints=checkpoints,
        assistant=assistant,
        sender=sender,
        deletions=deletions,
        worker=Worker(
            database,
            clock,
            sync,
            sender,
            jobs_url=settings.jobs_url,
            rhythm=_rhythm(settings),
            chores=(deletions.run_waiting, access.revoke_waiting),
        ),
        door=door,
    )


def _rhythm(settings: Settings) -> Rhythm:
    """SQLite has one writer at a time, so more syncs at once would only wait for each other."""
    at_once = 16 if settings.jobs_url.startswith("postgresql") else 4
    return Rhythm(poll=settings.poll_seconds, tick=min(Rhythm().tick, settings.poll_seconds), at_once=at_once)


def _brain(settings: Settings, database: Database, embedder: Embedder, reader: Embedder | None) -> Brain:
    if settings.chosen_model == "offline":
        # Of a question the same sentences are read more than once, and of the next one many of them again.
        return ExtractiveBrain(database, embedder, Remembering(reader) if reader else None)
    return openai_brain(
        settings.chosen_model.removeprefix("openai:"),
        api_key=settings.openai_api_key,
        base_url=settings.openai_base_url,
        tools=all_tools(),
    )


def _shared_buckets(units_per_minute: int, project: Project) -> Callable[[int], TokenBucket]:
    """One bucket per mailbox and process, so that everything that calls Gmail for it shares the budget."""
    buckets: dict[int, TokenBucket] = {}
    lock = threading.Lock()

    def bucket(mailbox_id: int) -> TokenBucket:
        with lock:
            return buckets.setdefault(mailbox_id, TokenBucket(units_per_minute, costs=COSTS[project]))

    return bucket
