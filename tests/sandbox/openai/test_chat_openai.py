"""The server through the real LangChain client."""

from collections.abc import Callable

import httpx
import openai
import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, SecretStr


@tool
def search_mail(query: str, limit: int = 5) -> str:
    """Search the mail of a customer."""
    return f"[1] {query} {limit}"


@pytest.fixture
def chat(base_url: str) -> Callable[[], ChatOpenAI]:
    def build() -> ChatOpenAI:
        return ChatOpenAI(
            model="sandbox-chat",
            base_url=f"{base_url}/v1",
            api_key=SecretStr("any"),
            max_retries=0,
            stream_usage=True,
        )

    return build


def test_tool_round_trip(chat: Callable[[], ChatOpenAI]) -> None:
    model = chat().bind_tools([search_mail])
    question = HumanMessage("What about the renewal?")
    asked = model.invoke([question])
    assert asked.tool_calls[0]["name"] == "search_mail"
    assert asked.tool_calls[0]["args"] == {"query": "What about the renewal?"}
    result = search_mail.invoke(asked.tool_calls[0])
    assert isinstance(result, ToolMessage)
    assert model.invoke([question, asked, result]).content == "[1] What about the renewal? 5"


def test_streamed_tool_call_is_assembled(chat: Callable[[], ChatOpenAI]) -> None:
    chunks = [c for c in chat().bind_tools([search_mail]).stream("¿Y la renovación?") if isinstance(c, AIMessageChunk)]
    whole = add_ai_message_chunks(chunks[0], *chunks[1:])
    assert whole.tool_calls[0]["args"] == {"query": "¿Y la renovación?"}
    assert whole.usage_metadata is not None
    assert whole.usage_metadata["output_tokens"] > 0
    assert len(chunks) > 3


def test_streamed_text(chat: Callable[[], ChatOpenAI]) -> None:
    assert "".join(str(chunk.content) for chunk in chat().stream("Bom dia, São Paulo")) == "Bom dia, São Paulo"


def test_broken_arguments_become_invalid_tool_calls(chat: Callable[[], ChatOpenAI], base_url: str) -> None:
    httpx.post(f"{base_url}/sandbox/script", json="malformed").raise_for_status()
    answer = chat().bind_tools([search_mail]).invoke("hi")
    assert answer.tool_calls == []
    assert answer.invalid_tool_calls[0]["args"] == '{"query": "unterminated'


def test_structured_output_is_filled(chat: Callable[[], ChatOpenAI]) -> None:
    class Scope(BaseModel):
        customer: str
        days: int

    for method in ("json_schema", "function_calling"):
        scope = chat().with_structured_output(Scope, method=method).invoke("Acme this week")
        assert scope == Scope(customer="Acme this week", days=1)


def test_errors_arrive_as_openai_errors(chat: Callable[[], ChatOpenAI], base_url: str) -> None:
    httpx.post(f"{base_url}/sandbox/script", json=[{"reply": {"status": 429}}]).raise_for_status()
    with pytest.raises(openai.RateLimitError):
        chat().invoke("hi")
