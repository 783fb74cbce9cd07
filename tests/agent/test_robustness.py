"""What models and servers do wrong, row by row: each ends in the right answer, or in one that says what happened."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from agent.answer import Pulse, Step
from agent.assistant import Assistant
from agent.brain import openai_brain
from agent.checkpoints import open_checkpoints
from agent.limits import Limits
from agent.notices import EMPTY, ENDINGS, OUT_OF_TIME, OUT_OF_TOKENS, STOPPED
from crm.errors import AnswerStopped, ModelUnavailable
from crm.schema import StoredAnswer
from sandbox.openai import script
from sandbox.openai.server import create_app
from sandbox.running import running
from tests.agent.test_brain_model import CITED, QUESTION, Talk, unanswered
from tests.house import House, letter
from tools.registry import all_tools

GOOD = "Maria wants to renew: “We want to renew for two years” [1]."
ONCE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it is about models, not about stores
CALL: dict[str, Any] = {"name": "search_mail", "arguments": {"query": "renewal"}}
ANSWER: dict[str, Any] = {"content": CITED}


def calls(*wanted: Any, **more: Any) -> dict[str, Any]:
    return {"tool_calls": list(wanted), **more}


def called(arguments: Any, name: str = "search_mail", **more: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments, **more}


def in_turn(*replies: dict[str, Any]) -> list[dict[str, Any]]:
    """A script: the first reply for the model's first move, and so on; the last one for all that follow."""
    return [{"when": {"turn": n}, "reply": reply} for n, reply in enumerate(replies[:-1], 1)] + [{"reply": replies[-1]}]


def ended(reason: str | None) -> str:
    return f"{GOOD}\n\n{ENDINGS[reason]['en']}"


@dataclass(frozen=True, kw_only=True)
class Row:
    """`replies` of the model in turn; the answer that must come of it, and the tools that were called on the way."""

    name: str
    replies: list[dict[str, Any]]
    answer: str = GOOD
    tools: tuple[str, ...] | None = ("search_mail",)
    once: list[dict[str, Any]] = field(default_factory=list)  # replies before all others, each a single time


STREAMS = [
    Row(name=f"stream: {name}", replies=[calls(CALL, stream=shape), {**ANSWER, "stream": shape}])
    for name, shape in {
        "empty events and comments": {"empty": True},
        "one character an event": {"chunk": 1},
        "no [DONE]": {"done": False},
        "slow": {"delay_ms": 3, "chunk": 40},
    }.items()
]
TABLE = [
    *STREAMS,
    Row(
        name="no reason given for the end",
        replies=[calls(CALL), {**ANSWER, "stream": {"finish": False}}],
        answer=ended(None),
    ),
    Row(name="a call without the reason given", replies=[calls(CALL, stream={"finish": False}), ANSWER]),
    *(
        Row(
            name=f"parallel calls, {shape}",
            replies=[
                calls(
                    CALL,
                    called({"last": 2}, "read_timeline"),
                    called({}, "list_customers"),
                    stream={"calls": shape, "chunk": 3},
                ),
                ANSWER,
            ],
            tools=("search_mail", "read_timeline", "list_customers"),
        )
        for shape in ("in_order", "same_index", "without_index")
    ),
    Row(
        name="fragments of parallel calls out of order",
        replies=[
            calls(CALL, called({"last": 2}, "read_timeline"), stream={"calls": "interleaved", "chunk": 3}),
            ANSWER,
        ],
        tools=("read_timeline", "search_mail"),
    ),
    Row(
        name="two calls with one id",
        replies=[calls(called({"query": "renewal"}, id="x"), called({"query": "price"}, id="x")), ANSWER],
        tools=("search_mail",) * 2,
    ),
    Row(
        name="the same id in every turn",
        replies=[calls(called({"query": "renewal"}, id="0")), calls(called({"query": "price"}, id="0")), ANSWER],
        tools=("search_mail",) * 2,
    ),
    Row(name="the stream is cut, once", replies=[calls(CALL), ANSWER], once=[{**ANSWER, "stream": {"break_after": 3}}]),
    Row(
        name="a call is cut, once",
        replies=[calls(CALL), ANSWER],
        once=[calls(CALL, stream={"break_after": 2, "chunk": 4})],
    ),
    Row(
        name="the stream just ends in the middle of a call",
        replies=[calls(CALL, stream={"end_after": 3, "chunk": 5}), calls(CALL), ANSWER],
        tools=("search_mail",) * 2,
    ),
    Row(
        name="the stream just ends in the middle of the answer",
        replies=[calls(CALL), {"content": f"{CITED} And then", "stream": {"end_after": 2, "chunk": 200}}],
        answer=f"{GOOD[:-1]}. And then\n\n{ENDINGS[None]['en']}",
    ),
    Row(
        name="unknown tool",
        replies=[calls(called({"to": "x@evil.example"}, "send_email")), calls(CALL), ANSWER],
        tools=("send_email", "search_mail"),
    ),
    Row(
        name="a tool without a name",
        replies=[calls(called({}, "")), calls(CALL), ANSWER],
        tools=("unknown", "search_mail"),
    ),
    Row(
        name="a prefix before the name", replies=[calls(called({"query": "renewal"}, "functions.search_mail")), ANSWER]
    ),
    *(
        Row(
            name=f"arguments: {name}",
            replies=[calls(called(arguments)), calls(CALL), ANSWER],
            tools=("search_mail",) * 2,
        )
        for name, arguments in {
            "empty": "",
            "a list": '["renewal"]',
            "null": "null",
            "unterminated": '{"query": "renewal',
            "of the wrong type": {"query": {"a": [1]}},
            "of other names": {"topic": "renewal"},
            "deeply nested": "[" * 3000,
        }.items()
    ),
    Row(name="arguments encoded twice", replies=[calls(called('"{\\"query\\": \\"renewal\\"}"')), ANSWER]),
    Row(name="a line break inside a string", replies=[calls(called('{"query": "renewal\n price"}')), ANSWER]),
    Row(
        name="a number as text",
        replies=[calls(called({"last": "2"}, "read_timeline")), ANSWER],
        tools=("read_timeline",),
    ),
    Row(
        name="a call written as text",
        replies=[{"content": '{"name": "search_mail", "arguments": {"query": "renewal"}}'}, ANSWER],
    ),
    Row(
        name="a call written in a fence",
        replies=[{"content": '```json\n{"name": "search_mail", "parameters": {"query": "renewal"}}\n```'}, ANSWER],
    ),
    Row(
        name="thoughts before the answer",
        replies=[calls(CALL), {"content": f"<think>Maria said [m:00000000] a lot.</think>\n{CITED}"}],
    ),
    Row(name="an endless loop of one call", replies=[calls(CALL)], answer=STOPPED["en"], tools=("search_mail",) * 4),
    Row(
        name="an endless loop of many calls",
        replies=[calls(*(called({"query": f"q{n}"}) for n in range(5)))],
        answer=STOPPED["en"],
        tools=("search_mail",) * 15,
    ),
    Row(name="nothing", replies=[calls(CALL), {"content": ""}], answer=EMPTY["en"]),
    Row(name="a refusal", replies=[calls(CALL), {"refusal": "I can't help with that."}], answer=EMPTY["en"]),
    Row(
        name="content filter, nothing said",
        replies=[calls(CALL), {"content": None, "finish_reason": "content_filter"}],
        answer=ENDINGS["content_filter"]["en"],
    ),
    Row(
        name="content filter, in the middle",
        replies=[calls(CALL), {**ANSWER, "finish_reason": "content_filter"}],
        answer=ended("content_filter"),
    ),
    Row(
        name="too long for the endpoint",
        replies=[calls(CALL), {**ANSWER, "finish_reason": "length"}],
        answer=ended("length"),
    ),
    Row(name="no tokens counted", replies=[calls(CALL, usage=False), {**ANSWER, "usage": False}]),
    Row(name="429, once", replies=[calls(CALL), ANSWER], once=[{"status": 429, "headers": {"retry-after-ms": "1"}}]),
    Row(name="500, twice", replies=[calls(CALL), ANSWER], once=[{"status": 500}, {"status": 503}]),
    Row(
        name="a context that is too small",
        replies=[calls(CALL), ANSWER],
        once=[
            {
                "status": 400,
                "body": {
                    "error": {
                        "code": "context_length_exceeded",
                        "message": "This model's maximum context length is 10 tokens.",
                    }
                },
            }
        ],
    ),
]


@ONCE
def test_whatever_a_model_does_wrong_the_answer_is_right_or_honest(wired: Wired) -> None:
    wrong: list[str] = []
    for row in TABLE:
        rules = [{"reply": reply, "once": True} for reply in row.once] + in_turn(*row.replies)
        wired.script(rules)
        before = len(wired.requests())
        try:
            answer = wired.ask()
        except ModelUnavailable as error:
            wrong.append(f"{row.name}: {error!r}")
            continue
        if answer.answer != row.answer:
            wrong.append(f"{row.name}: said {answer.answer!r}")
        if row.tools is not None and answer.tools != row.tools:
            wrong.append(f"{row.name}: called {answer.tools}")
        if GOOD in answer.answer and not (answer.citations and answer.citations[0].verified):
            wrong.append(f"{row.name}: cites {answer.citations}")
        asked = wired.requests()[before:]
        if any(unanswered(body["messages"]) for body in asked):
            wrong.append(f"{row.name}: sent a call without its answer")
        if not answer.usage.calls or not answer.usage.total:
            wrong.append(f"{row.name}: counted {answer.usage}")
    assert not wrong, "\n".join(wrong)
    assert len(TABLE) >= 40


@ONCE
def test_what_is_cut_is_not_taken_for_the_whole(wired: Wired) -> None:
    wired.script(in_turn(calls(CALL), {"content": f"{CITED} " + "and so on " * 20_000, "stream": {"chunk": 4000}}))
    endless = wired.ask()
    assert endless.answer.startswith(GOOD)
    assert endless.answer.endswith(ENDINGS["length"]["en"])
    assert len(endless.answer) < 45_000

    text = "Dear Maria, we will not be able to help you."
    drafted = called({"mail": r"m:{{tool:\[m:([0-9a-f]{8})\]}}", "text": text}, "draft_reply")
    wired.script(in_turn(calls(CALL), calls(drafted, stream={"end_after": 3, "chunk": 30}), {"content": "No draft."}))
    undrafted = wired.ask("Write a reply to Globex")
    assert (undrafted.draft_id, undrafted.tools) == (None, ("search_mail", "draft_reply"))

    wired.script([{"reply": {**ANSWER, "stream": {"break_after": 3}}, "once": True}, *in_turn(calls(CALL), ANSWER)])
    steps = [part.text for part in wired.assistant.stream(wired.house.me, QUESTION) if isinstance(part, Step)]
    assert "The model's answer broke off; asking it again" in steps


@ONCE
def test_tokens_are_counted_stored_and_bounded(wired: Wired) -> None:
    wired.script(in_turn(calls(CALL), ANSWER))
    counted = wired.ask().usage
    wired.script(in_turn(calls(CALL, usage=False), {**ANSWER, "usage": False}))
    guessed = wired.ask().usage
    assert (counted.calls, counted.estimated, guessed.calls, guessed.estimated) == (2, False, 2, True)
    assert counted.input < guessed.input < 5 * counted.input, "the sandbox does not count the tools"
    with wired.house.app.database.read() as session:
        stored = {(row.tokens_in, row.tokens_out) for row in session.scalars(select(StoredAnswer))}
    assert stored == {(counted.input, counted.output), (guessed.input, guessed.output)}

    several = calls(CALL, called({"last": 25}, "read_timeline"), called({}, "customer_health"))
    wired.script([{"reply": several}])
    answer = wired.limited(Limits(tokens=1500)).ask(wired.house.me, QUESTION)
    assert answer.answer == OUT_OF_TOKENS["en"].format(tokens="1,500")
    assert answer.not_found and 0 < answer.usage.total <= 1500
    wired.script(in_turn(calls(CALL), ANSWER))
    assert wired.ask("And the renewal?", thread=answer.thread).citations[0].verified


def test_an_answer_ends_at_its_time_or_when_it_is_stopped_and_its_conversation_goes_on(wired: Wired) -> None:
    for reply in ({"hang": True}, {"content": "x" * 4000, "stream": {"delay_ms": 40, "chunk": 1}}):
        wired.script([{"reply": reply}])
        began = time.monotonic()
        answer = wired.limited(Limits(seconds=0.6)).ask(wired.house.me, QUESTION)
        assert answer.answer == OUT_OF_TIME["en"].format(seconds=1)
        assert time.monotonic() - began < 5

    for way in ("event", "close"):
        wired.script([{"when": {"turn": 1}, "reply": calls(CALL)}, {"reply": {"hang": True}}])
        cancelled = threading.Event()
        with closing(wired.assistant.stream(wired.house.me, QUESTION, thread=way, cancelled=cancelled)) as parts:
            assert any(isinstance(part, Pulse) for part in parts)
            began = time.monotonic()
            if way == "event":
                cancelled.set()
                with pytest.raises(AnswerStopped):
                    list(parts)
        assert time.monotonic() - began < 5
        assert wired.assistant.conversation(wired.house.me, way) == (("user", QUESTION),)
        wired.script(in_turn(calls(CALL), ANSWER))
        assert wired.ask(thread=way).answer == GOOD
    assert all(unanswered(body["messages"]) == set() for body in wired.requests())


class Wired(Talk):
    """The brain as it is wired, with its retries."""

    def __init__(self, house: House, url: str) -> None:
        super().__init__(house, url)
        self.brain = openai_brain("sandbox-chat", api_key="k", base_url=f"{url}/v1", tools=all_tools())
        self.assistant = self.over(self.brain)

    def limited(self, limits: Limits) -> Assistant:
        app = self.house.app
        saver = open_checkpoints(app.settings.sql_url, app.settings.home)
        return Assistant(self.brain, saver, app.database, app.index, app.clock, limits)


@pytest.fixture
def wired(house: House) -> Iterator[Wired]:
    house.connect()
    house.mail(letter(subject="Renewal", text="We want to renew for two years if the price stays.", days_ago=3))
    house.sync()
    with running(create_app(script.from_value("assistant"))) as url:
        yield Wired(house, url)
