"""The graph: scope → assistant ⇄ tools → (stop →) ground → confirm.

- scope fixes customers, people and dates from the user's question before any mail is read;
- assistant is a brain (a language model or the extractive default), tools read inside the scope or store a draft;
- stop ends a model that goes in circles;
- ground checks references and quotes;
- confirm interrupts while a draft waits for a human. What the graph is resumed with decides nothing: the node reads the
  draft's state from the database, and nothing in this process path can send.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Annotated, Any, TypedDict

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph
from langgraph.prebuilt import ToolNode
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from agent.brain import Brain, Turn
from agent.clarify import clarification
from agent.correspondents import with_correspondents
from agent.grounding import ground
from agent.notices import DRAFTED, EMPTY, OUTCOMES, STOPPED
from agent.offline.routing import about_records, asks_for_draft, is_greeting
from agent.periods import ANY_TIME
from agent.scope import Scope, resolve
from agent.wording import says_what_to_write
from crm.customers import list_customers
from crm.errors import LealUpError
from crm.mails import MailFilter, count_mails, get_mails
from outbox import drafts
from tools.context import ToolContext, filter_from_json, filter_to_json
from tools.registry import all_tools

MOST_CALLS = 12  # tool calls of one answer; a model that loops is stopped
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


Graph = CompiledStateGraph[State, ToolContext, State, State]


def build_graph(brain: Brain, checkpointer: BaseCheckpointSaver[Any]) -> Graph:
    """Compile the graph. A checkpointer is required: without one a waiting draft could not be resumed."""
    tools = ToolNode(all_tools(), handle_tool_errors=_explain)

    def assistant(state: State, runtime: Runtime[ToolContext]) -> dict[str, Any]:
        context = runtime.context
        turn = Turn(
            principal=context.principal,
            scope=Scope.from_json(state["scope"]),
            now=context.now,
            messages=state["messages"],
        )
        return {"messages": [_understood(brain.next(turn))]}

    graph = StateGraph(State, context_schema=ToolContext)
    graph.add_node("scope", fix_scope)
    graph.add_node("assistant", assistant)
    graph.add_node("tools", tools)
    graph.add_node("stop", stop)
    graph.add_node("ground", check)
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
    question = str(_questions(state["messages"])[-1].content)
    with context.database.read() as session:
        customers = with_correspondents(
            session, context.workspace_id, list_customers(session, context.workspace_id), question
        )
    previous = Scope.from_json(state["scope"]) if state.get("scope") else None
    scope = resolve(question, customers=customers, now=context.now, zone=context.principal.zone, previous=previous)
    if asks_for_draft(question):
        if scope.direction == "outbound":
            scope = replace(scope, direction=None)  # "a reply to Globex" is about what Globex wrote
        if says_what_to_write(question, scope.period.label):
            scope = replace(scope, period=ANY_TIME)  # "… confirming Thursday's meeting" is about no mail of Thursday
    people = {person.email for person in scope.people}
    records = about_records(question, scope)  # "who renews in January?" is about no mail of January
    chosen = MailFilter(
        customer_ids=scope.customer_ids,
        people=people,
        sent_by=people if scope.direction == "inbound" else (),
        since=None if records else scope.period.since,
        until=None if records else scope.period.until,
        direction=scope.direction,
        tone=scope.tone,
    )
    with context.database.read() as session:
        inside = filter_from_json(filter_to_json(chosen), context.now)
        searched = count_mails(session, context.workspace_id, inside)
        asked_back = clarification(session, context, scope)
    return {
        "scope": scope.as_json(),
        "mail_filter": filter_to_json(chosen),
        "language": scope.language,
        "searched": searched,
        "draft_id": None,
        "citations": [],
        "not_found": False,
        "messages": [AIMessage(asked_back)] if asked_back else [],
    }


def check(state: State, runtime: Runtime[ToolContext]) -> dict[str, Any]:
    """Ground the last text on what was read in this conversation, and note the draft this turn stored."""
    context = runtime.context
    last = state["messages"][-1]
    text = str(last.text) if isinstance(last, AIMessage) else ""
    asked = " ".join(str(question.content) for question in _questions(state["messages"]))
    read = list(
        dict.fromkeys(mail_id for artifact in _artifacts(state["messages"]) for mail_id in artifact.get("mails", []))
    )
    with context.database.read() as session:
        mails = get_mails(session, context.workspace_id, read)
    grounded = ground(text, read, mails, question=asked)
    this_turn = _artifacts(_since_question(state["messages"]))
    greeted = is_greeting(str(_questions(state["messages"])[-1].content))  # nothing was looked for
    stored = [artifact["draft_id"] for artifact in this_turn if artifact.get("draft_id")]
    silent = (DRAFTED if stored else EMPTY)[state["language"]]
    answer = grounded.text or silent
    return {
        "messages": [_said(answer, last)],
        "answer": answer,
        "citations": [citation.as_json() for citation in grounded.citations],
        "removed": grounded.removed,
        "draft_id": stored[-1] if stored else None,
        "not_found": not (grounded.citations or stored or greeted or any(map(_figures, this_turn))),
    }


def stop(state: State) -> dict[str, Any]:
    """End the turn of a model that goes in circles. Its last calls are answered, or no model would take up the thread."""
    last = state["messages"][-1]
    calls = last.tool_calls if isinstance(last, AIMessage) else []
    refused = [ToolMessage("Not called: too many calls.", tool_call_id=str(call["id"])) for call in calls]
    return {"messages": [*refused, AIMessage(STOPPED[state["language"]])]}


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


def _said(text: str, message: AnyMessage | None = None) -> AIMessage:
    """A message as a person saw it. The model goes on with its own words; faces read `shown`."""
    if isinstance(message, AIMessage) and message.text:
        return message.model_copy(update={"additional_kwargs": {**message.additional_kwargs, SHOWN: text}})
    return AIMessage(text, additional_kwargs={SHOWN: text}, id=message.id if isinstance(message, AIMessage) else None)


def _understood(message: AIMessage) -> AIMessage:
    """What a model said as it can be kept: calls whose arguments are no JSON become calls without any, which the tools
    refuse in words the model can use.
    """
    calls = [
        {
            "name": call["name"] or "unknown",
            "args": _storable(args),
            "id": call["id"] or f"call_{uuid.uuid4().hex[:12]}",
        }
        for call, args in (
            *((call, call["args"]) for call in message.tool_calls),
            *((call, dict[str, Any]()) for call in message.invalid_tool_calls),
        )
    ]
    return AIMessage(
        _storable(str(message.text)), tool_calls=calls, id=message.id, usage_metadata=message.usage_metadata
    )


def _storable(value: Any) -> Any:
    """With every half of a character (an emoji cut between two tokens) replaced: UTF-8 has none."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_storable(key): _storable(held) for key, held in value.items()}
    return [_storable(held) for held in value] if isinstance(value, list) else value


def _after_assistant(state: State) -> str:
    last = state["messages"][-1]
    calls = sum(
        len(message.tool_calls) for message in _since_question(state["messages"]) if isinstance(message, AIMessage)
    )
    if not isinstance(last, AIMessage) or not last.tool_calls:
        return "ground"
    return "tools" if calls <= MOST_CALLS else "stop"


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


def _explain(error: Exception) -> str:
    """A tool's failure as a fixed sentence for the model: retryable or not, never the exception's text."""
    if isinstance(error, LealUpError):
        return f"{error.sentence} {error.next_step}"
    return "That call was not understood. Check the tool's name and arguments and try once more, or answer without it."
