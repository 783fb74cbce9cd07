"""The graph: scope → assistant ⇄ tools → (stop →) ground → confirm.

- scope fixes customers, people and dates from the user's question before any mail is read;
- assistant is a brain (a language model or the extractive default), tools read inside the scope or store a draft;
- stop ends a model that goes in circles; an answer also ends at its limits of time and tokens;
- ground checks references and quotes;
- confirm interrupts while a draft waits for a human. What the graph is resumed with decides nothing: the node reads the
  draft's state from the database, and nothing in this process path can send.
"""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, TypedDict

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph
from langgraph.prebuilt import ToolNode
from langgraph.prebuilt.tool_node import ToolCallRequest, ToolInvocationError
from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt

from agent import sourced
from agent.answer import Citation, Usage
from agent.assembly import FINISH
from agent.brain import ESTIMATED, Brain, Turn
from agent.clarify import clarification, meant
from agent.conversation import Before, in_conversation
from agent.grounding import ground
from agent.history import MEANING, meaning_of
from agent.limits import Limits, OutOfTime, OutOfTokens
from agent.notices import DRAFTED, EMPTY, ENDINGS, OUT_OF_TIME, OUT_OF_TOKENS, OUTCOMES, STOPPED
from agent.offline.leaning import question_before
from agent.offline.routing import is_greeting
from agent.scope import Scope
from agent.typed import as_meant
from crm.customers import list_customers
from crm.errors import LealUpError
from crm.mails import get_mails
from crm.passing import count_mails
from outbox import drafts
from tools.context import ToolContext, filter_from_json, filter_to_json
from tools.registry import all_tools

MOST_CALLS = 12  # tool calls of one answer; a model that loops is stopped
MOST_REPEATS = 3  # … and one that makes the very same call again and again, sooner
LONGEST_RESULT = 60_000  # characters of a tool's result that go to the model
_HALTED = "halted"
SHOWN = "shown"  # where a message keeps the text that a person saw, grounded


class State(TypedDict, total=False):
    """One conversation. Plain values only: everything here lands in checkpoints, so no token and no tenant does."""

    messages: Annotated[list[AnyMessage], add_messages]
    scope: dict[str, Any]
    mail_filter: dict[str, Any]
    language: str
    searched: int
    draft_id: str | None
    answer: str
    citations: list[dict[str, Any]]
    removed: int
    not_found: bool
    usage: dict[str, Any]
    began: float  # of this process's monotonic clock, for the limit of time


Graph = CompiledStateGraph[State, ToolContext, State, State]


def build_graph(brain: Brain, checkpointer: BaseCheckpointSaver[Any], limits: Limits | None = None) -> Graph:
    """Compile the graph. A checkpointer is required: without one a waiting draft could not be resumed."""
    bounds = limits or Limits()
    tools = ToolNode(all_tools(), handle_tool_errors=_explain, wrap_tool_call=_bounded)

    def assistant(state: State, runtime: Runtime[ToolContext]) -> dict[str, Any]:
        spent = Usage(**state["usage"])
        try:
            message = brain.next(_turn(state, runtime.context, bounds, spent))
        except OutOfTime:
            return {"messages": [_halted(OUT_OF_TIME[state["language"]].format(seconds=round(bounds.seconds)))]}
        except OutOfTokens:
            return {"messages": [_halted(OUT_OF_TOKENS[state["language"]].format(tokens=f"{bounds.tokens:,}"))]}
        return {
            "messages": [_understood(message, _call_ids(state["messages"]))],
            "usage": (spent + _usage(message)).as_json(),
        }

    graph = StateGraph(State, context_schema=ToolContext)
    graph.add_node("scope", fix_scope)
    graph.add_node("assistant", assistant)
    graph.add_node("tools", tools)
    graph.add_node("stop", stop)
    graph.add_node("ground", partial(check, figures=brain.mode == "model"))
    graph.add_node("confirm", wait_for_human)
    graph.add_edge(START, "scope")
    graph.add_conditional_edges(
        "scope", lambda state: "ground" if _answered(state) else "assistant", ["ground", "assistant"]
    )
    graph.add_conditional_edges("assistant", _after_assistant, ["tools", "stop", "ground"])
    graph.add_edge("tools", "assistant")
    graph.add_edge("stop", "ground")
    for node in ("ground", "confirm"):  # confirm waits again when it was resumed before the human had decided
        graph.add_conditional_edges(node, lambda state: "confirm" if state.get("draft_id") else END, ["confirm", END])
    return graph.compile(checkpointer=checkpointer)


def fix_scope(state: State, runtime: Runtime[ToolContext]) -> dict[str, Any]:
    """Customers, people and dates of the question; a question that names nobody known is answered without reading mail."""
    context = runtime.context
    questions = [meaning_of(message) for message in _questions(state["messages"])]
    previous = Scope.from_json(state["scope"]) if state.get("scope") else None
    clear = _clear(questions, previous, context)
    question = questions[-1] = clear or questions[-1]
    before = question_before(questions, previous) if previous else ""
    cited = [Citation.from_json(held) for held in state.get("citations", [])] if previous else []
    told = state.get("answer", "") if previous else ""
    scope, chosen = in_conversation(
        context, question, Before(question=before, scope=previous, answer=told, cited=cited)
    )
    with context.database.read() as session:
        inside = filter_from_json(filter_to_json(chosen), context.now)
        searched = count_mails(session, context.workspace_id, inside)
        asked_back = clarification(session, context, scope, question)
    return {
        "scope": scope.as_json(),
        "mail_filter": filter_to_json(chosen),
        "language": scope.language,
        "searched": searched,
        "draft_id": None,
        "citations": [],
        "not_found": False,
        "usage": Usage().as_json(),
        "began": time.monotonic(),
        "messages": [
            *([_as_meant(_questions(state["messages"])[-1], clear)] if clear else []),
            *([AIMessage(asked_back)] if asked_back else []),
        ],
    }


def _clear(questions: Sequence[str], previous: Scope | None, context: ToolContext) -> str:
    """The question that we had to ask back, made clear by the last answer to it; "" where it is none."""
    if previous is None or not previous.ambiguous:
        return ""
    with context.database.read() as session:
        customers = list_customers(session, context.workspace_id)
    return meant(questions[-2], questions[-1], previous, customers)


def _as_meant(message: HumanMessage, meaning: str) -> HumanMessage:
    return message.model_copy(update={"additional_kwargs": {**message.additional_kwargs, MEANING: meaning}})


def check(state: State, runtime: Runtime[ToolContext], *, figures: bool = False) -> dict[str, Any]:
    """Ground the last text on what was read in this conversation, and note the draft this turn stored.

    With `figures`, numbers and dates that no cited mail holds and no tool computed go, too: a model may have made them up.
    """
    context = runtime.context
    last = state["messages"][-1]
    text = str(last.text) if isinstance(last, AIMessage) else ""
    asked = [meaning_of(question) for question in _questions(state["messages"])]
    every = " ".join([*asked, *map(as_meant, asked)])  # we say "committee" of who typed "comittee"
    read = list(
        dict.fromkeys(mail_id for artifact in _artifacts(state["messages"]) for mail_id in artifact.get("mails", []))
    )
    with context.database.read() as session:
        mails = get_mails(session, context.workspace_id, read)
    grounded = ground(text, read, mails, question=every)
    answered, invented = grounded.text, 0
    if figures and not _is_halted(last):  # our own word on why there is no answer holds our own figures
        sources = [every, str(state["scope"]), sourced.of_day(context.now.astimezone(context.principal.zone))]
        sources += [sourced.of_tool(str(held.content)) for held in state["messages"] if isinstance(held, ToolMessage)]
        cited = [mails[citation.message_id] for citation in grounded.citations]
        sources += [sourced.of_mail(mail, context.principal.zone) for mail in cited]
        answered, invented = sourced.without_unsourced(grounded.text, [*sources, str(len(cited))])
    this_turn = _artifacts(_since_question(state["messages"]))
    greeted = is_greeting(meaning_of(_questions(state["messages"])[-1]))  # nothing was looked for
    stored = [artifact["draft_id"] for artifact in this_turn if artifact.get("draft_id")]
    silent = (DRAFTED if stored else EMPTY)[state["language"]]
    answer = _ended(answered, last, silent, state["language"])
    computed = bool(answered) and not _is_halted(last) and any(map(_figures, this_turn))
    return {
        "messages": [_said(answer, last)],
        "answer": answer,
        "citations": [citation.as_json() for citation in grounded.citations],
        "removed": grounded.removed + invented,
        "draft_id": stored[-1] if stored else None,
        "not_found": not (grounded.citations or stored or greeted or computed),
    }


def stop(state: State) -> dict[str, Any]:
    """End the turn of a model that goes in circles. Its last calls are answered, or no model would take up the thread."""
    last = state["messages"][-1]
    calls = last.tool_calls if isinstance(last, AIMessage) else []
    refused = [ToolMessage("Not called: too many calls.", tool_call_id=str(call["id"])) for call in calls]
    return {"messages": [*refused, _halted(STOPPED[state["language"]])]}


def wait_for_human(state: State, runtime: Runtime[ToolContext]) -> dict[str, Any]:
    """Interrupt until a face resumes; then report what the database says happened, whatever it was resumed with."""
    context = runtime.context
    interrupt({"draft_id": state["draft_id"]})
    try:
        with context.database.read() as session:
            status = drafts.get(session, context.principal, str(state["draft_id"])).status
    except LealUpError:
        status = "discarded"
    if status in ("draft", "approved", "sending"):
        return {}
    return {"messages": [_said(OUTCOMES[status][state["language"]])], "draft_id": None}


def _halted(text: str) -> AIMessage:
    """Our own word on why there is no answer."""
    return AIMessage(text, response_metadata={_HALTED: True})


def _is_halted(message: AnyMessage) -> bool:
    return bool(message.response_metadata.get(_HALTED))


def _said(text: str, message: AnyMessage | None = None) -> AIMessage:
    """A message as a person saw it. The model goes on with its own words; faces read `shown`."""
    if isinstance(message, AIMessage) and message.text:
        return message.model_copy(update={"additional_kwargs": {**message.additional_kwargs, SHOWN: text}})
    return AIMessage(text, additional_kwargs={SHOWN: text}, id=message.id if isinstance(message, AIMessage) else None)


def _turn(state: State, context: ToolContext, limits: Limits, spent: Usage) -> Turn:
    write: Callable[[Any], None] = get_stream_writer()
    return Turn(
        principal=context.principal,
        scope=Scope.from_json(state["scope"]),
        now=context.now,
        messages=state["messages"],
        deadline=state["began"] + limits.seconds,
        tokens=limits.tokens - spent.total,
        cancelled=context.cancelled,
        say=lambda text: write({"step": text}),
        pulse=lambda: write({}),
    )


def _ended(text: str, message: AnyMessage, silent: str, language: str) -> str:
    """The text, with a remark when its model did not end it by itself, as far as the endpoint says."""
    reason = message.response_metadata.get(FINISH, "stop")
    if reason == "content_filter" or (text and reason in ENDINGS):
        return f"{text}\n\n{ENDINGS[reason][language]}".strip()
    return text or silent


def _usage(message: AIMessage) -> Usage:
    counted = message.usage_metadata
    if counted is None:  # no model was asked
        return Usage()
    return Usage(
        input=counted["input_tokens"],
        output=counted["output_tokens"],
        calls=1,
        estimated=bool(message.response_metadata.get(ESTIMATED)),
    )


def _understood(message: AIMessage, taken: Sequence[str]) -> AIMessage:
    """What a model said as it can be kept: calls whose arguments are no JSON become calls without any, which the tools
    refuse in words the model can use; ids that are missing or not the only ones of their kind are replaced.
    """
    known = set(taken)
    calls: list[dict[str, Any]] = []
    for call, args in (
        *((call, call["args"]) for call in message.tool_calls),
        *((call, dict[str, Any]()) for call in message.invalid_tool_calls),
    ):
        identity = call["id"] if call["id"] and call["id"] not in known else f"call_{uuid.uuid4().hex[:12]}"
        known.add(identity)
        calls.append({"name": call["name"] or "unknown", "args": _storable(args), "id": identity})
    ending = {FINISH: message.response_metadata[FINISH]} if FINISH in message.response_metadata else {}
    return AIMessage(
        _storable(str(message.text)), tool_calls=calls, id=message.id, usage_metadata=message.usage_metadata,
        response_metadata=ending,
    )  # fmt: skip


def _call_ids(messages: Sequence[AnyMessage]) -> list[str]:
    return [str(call["id"]) for message in messages if isinstance(message, AIMessage) for call in message.tool_calls]


def _storable(value: Any) -> Any:
    """With every half of a character (an emoji cut between two tokens) replaced: UTF-8 has none."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_storable(key): _storable(held) for key, held in value.items()}
    return [_storable(held) for held in value] if isinstance(value, list) else value


def _after_assistant(state: State) -> str:
    last = state["messages"][-1]
    calls = [
        json.dumps([call["name"], call["args"]], sort_keys=True)
        for message in _since_question(state["messages"])
        if isinstance(message, AIMessage)
        for call in message.tool_calls
    ]
    if not isinstance(last, AIMessage) or not last.tool_calls:
        return "ground"
    in_circles = len(calls) > MOST_CALLS or max(Counter(calls).values()) > MOST_REPEATS
    return "stop" if in_circles else "tools"


def read_for(messages: list[AnyMessage]) -> list[str]:
    """The ids of the mails that were read since the last question, each once."""
    artifacts = _artifacts(_since_question(messages))
    return list(dict.fromkeys(mail_id for artifact in artifacts for mail_id in artifact.get("mails", [])))


def _answered(state: State) -> bool:
    last = state["messages"][-1]
    return isinstance(last, AIMessage) and bool(last.text)


def _questions(messages: list[AnyMessage]) -> list[HumanMessage]:
    return [message for message in messages if isinstance(message, HumanMessage)]


def _since_question(messages: list[AnyMessage]) -> list[AnyMessage]:
    start = max(place for place, message in enumerate(messages) if isinstance(message, HumanMessage))
    return messages[start:]


def _artifacts(messages: list[AnyMessage]) -> list[dict[str, Any]]:
    return [
        message.artifact
        for message in messages
        if isinstance(message, ToolMessage) and isinstance(message.artifact, dict)
    ]


def _figures(artifact: dict[str, Any]) -> bool:
    """Whether a tool computed something that is an answer without a mail to cite."""
    return bool(
        artifact.get("customers")
        or artifact.get("health")
        or (artifact.get("kind") == "timeline" and artifact.get("total"))
    )


def _bounded(
    request: ToolCallRequest, execute: Callable[[ToolCallRequest], ToolMessage | Command[Any]]
) -> ToolMessage | Command[Any]:
    """A tool's result, cut at the end of a line when it is more than a model can take; what was read stays noted."""
    result = execute(request)
    text = result.text if isinstance(result, ToolMessage) else ""
    if not isinstance(result, ToolMessage) or len(text) <= LONGEST_RESULT:
        return result
    kept = text[: text.rfind("\n", 0, LONGEST_RESULT) + 1] or text[:LONGEST_RESULT]
    left = text.count("\n", len(kept)) + 1
    note = f"[…] {left} more lines are left out. For those, ask about one customer or a shorter period, and say so."
    return result.model_copy(update={"content": f"{kept}{note}"})


def _explain(error: Exception) -> str:
    """A tool's failure as a fixed sentence for the model: retryable or not, never the exception's text."""
    if isinstance(error, LealUpError):
        return f"{error.sentence} {error.next_step}"
    wrong = ""
    if isinstance(error, ToolInvocationError):
        wrong = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.source.errors(include_input=False)[:5]
        )
        wrong = f" ({wrong})" if wrong else ""
    return f"That call was not understood{wrong}. Check the tool's name and arguments and try once more, or answer without it."
