"""What an answer costs beside the model: python -m benchmarks.agent [--mails N] [--runs R] [--folder DIR].

A store of N mails of 201 customers, the first of which has a third of them, in SQLite and the embedded Chroma, each with one
vector of the shipped encoder's size around one of 2,000 topics; checkpoints on disk. The model is scripted, in this process: one call of a
tool, then an answer that cites a mail of its result. Its own time is taken off, so what is left is everything else: scope,
prompt, tools with the encoder's vector of the query, grounding, checkpoints, and storing the answer.

Beside it, in the same run and in turn, a bare `langchain.agents.create_agent` with one retriever tool over the same vectors
(the ten nearest mails, no filter) and the same scripted model: no scope, no grounding, no checkpoints, nothing stored.

Printed for each kind of question: p50 and p95 of the wall clock and of this process's processor time. `--folder` keeps what
was filled, for another run.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from langchain.agents import create_agent
from langchain_core.callbacks import CallbackManagerForLLMRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable
from langchain_core.tools import create_retriever_tool
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from agent.assistant import Assistant
from agent.brain import ModelBrain
from agent.checkpoints import close_checkpoints, open_checkpoints
from crm import schema
from crm.clock import fixed_clock
from crm.customers import list_customers, save_customer
from crm.database import Database
from crm.identity import Principal, create_workspace, find_principal
from crm.index import lexical
from crm.index.embedder import Embedder, e5_model, universal_sentence_encoder
from crm.index.joint import search_encoder
from crm.index.search import SearchIndex
from crm.index.vectors import VectorIndex, embedded_client
from tools.registry import all_tools

_AT = datetime(2026, 6, 15, 12, tzinfo=UTC)
_SPREAD = 2 * 365 * 24 * 60  # minutes
_CUSTOMERS, _TOPICS, _BATCH = 201, 2000, 2000
_ME = "ana@leal.example"
_REFERENCE = re.compile(r"\[m:[0-9a-f]{8}\]")
_SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "ro", "tu", "val", "ser", "con", "tra", "ment")
_BUSINESS = ("renewal", "price", "invoice", "contract", "training", "cancel", "support", "integration", "licence")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Questions of one kind, by number, and the call the model makes for them."""

    name: str
    question: Callable[[int], str]
    tool: str
    arguments: dict[str, Any]


KINDS = (
    Kind(
        name="a customer of 1 in 300",
        question=lambda n: f"What did Brand{1 + n % 200} say about renewal?",
        tool="search_mail",
        arguments={"query": "renewal"},
    ),
    Kind(
        name="the customer with a third of all",
        question=lambda n: f"What was discussed with Brand0 about {_BUSINESS[n % len(_BUSINESS)]}?",
        tool="search_mail",
        arguments={"query": "renewal price"},
    ),
    Kind(
        name="all customers",
        question=lambda n: f"What was said about {_BUSINESS[n % len(_BUSINESS)]}?",
        tool="search_mail",
        arguments={"query": "invoice contract"},
    ),
    Kind(
        name="the last 5 mails",
        question=lambda n: f"Summarize the last 5 emails with Brand{n % 200}",
        tool="read_timeline",
        arguments={"last": 5},
    ),
    Kind(
        name="mentions, a week",
        question=lambda _: "Did any customer mention “cancel” last week?",
        tool="scan_mentions",
        arguments={"terms": ["cancel"]},
    ),
)


class Scripted(BaseChatModel):
    """One call, then an answer that cites the first mail of its result. `spent` sums its own seconds, wall and processor."""

    tool: str = ""
    arguments: dict[str, Any] = {}  # noqa: RUF012 (pydantic copies it)
    spent: list[float] = [0.0, 0.0]  # noqa: RUF012

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **_: Any) -> Runnable[Any, AIMessage]:
        return self

    def _reply(self, messages: list[BaseMessage]) -> AIMessage:
        last = messages[-1]
        if not isinstance(last, ToolMessage):
            return AIMessage(
                "", tool_calls=[{"name": self.tool, "args": self.arguments, "id": f"call_{len(messages)}"}]
            )
        found = _REFERENCE.search(last.text)
        return AIMessage(f"They wrote about it {found.group() if found else ''}.")

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        wall, processor = time.perf_counter(), time.process_time()
        result = ChatResult(generations=[ChatGeneration(message=self._reply(messages))])
        self._note(wall, processor)
        return result

    def _stream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: CallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> Iterator[ChatGenerationChunk]:  # fmt: skip
        wall, processor = time.perf_counter(), time.process_time()
        reply = self._reply(messages)
        chunks = [
            {"name": call["name"], "args": json.dumps(call["args"]), "id": call["id"], "index": n}
            for n, call in enumerate(reply.tool_calls)
        ]
        pieces = [ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=chunks))] if chunks else [
            ChatGenerationChunk(message=AIMessageChunk(content=word)) for word in re.findall(r"\S+\s*", reply.text)
        ]  # fmt: skip
        pieces[-1].message.response_metadata["finish_reason"] = "stop"
        self._note(wall, processor)
        for piece in pieces:
            if run_manager:
                run_manager.on_llm_new_token(str(piece.message.content), chunk=piece)
            yield piece

    def _note(self, wall: float, processor: float) -> None:
        self.spent[0] += time.perf_counter() - wall
        self.spent[1] += time.process_time() - processor


class Nearest(BaseRetriever):
    """The ten nearest mails of the collection, with their texts."""

    embedder: Any
    vectors: Any
    database: Any
    workspace_id: int

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        found = self.vectors.nearest(self.workspace_id, self.embedder.embed([query])[0], 10)
        with self.database.read() as session:
            rows = session.execute(select(schema.Mail.id, schema.Mail.new_text).where(schema.Mail.id.in_(found)))
            return [Document(page_content=f"[m:{mail_id[:8]}] {new_text}") for mail_id, new_text in rows]


@dataclass(frozen=True, kw_only=True)
class Timed:
    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def add(self, work: Callable[[], Any], model: Scripted) -> None:
        """Milliseconds of `work` without the model's own."""
        model.spent[:] = [0.0, 0.0]
        wall, processor = time.perf_counter(), time.process_time()
        work()
        self.processor.append(1e3 * (time.process_time() - processor - model.spent[1]))
        self.wall.append(1e3 * (time.perf_counter() - wall - model.spent[0]))

    def __str__(self) -> str:
        return " | ".join(
            f"{value:.1f}"
            for held in (sorted(self.wall), sorted(self.processor))
            for value in (statistics.median(held), held[int(0.95 * (len(held) - 1))])
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.agent", description=__doc__)
    parser.add_argument("--mails", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=40, help="questions of each kind")
    parser.add_argument("--folder", default="", help="where the store lies; filled when it is empty")
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(chosen.folder or stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        database = Database(f"sqlite:///{folder / 'agent.db'}")
        database.migrate()
        embedder = search_encoder(universal_sentence_encoder(), e5_model())
        vectors = VectorIndex(lambda: embedded_client(folder / "chroma"), embedder.id)
        if not (folder / "filled").exists():
            began = time.perf_counter()
            _fill(database, vectors, chosen.mails, embedder.id, embedder.dimensions)
            (folder / "filled").touch()
            print(f"{chosen.mails} mails filled in {time.perf_counter() - began:.0f} s", flush=True)
        _measure(database, vectors, embedder, folder, chosen.runs)
        vectors.close()
        database.close()


def _measure(database: Database, vectors: VectorIndex, embedder: Embedder, folder: Path, runs: int) -> None:
    with database.read() as session:
        me = find_principal(session, _ME)
    checkpoints = open_checkpoints("sqlite://", folder)
    clock = fixed_clock(_AT)
    head = ("questions", "ours p50 ms", "p95", "CPU p50", "p95", "bare p50 ms", "p95", "CPU p50", "p95")
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    all_ours, all_bare = Timed(), Timed()
    for kind in KINDS:
        model = Scripted(tool=kind.tool, arguments=kind.arguments, spent=[0.0, 0.0])
        ours = Assistant(
            ModelBrain("scripted", model, all_tools()),
            checkpoints,
            database,
            SearchIndex(vectors, embedder, clock),
            clock,
        )
        bare, bare_model = _bare(me, database, vectors, embedder)
        sides = (Timed(), Timed())
        for n in range(-3, runs):  # three to warm up
            question = kind.question(n % runs)
            into = sides if n >= 0 else (Timed(), Timed())
            into[0].add(partial(ours.ask, me, question), model)
            into[1].add(partial(bare, question), bare_model)
        for total, side in zip((all_ours, all_bare), sides, strict=True):
            total.wall.extend(side.wall)
            total.processor.extend(side.processor)
        print(f"| {kind.name} | {sides[0]} | {sides[1]} |", flush=True)
    print(f"| all | {all_ours} | {all_bare} |")
    close_checkpoints(checkpoints)


def _bare(
    me: Principal, database: Database, vectors: VectorIndex, embedder: Embedder
) -> tuple[Callable[[str], Any], Scripted]:
    model = Scripted(tool="search", arguments={"query": "renewal"}, spent=[0.0, 0.0])
    retriever = Nearest(embedder=embedder, vectors=vectors, database=database, workspace_id=me.workspace_id)
    agent = create_agent(model, [create_retriever_tool(retriever, "search", "Searches the mail.")])

    def ask(question: str) -> None:
        for _ in agent.stream({"messages": [("user", question)]}, stream_mode=["updates", "messages"]):
            pass

    return ask, model


def _fill(database: Database, vectors: VectorIndex, mails: int, embedder_id: str, dimensions: int) -> None:
    rng, draw = random.Random(1), np.random.default_rng(5)
    with database.write() as session:
        me = create_workspace(session, fixed_clock(_AT), name="Bench", user_email=_ME, timezone="Europe/Madrid")
        box = schema.Mailbox(workspace_id=me.workspace_id, user_id=me.user_id, email=me.email, created_at=_AT)
        session.add(box)
        session.flush()
        for n in range(_CUSTOMERS):
            save_customer(
                session, me.workspace_id, name=f"Brand{n}", aliases=[], domains=[f"c{n}.example"], arr=None, plan="",
                status="active", renewal_date=None, segment="", owner="", language="",
            )  # fmt: skip
        ids = {held.name: held.id for held in list_customers(session, me.workspace_id)}
        mailbox_id = box.id
    topics = draw.standard_normal((_TOPICS, dimensions), dtype=np.float32)
    vocabulary = ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(20_000)]
    collection = vectors._collection(me.workspace_id)  # many at a time, which a sync never needs
    for begin in range(0, mails, _BATCH):
        numbers = range(begin, min(begin + _BATCH, mails))
        rows = topics[draw.integers(_TOPICS, size=len(numbers))]
        rows = rows + 0.8 * draw.standard_normal(rows.shape, dtype=np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        with database.write() as session:
            held = [_mail(rng, vocabulary, n) for n in numbers]
            _put(session, me.workspace_id, mailbox_id, ids, held)
            session.execute(
                insert(schema.MailVector),
                [
                    {"mail_id": one["id"], "embedder": embedder_id, "rows": row.astype(np.float16).tobytes()}
                    for one, row in zip(held, rows, strict=True)
                ],
            )
            collection.add(
                ids=[f"{one['id']}:0" for one in held], embeddings=rows,
                metadatas=[{"mail": one["id"], f"customer{ids[one['brand']]}": True} for one in held],
            )  # fmt: skip
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _mail(rng: random.Random, vocabulary: list[str], n: int) -> dict[str, Any]:
    which = 0 if rng.random() < 0.34 else rng.randrange(1, _CUSTOMERS)
    words = [vocabulary[int(len(vocabulary) * rng.random() ** 3)] for _ in range(rng.randint(40, 200))]
    words[rng.randrange(len(words))] = rng.choice(_BUSINESS)
    inbound = rng.random() < 0.5
    theirs = f"person{min(rng.randrange(3), rng.randrange(40))}@c{which}.example"
    return {
        "id": f"{rng.getrandbits(96):024x}", "n": n, "brand": f"Brand{which}", "inbound": inbound, "theirs": theirs,
        "sent_at": _AT - timedelta(minutes=rng.randrange(60, _SPREAD)), "subject": " ".join(words[:5]).title(),
        "text": f"{' '.join(words)}.",
    }  # fmt: skip


def _put(session: Session, workspace_id: int, mailbox_id: int, ids: dict[str, int], held: list[dict[str, Any]]) -> None:
    rows: dict[type[schema.Base], list[dict[str, Any]]] = {
        schema.Mail: [], schema.Participant: [], schema.Message: [], schema.Link: []
    }  # fmt: skip
    for one in held:
        sender, receiver = (one["theirs"], _ME) if one["inbound"] else (_ME, one["theirs"])
        rows[schema.Mail].append(
            {
                "id": one["id"], "workspace_id": workspace_id, "sent_at": one["sent_at"], "has_body": True,
                "direction": "inbound" if one["inbound"] else "outbound", "sender_name": "", "sender_email": sender,
                "subject": one["subject"], "snippet": one["text"][:120], "new_text": one["text"], "text": one["text"],
                "tone": "neutral", "tone_confidence": 0.9, "indexed_at": _AT,
            }
        )  # fmt: skip
        rows[schema.Participant] += [
            {"mail_id": one["id"], "kind": kind, "name": "", "email": email} for kind, email in (("from", sender), ("to", receiver))
        ]  # fmt: skip
        rows[schema.Message].append(
            {
                "mailbox_id": mailbox_id, "gmail_id": f"g{one['n']}", "gmail_thread_id": f"t{one['n'] // 4}",
                "mail_id": one["id"], "status": "stored",
            }
        )  # fmt: skip
        rows[schema.Link].append(
            {"mail_id": one["id"], "customer_id": ids[one["brand"]], "rule": "domain", "detail": ""}
        )
    for model, some in rows.items():
        session.execute(insert(model), some)
    for one in held:
        people = f"{one['theirs']} {_ME}"
        lexical.put(session, workspace_id, one["id"], subject=one["subject"], people=people, body=one["text"])


if __name__ == "__main__":
    main()
