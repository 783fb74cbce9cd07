"""The assistant as the faces call it: ask, stream, settle. One graph, one conversation per user and thread."""

from __future__ import annotations

import logging
import re
import secrets
import threading
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.errors import GraphRecursionError
from langgraph.types import Command
from langsmith import tracing_context
from sqlalchemy.exc import SQLAlchemyError

from agent.answer import Answer, Citation, Pulse, Step, Token, Usage
from agent.brain import Brain, describe
from agent.graph import SHOWN, build_graph, read_for
from agent.limits import Limits
from agent.notices import OUTCOMES
from agent.rewording import reword
from agent.scope import Scope
from crm import answers
from crm.clock import Clock
from crm.database import Database
from crm.errors import InputError, LealUpError, ModelUnavailable
from crm.identity import Principal
from crm.index.search import SearchIndex
from crm.trace import operation
from outbox.drafts import Draft
from tools.context import ToolContext

_log = logging.getLogger(__name__)
_THREAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST = 4000  # characters of a question
_RECURSION = 40


class Assistant:
    """`ask` and `stream` raise `LealUpError`s only; the question stays in the conversation whatever happens."""

    def __init__(
        self,
        brain: Brain,
        checkpoints: BaseCheckpointSaver[Any],
        database: Database,
        index: SearchIndex,
        clock: Clock,
        limits: Limits | None = None,
    ) -> None:
        self._graph, self._brain, self._checkpoints = build_graph(brain, checkpoints, limits), brain, checkpoints
        self._database, self._index, self._clock = database, index, clock

    def ask(
        self,
        principal: Principal,
        question: str,
        *,
        thread: str | None = None,
        at: datetime | None = None,
        cancelled: threading.Event | None = None,
    ) -> Answer:
        """Answer one question; `thread` continues a conversation, `at` asks as of that instant (aware).

        Raises `AnswerStopped` soon after `cancelled` is set; the conversation goes on with the next question.
        """
        last: Step | Token | Pulse | Answer | None = None
        for last in self.stream(principal, question, thread=thread, at=at, cancelled=cancelled):  # noqa: B007
            pass
        if not isinstance(last, Answer):
            raise ModelUnavailable("no answer")
        return last

    def stream(
        self,
        principal: Principal,
        question: str,
        *,
        thread: str | None = None,
        at: datetime | None = None,
        cancelled: threading.Event | None = None,
    ) -> Generator[Step | Token | Pulse | Answer]:
        """Steps and tokens as they come, pulses in silences; the last item is the grounded answer.

        Closing the generator stops the answer, like `cancelled`.
        """
        if not question.strip():
            raise InputError("empty", sentence="There is no question.", next_step="Ask something about your customers.")
        if len(question) > _LONGEST:
            raise InputError("long", sentence=f"A question can have at most {_LONGEST} characters.")
        thread = thread or secrets.token_hex(8)
        started = time.monotonic()
        # customers' mail never goes to a tracing service, whatever the environment says
        with operation() as trace, tracing_context(enabled=False):
            config, context = self._config(principal, thread), self._context(principal, at, cancelled)
            # durability: every step is on disk before the next, so a killed process loses no waiting draft
            parts = self._graph.stream(
                {"messages": [HumanMessage(question.strip())]},
                config,
                context=context,
                stream_mode=["updates", "messages", "custom"],
                durability="sync",
            )
            try:
                for part in parts:
                    yield from _events(part)
            except GraphRecursionError:
                raise ModelUnavailable(
                    "recursion", sentence="The language model went in circles and was stopped."
                ) from None
            except GeneratorExit:
                context.cancelled.set()  # while `parts` holds the graph open: closing it waits for what runs
                raise
            except LealUpError:
                raise
            except Exception as error:  # noqa: BLE001 – a library's failure: logged whole, shown as one sentence
                _log.exception("answer failed", extra={"fields": {"thread": thread}})
                raise LealUpError(type(error).__name__, sentence="The question could not be answered.") from None
            yield self._answered(principal, question.strip(), thread, trace, round(time.monotonic() - started, 3))

    def reword(self, principal: Principal, draft_id: str, *, sha256: str, how: str) -> Draft:
        """Word a draft anew (`agent.rewording.HOWS`): its next version, which needs its own approval."""
        with operation(), tracing_context(enabled=False):
            return reword(self._database, self._clock, self._brain, principal, draft_id, sha256=sha256, how=how)

    def settle(self, principal: Principal, thread: str) -> str | None:
        """Resume a conversation whose draft was handled; its closing sentence, or None when nothing was waiting.

        Resuming decides nothing: the graph reads from the database what became of the draft.
        """
        config = self._config(principal, thread)
        if not self._graph.get_state(config).interrupts:
            return None
        with tracing_context(enabled=False):
            result = self._graph.invoke(
                Command(resume={"handled": True}), config, context=self._context(principal, None), durability="sync"
            )
        waits_again = bool(self._graph.get_state(config).interrupts)
        return OUTCOMES["draft"][result["language"]] if waits_again else str(result["messages"][-1].text)

    def conversation(self, principal: Principal, thread: str) -> tuple[tuple[str, str], ...]:
        """The visible turns: ("user" | "assistant", text), the assistant's as grounded."""
        messages = self._graph.get_state(self._config(principal, thread)).values.get("messages", [])
        turns = [
            ("user", str(message.text))
            if isinstance(message, HumanMessage)
            else ("assistant", str(message.additional_kwargs[SHOWN]))
            for message in messages
            if isinstance(message, HumanMessage) or SHOWN in message.additional_kwargs
        ]
        return tuple(turns)

    def forget(self, principal: Principal, others: Iterable[tuple[int, str]] = ()) -> tuple[int, int]:
        """Delete all conversations of this user, drafts' included, and those named of others of the workspace, as (user id,
        thread): (how many there were, how many are left).
        """
        named = frozenset(f"{principal.workspace_id}:{user_id}:{thread}" for user_id, thread in others)
        before = self._threads(principal, named)
        for thread_id in before:
            self._checkpoints.delete_thread(thread_id)
        return len(before), len(self._threads(principal, named))

    def _threads(self, principal: Principal, named: frozenset[str]) -> set[str]:
        mine = f"{principal.workspace_id}:{principal.user_id}:"
        found = (str(held.config["configurable"]["thread_id"]) for held in self._checkpoints.list(None))
        return {thread_id for thread_id in found if thread_id.startswith(mine) or thread_id in named}

    def _answered(self, principal: Principal, question: str, thread: str, trace: str, seconds: float) -> Answer:
        """The answer, stored with the mails it was made of. One that can't be stored is shown all the same, without an id."""
        state = self._graph.get_state(self._config(principal, thread)).values
        answer = self._answer(state, thread, trace, seconds)
        kept = answers.Kept(
            id=answer.id, thread=thread, question=question, said=answer.as_json(), asked_at=self._clock()
        )
        read = {*read_for(state["messages"]), *(citation.message_id for citation in answer.citations)}
        try:
            with self._database.write() as session:
                answers.keep(session, principal, kept, read)
        except SQLAlchemyError as error:  # the store is busy, or a mail went meanwhile
            _log.warning("answer not stored", extra={"fields": {"cause": type(error).__name__}})
            return replace(answer, id="")
        return answer

    def _answer(self, state: dict[str, Any], thread: str, trace: str, seconds: float) -> Answer:
        scope = Scope.from_json(state["scope"])
        called = [
            str(call["name"])
            for message in _last_turn(state["messages"])
            if isinstance(message, AIMessage)
            for call in message.tool_calls
        ]
        return Answer(
            answer=state["answer"],
            language=scope.language,
            model=self._brain.name,
            mode=self._brain.mode,
            not_found=state["not_found"],
            scope={
                "customers": list(scope.customers),
                "people": [
                    {"name": person.name, "email": person.email, "customer": person.customer} for person in scope.people
                ],
                "since": scope.period.since.isoformat() if scope.period.since else None,
                "until": scope.period.until.isoformat() if scope.period.until else None,
                "searched": state["searched"],
            },
            citations=tuple(Citation.from_json(data) for data in state["citations"]),
            tools=tuple(called),
            draft_id=state.get("draft_id"),
            removed=state.get("removed", 0),
            thread=thread,
            trace_id=trace,
            seconds=seconds,
            id=secrets.token_hex(8),
            usage=Usage(**state["usage"]),
        )

    def _config(self, principal: Principal, thread: str) -> RunnableConfig:
        """The owner is part of the key, so nobody can name another user's conversation."""
        if not _THREAD.fullmatch(thread):
            raise InputError(thread, sentence="That is not a conversation id.")
        return {
            "configurable": {"thread_id": f"{principal.workspace_id}:{principal.user_id}:{thread}"},
            "recursion_limit": _RECURSION,
        }

    def _context(
        self, principal: Principal, at: datetime | None, cancelled: threading.Event | None = None
    ) -> ToolContext:
        return ToolContext(
            principal=principal,
            database=self._database,
            index=self._index,
            clock=self._clock,
            now=at or self._clock(),
            cancelled=cancelled or threading.Event(),
        )


def _last_turn(messages: list[Any]) -> list[Any]:
    start = max(place for place, message in enumerate(messages) if isinstance(message, HumanMessage))
    return messages[start:]


def _events(part: Any) -> Iterator[Step | Token | Pulse]:
    mode, data = part
    if mode == "custom":
        yield Step(text=data["step"]) if "step" in data else Pulse()
        return
    if mode == "messages":
        chunk, _ = data
        if isinstance(chunk, AIMessageChunk) and chunk.text:
            yield Token(text=str(chunk.text))
        return
    for node, update in data.items():
        if node == "scope" and update:
            scope = Scope.from_json(update["scope"])
            yield Step(text=f"Scope: {describe(scope)} · {update['searched']} mails")
        elif node == "assistant":
            for call in update["messages"][-1].tool_calls:
                arguments = ", ".join(f"{value}" for value in call["args"].values() if isinstance(value, (str, int)))
                yield Step(text=f"{call['name'].replace('_', ' ')} {arguments[:80]}".strip())
