"""The server through the real `openai` client."""

import base64
import struct
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from sandbox.openai.completion import Completion
from sandbox.openai.reply import Reply

SEARCH: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "search_mail",
        "description": "Search the mail",
        "parameters": {
            "type": "object",
            "properties": {"query": {"type": "string"}, "limit": {"type": "integer"}},
            "required": ["query"],
        },
    },
}
QUESTION = "¿Qué se habló con Acme sobre la renovación?"


@pytest.fixture
def client(base_url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{base_url}/v1", api_key="any", max_retries=0) as client:
        yield client


def script(base_url: str, *rules: dict[str, Any]) -> None:
    answer = httpx.post(f"{base_url}/sandbox/script", json=list(rules))
    assert answer.status_code == 200, answer.text


def ask(client: OpenAI, question: str = QUESTION, **options: Any) -> Any:
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": question}]
    return client.chat.completions.create(model="sandbox-chat", messages=messages, **options)


def test_lists_its_models(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["sandbox-chat", "sandbox-embedding"]


def test_default_model_calls_the_tool_and_then_quotes_its_marked_lines(client: OpenAI) -> None:
    first = ask(client, tools=[SEARCH]).choices[0]
    assert first.finish_reason == "tool_calls"
    call = first.message.tool_calls[0]
    assert call.function.name == "search_mail"
    assert QUESTION in call.function.arguments, "accents travel unescaped"
    messages: list[Any] = [
        {"role": "user", "content": QUESTION},
        first.message.model_dump(exclude_none=True),
        {
            "role": "tool",
            "tool_call_id": call.id,
            "content": "3 mails\n[1] Precio de 2027\n[2] Firma el viernes",
        },
    ]
    second = client.chat.completions.create(model="sandbox-chat", messages=messages, tools=[SEARCH])
    assert second.choices[0].message.content == "[1] Precio de 2027\n[2] Firma el viernes"
    assert second.choices[0].finish_reason == "stop"
    assert second.usage is not None
    assert second.usage.total_tokens > 0


def test_streams_content_and_usage(base_url: str, client: OpenAI) -> None:
    script(base_url, {"reply": {"content": "Adiós, señor Muñoz", "stream": {"chunk": 3}}})
    events = list(ask(client, stream=True, stream_options={"include_usage": True}))
    pieces = [event.choices[0].delta.content for event in events if event.choices]
    assert "".join(piece or "" for piece in pieces) == "Adiós, señor Muñoz"
    assert max(len(piece or "") for piece in pieces) == 3
    assert events[-1].choices == []
    assert events[-1].usage.completion_tokens == 5
    assert events[-2].choices[0].finish_reason == "stop"


def test_a_stream_without_usage_carries_none(client: OpenAI) -> None:
    assert all(event.usage is None and event.choices for event in ask(client, stream=True))


def test_streams_several_tool_calls_in_pieces(base_url: str, client: OpenAI) -> None:
    calls = [{"name": "a", "arguments": {"x": "uno dos tres"}}, {"name": "b", "arguments": '{"broken'}]
    script(base_url, {"reply": {"tool_calls": calls, "stream": {"chunk": 4}}})
    names: dict[int, str] = {}
    arguments: dict[int, str] = {}
    for event in ask(client, stream=True, tools=[SEARCH]):
        for delta in event.choices[0].delta.tool_calls or []:
            names[delta.index] = names.get(delta.index, "") + (delta.function.name or "")
            arguments[delta.index] = arguments.get(delta.index, "") + delta.function.arguments
    assert names == {0: "a", 1: "b"}
    assert arguments == {0: '{"x": "uno dos tres"}', 1: '{"broken'}


def test_a_broken_stream_ends_in_an_error_after_its_events(base_url: str, client: OpenAI) -> None:
    script(base_url, {"reply": {"content": "half of it", "stream": {"chunk": 2, "break_after": 3}}})
    stream = ask(client, stream=True)
    seen = [next(stream).choices[0].delta.content for _ in range(3)]
    assert seen == ["", "ha", "lf"]
    with pytest.raises(Exception, match=r"(?i)incomplete|peer closed|connection"):
        next(stream)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (400, openai.BadRequestError),
        (404, openai.NotFoundError),
    ],
)
def test_scripted_errors_have_openais_shape(
    base_url: str, client: OpenAI, status: int, error: type[openai.APIStatusError]
) -> None:
    script(base_url, {"reply": {"status": status, "headers": {"retry-after": "7"}}})
    with pytest.raises(error) as caught:
        ask(client)
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["type"]
    assert caught.value.response.headers["retry-after"] == "7"


def test_a_429_once_is_survived_by_the_clients_retry(base_url: str) -> None:
    script(
        base_url,
        {"once": True, "reply": {"status": 429, "headers": {"retry-after-ms": "5"}}},
        {"reply": {"content": "ok"}},
    )
    with OpenAI(base_url=f"{base_url}/v1", api_key="any", max_retries=1) as client:
        assert ask(client).choices[0].message.content == "ok"


def test_a_body_may_be_no_json_at_all(base_url: str) -> None:
    script(base_url, {"reply": {"status": 502, "body": "<html>Bad gateway</html>"}})
    answer = httpx.post(
        f"{base_url}/v1/chat/completions",
        json={"model": "m", "messages": [{"role": "user", "content": "?"}]},
        headers={"Authorization": "Bearer any"},
    )
    assert (answer.status_code, answer.text) == (502, "<html>Bad gateway</html>")


def test_a_hanging_model_runs_into_the_clients_timeout(base_url: str, client: OpenAI) -> None:
    script(base_url, {"reply": {"hang": True}})
    with pytest.raises(openai.APITimeoutError):
        ask(client.with_options(timeout=0.2))


@pytest.mark.parametrize("key", [None, "", "Bearer", "Basic abc"])
def test_a_missing_key_is_refused(base_url: str, key: str | None) -> None:
    headers = {} if key is None else {"Authorization": key}
    answer = httpx.get(f"{base_url}/v1/models", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_api_key"


def test_an_unanswered_tool_call_is_refused(client: OpenAI) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "search_mail", "arguments": "{}"}}
    messages: list[Any] = [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "user", "content": "and?"},
    ]
    with pytest.raises(openai.BadRequestError, match="c1"):
        client.chat.completions.create(model="m", messages=messages)


def test_a_tool_result_nobody_asked_for_is_refused(client: OpenAI) -> None:
    messages: list[Any] = [{"role": "tool", "tool_call_id": "c9", "content": "x"}]
    with pytest.raises(openai.BadRequestError, match="role 'tool'"):
        client.chat.completions.create(model="m", messages=messages)


def test_a_request_without_a_rule_is_refused_not_retried(base_url: str, client: OpenAI) -> None:
    script(base_url, {"when": {"last_user": "never"}, "reply": {"content": "x"}})
    with pytest.raises(openai.BadRequestError, match="no rule"):
        ask(client)


def test_unknown_paths_and_broken_json_are_openai_errors(base_url: str) -> None:
    headers = {"Authorization": "Bearer any"}
    assert "Invalid URL" in httpx.post(f"{base_url}/v1/responses", headers=headers).json()["error"]["message"]
    broken = httpx.post(f"{base_url}/v1/chat/completions", content=b"{", headers=headers)
    assert broken.status_code == 400
    assert "parse" in broken.json()["error"]["message"]


def test_embeddings_are_unit_vectors_and_near_for_near_texts(client: OpenAI) -> None:
    texts = ["renewal price", "the renewal price", "picnic on Sunday"]
    answer = client.embeddings.create(model="sandbox-embedding", input=texts)
    a, b, c = (item.embedding for item in answer.data)
    assert sum(x * x for x in a) == pytest.approx(1, abs=1e-5)
    assert _dot(a, b) > _dot(a, c) + 0.3


def test_embeddings_in_base64_are_the_same_floats(base_url: str) -> None:
    def post(encoding: str) -> Any:
        body = {"model": "m", "input": "contrato", "encoding_format": encoding, "dimensions": 32}
        answer = httpx.post(f"{base_url}/v1/embeddings", json=body, headers={"Authorization": "Bearer any"})
        return answer.json()["data"][0]["embedding"]

    floats = struct.unpack("<32f", base64.b64decode(post("base64")))
    assert list(floats) == pytest.approx(post("float"), abs=1e-6)


def test_the_log_keeps_bodies_and_no_key(base_url: str, client: OpenAI) -> None:
    ask(client.with_options(api_key="sk-very-secret"))
    answer = httpx.get(f"{base_url}/sandbox/log")
    assert answer.json()["requests"][-1]["body"]["messages"] == [{"role": "user", "content": QUESTION}]
    assert "sk-very-secret" not in answer.text


def test_a_wrong_script_is_refused_and_names_the_place(base_url: str, client: OpenAI) -> None:
    answer = httpx.post(f"{base_url}/sandbox/script", json=[{"when": {"lastuser": "x"}, "reply": {}}])
    assert answer.status_code == 400
    assert "rules.0.when.lastuser" in answer.json()["error"]["message"]
    assert ask(client, "still there?").choices[0].message.content == "still there?"


def test_ids_are_deterministic() -> None:
    reply = Reply(content="x")
    first, second = (Completion(number=7, created=1, model="m", prompt="p", reply=reply) for _ in range(2))
    assert first.body() == second.body()


def _dot(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))
