"""One question to an assistant, as a suite notes it down."""

from __future__ import annotations

from contextvars import Context

from agent.assistant import Assistant
from crm.errors import LealUpError
from crm.identity import Principal
from evals.result import Exchange


def ask(assistant: Assistant, principal: Principal, question: str, thread: str | None) -> Exchange:
    """The answer, or the sentence of the error. Asked in a context of its own, so that it has a trace id of its own."""
    try:
        answer = Context().run(assistant.ask, principal, question, thread=thread)
    except LealUpError as error:
        return Exchange(question=question, answer=None, error=error.sentence)
    return Exchange(question=question, answer=answer)
