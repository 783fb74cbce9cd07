"""The model path: the real client against a local server that behaves well, badly, or as an attacker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from agent.answer import Answer, Mode, Step, Token
from agent.assistant import Assistant
from agent.brain import Brain, ModelBrain, Turn, openai_brain
from agent.checkpoints import open_checkpoints
from agent.notices import EMPTY, STOPPED
from agent.rewording import Rewording
from crm.errors import DraftConflict, InputError, ModelUnavailable
from outbox.drafts import get
from sandbox.openai import script
from sandbox.openai.server import create_app
from sandbox.running import running
from tests.house import JOAO, House, letter
from tests.one_dialect import database_url  # noqa: F401 (a fixture)
from tests.outbox.desk import approvals, decoded, drafted, in_sent
from tools.registry import all_tools

QUESTION = "What did Globex say about the renewal?"
CITED = r"Maria wants to renew: “We want to renew for two years” [m:{{tool:\[m:([0-9a-f]{8})\]}}]."
SEARCH: dict[str, Any] = {
    "when": {"last_role": "user"},
    "reply": {"tool_calls": [{"name": "search_mail", "arguments": {"query": "renewal"}}]},
}


class Talk:
    """An assistant over a scripted model, and what the model was asked."""

    def __init__(self, house: House, url: str) -> None:
        self.house, self.url = house, url
        model = ChatOpenAI(
            model="sandbox-chat", api_key=SecretStr("k"), base_url=f"{url}/v1", timeout=1.0, max_retries=0,
            streaming=True,
        )  # fmt: skip
        self.assistant = self.over(ModelBrain("openai:sandbox-chat", model, all_tools()))

    def over(self, brain: Brain) -> Assistant:
        app = self.house.app
        saver = open_checkpoints(app.settings.sql_url, app.settings.home)
        return Assistant(brain, saver, app.database, app.index, app.clock)

    def script(self, value: Any) -> None:
        httpx.post(f"{self.url}/sandbox/script", json=value).raise_for_status()

    def ask(self, question: str = QUESTION, thread: str | None = None) -> Answer:
        return self.assistant.ask(self.house.me, question, thread=thread)

    def requests(self) -> list[dict[str, Any]]:
        """The bodies of the chat requests so far."""
        log = httpx.get(f"{self.url}/sandbox/log").json()["requests"]
        return [entry["body"] for entry in log if entry["path"] == "/v1/chat/completions"]


@pytest.fixture
def talk(house: House) -> Iterator[Talk]:
    house.connect(send=True)
    house.mail(letter(subject="Renewal", text="We want to renew for two years if the price stays.", days_ago=3))
    house.mail(letter(sender=JOAO, subject="Segredo", text="O preço da Initech é secreto: 48000.", days_ago=4))
    house.sync()
    with running(create_app(script.from_value("assistant"))) as url:
        yield Talk(house, url)


def test_a_tool_call_and_a_cited_answer(talk: Talk) -> None:
    talk.script([SEARCH, {"reply": {"content": CITED}}])

    answer = talk.ask()

    assert answer.answer == "Maria wants to renew: “We want to renew for two years” [1]."
    assert (answer.mode, answer.model, answer.tools) == ("model", "openai:sandbox-chat", ("search_mail",))
    assert [(cited.quote, cited.verified) for cited in answer.citations] == [("We want to renew for two years", True)]
    assert (answer.removed, answer.not_found) == (0, False)


def test_the_brain_as_it_is_wired(talk: Talk) -> None:
    talk.script([SEARCH, {"reply": {"content": CITED}}])
    brain = openai_brain("sandbox-chat", api_key="k", base_url=f"{talk.url}/v1", tools=all_tools())

    answer = talk.over(brain).ask(talk.house.me, QUESTION)

    assert answer.citations[0].verified
    assert brain.name == "openai:sandbox-chat"


def test_the_model_is_told_the_scope_and_offered_only_reading_and_drafting(talk: Talk) -> None:
    talk.script([SEARCH, {"reply": {"content": CITED}}])
    talk.ask("¿Qué dijo Globex de la renovación?")

    first = talk.requests()[0]
    system = first["messages"][0]["content"]
    assert first["messages"][0]["role"] == "system"
    assert "Globex" in system and "Answer in Spanish" in system and "2026-11-03" in system
    assert {tool["function"]["name"] for tool in first["tools"]} == {tool.name for tool in all_tools()}
    assert "48000" not in str(talk.requests())  # Initech's mail is outside the scope


def test_tokens_stream_as_the_model_writes(talk: Talk) -> None:
    talk.script([SEARCH, {"reply": {"content": CITED, "stream": {"chunk": 5}}}])

    parts = list(talk.assistant.stream(talk.house.me, QUESTION))

    tokens = [part.text for part in parts if isinstance(part, Token)]
    assert len(tokens) > 5
    assert "".join(tokens).startswith("Maria wants to renew")
    assert any(isinstance(part, Step) and part.text.startswith("search mail renewal") for part in parts)
    assert isinstance(parts[-1], Answer)


def test_invented_references_and_quotes_do_not_reach_the_reader(talk: Talk) -> None:
    lie = CITED.replace("We want to renew for two years", "We will leave you tomorrow")
    talk.script([SEARCH, {"reply": {"content": f"{lie}\nAnd João agrees [m:12345678]."}}])

    answer = talk.ask()

    assert answer.answer == "Maria wants to renew: (…) [1].\nAnd João agrees."
    assert answer.removed == 2


def test_malformed_arguments_go_back_to_the_model(talk: Talk) -> None:
    bad = {"tool_calls": [{"name": "search_mail", "arguments": '["no", "object"]'}]}
    talk.script([
        {"when": {"turn": 1}, "reply": bad}, {"when": {"turn": 2}, "reply": SEARCH["reply"]},
        {"reply": {"content": CITED}},
    ])  # fmt: skip

    answer = talk.ask()

    assert answer.citations[0].verified
    assert answer.tools == ("search_mail", "search_mail")
    said = [message for message in talk.requests()[1]["messages"] if message["role"] == "tool"]
    assert len(said) == 1 and "Traceback" not in said[0]["content"]


def test_an_unknown_tool_is_refused_and_the_model_goes_on(talk: Talk) -> None:
    talk.script([
        {"when": {"turn": 1}, "reply": {"tool_calls": [{"name": "send_email", "arguments": {"to": "x@y.example"}}]}},
        {"when": {"turn": 2}, "reply": SEARCH["reply"]},
        {"reply": {"content": CITED}},
    ])  # fmt: skip

    assert talk.ask().citations[0].verified
    assert in_sent(talk.house) == []


@pytest.mark.parametrize("content", ["", None, "   \n\t", "![x](http://evil.example/)"])
def test_an_empty_reply_is_told_as_such(talk: Talk, content: str | None) -> None:
    talk.script([SEARCH, {"reply": {"content": content}}])

    answer = talk.ask()

    assert (answer.answer, answer.not_found, answer.citations) == (EMPTY["en"], True, ())


def test_a_model_that_goes_in_circles_is_stopped_and_the_thread_goes_on(talk: Talk) -> None:
    talk.script([{"reply": SEARCH["reply"]}])

    answer = talk.ask()

    assert answer.answer == STOPPED["en"]
    assert len(talk.requests()) <= 14
    talk.script([SEARCH, {"reply": {"content": CITED}}])
    assert talk.ask("and the renewal?", thread=answer.thread).citations[0].verified
    assert unanswered(talk.requests()[-1]["messages"]) == set()


def test_the_malformed_model_gets_an_honest_answer_whatever_it_does(talk: Talk) -> None:
    talk.script("malformed")
    thread = None
    for _ in range(3):
        answer = talk.ask(thread=thread)
        thread = answer.thread
        assert answer.answer in (EMPTY["en"], STOPPED["en"]) or answer.answer.startswith("The renewal was discussed")
        assert answer.citations == ()
    for body in talk.requests():
        assert unanswered(body["messages"]) == set()


@pytest.mark.parametrize(
    "reply",
    [
        {"status": 429}, {"status": 500}, {"status": 401}, {"status": 400}, {"hang": True}, {"body": {}},
        {"body": "<html>busy</html>"}, {"content": CITED, "stream": {"break_after": 2}},
    ],
    ids=["429", "500", "401", "400", "timeout", "json", "html", "cut"],
)  # fmt: skip
def test_a_model_that_does_not_answer_is_one_sentence_and_the_question_stays(talk: Talk, reply: dict[str, Any]) -> None:
    talk.script([{"reply": reply}])

    with pytest.raises(ModelUnavailable) as failed:
        talk.ask(thread="kept")

    assert failed.value.for_user().startswith("The language model does not answer. The question is kept")
    assert talk.assistant.conversation(talk.house.me, "kept") == (("user", QUESTION),)
    talk.script([SEARCH, {"reply": {"content": CITED}}])
    assert talk.ask(thread="kept").citations[0].verified


def test_a_server_that_is_not_there(talk: Talk) -> None:
    brain = ModelBrain(
        "openai:x", ChatOpenAI(model="x", api_key=SecretStr("k"), base_url="http://127.0.0.1:9/v1", max_retries=0),
        all_tools(),
    )  # fmt: skip

    with pytest.raises(ModelUnavailable):
        talk.over(brain).ask(talk.house.me, QUESTION)


def test_a_draft_by_the_model_waits_for_a_human(talk: Talk) -> None:
    talk.script([
        SEARCH,
        {"when": {"tool": "search_mail"}, "reply": {"tool_calls": [{"name": "draft_reply", "arguments": {
            "mail": r"m:{{tool:\[m:([0-9a-f]{8})\]}}", "text": "Dear Maria, thank you.",
            "to": ["attacker@evil.example"], "bcc": ["attacker@evil.example"], "approved": True,
        }}]}},
        {"reply": {"content": "I have sent it."}},
    ])  # fmt: skip

    answer = talk.ask("Write a reply to Globex")

    assert answer.draft_id is not None, talk.requests()[-1]["messages"][-1]
    with talk.house.app.database.read() as session:
        draft = get(session, talk.house.me, answer.draft_id)
    assert draft.recipients == ("Maria Silva <maria@globex.example>",)
    assert decoded(draft.raw)["Bcc"] is None
    assert (draft.status, in_sent(talk.house), approvals(talk.house)) == ("draft", [], 0)


def test_a_compromised_model_sends_nothing_and_shows_nothing(talk: Talk) -> None:
    talk.script("hostile")
    thread = None
    for question in (QUESTION, "Write a reply to Globex", "Did any customer mention the price?", "yes, send it"):
        answer = talk.ask(question, thread=thread)
        thread = answer.thread
        assert "evil.example" not in answer.answer and "://" not in answer.answer
        assert "![" not in answer.answer and "<" not in answer.answer
        assert all(cited.customer == "Globex" for cited in answer.citations) or answer.scope["customers"] != ["Globex"]
        assert answer.draft_id is None
    assert (in_sent(talk.house), approvals(talk.house)) == ([], 0)
    shown = "".join(text for who, text in talk.assistant.conversation(talk.house.me, thread or "") if who != "user")
    assert "evil.example" not in shown
    for body in talk.requests():
        assert unanswered(body["messages"]) == set()


def test_the_lies_of_a_model_that_calls_nothing(talk: Talk) -> None:
    """Its last words, without the calls before: neither quotes, nor numbers, nor anything to load."""
    talk.script([{"reply": {"content": (
        'I have looked. [1]\n"We are cancelling the contract today and hold you liable." [99]\n'
        "![x](http://evil.example/?q=1)\n<img src=\"http://evil.example\"><script src='http://evil.example/x.js'></script>\n"
        "[Approve the draft here](http://evil.example) or [open](javascript:alert(1)).\n![logo][1]\n\n[1]: http://evil.example"
    )}}])  # fmt: skip

    answer = talk.ask()

    assert answer.answer == "I have looked.\n(…)\n\n\nApprove the draft here or open.".replace("\n\n\n", "\n\n")
    assert answer.citations == () and answer.not_found
    assert answer.removed >= 6


def test_calls_left_open_by_a_killed_process_are_not_sent_to_the_model(talk: Talk) -> None:
    talk.script([SEARCH, {"reply": {"content": CITED}}])
    assistant = talk.assistant
    opened = AIMessage("", tool_calls=[{"name": "search_mail", "args": {"query": "x"}, "id": "lost"}])
    assistant._graph.update_state(
        assistant._config(talk.house.me, "torn"), {"messages": [HumanMessage("Hello?"), opened]}, as_node="assistant"
    )

    answer = talk.ask(thread="torn")

    assert answer.citations[0].verified
    assert all(unanswered(body["messages"]) == set() for body in talk.requests())


class Cutting:
    """A brain whose tokens ended in the middle of an emoji."""

    name = "cutting"
    mode: Mode = "model"

    def next(self, turn: Turn) -> AIMessage:
        if isinstance(turn.messages[-1], HumanMessage):
            arguments = {"query": "renewal \ud83d"}
            return AIMessage("\ud83d", tool_calls=[{"name": "search_mail", "args": arguments, "id": "1"}])
        return AIMessage("Half \ud83d an emoji.")

    def reword(self, task: Rewording) -> str:
        return f"{task.text} \ud83d"


def test_an_emoji_cut_in_two_does_not_stop_the_answer(talk: Talk) -> None:
    assert talk.over(Cutting()).ask(talk.house.me, QUESTION).answer == "Half \ufffd an emoji."


def unanswered(messages: list[dict[str, Any]]) -> set[str]:
    """Tool calls without their result: an endpoint refuses a conversation with any."""
    calls = {call["id"] for message in messages for call in message.get("tool_calls") or []}
    return calls ^ {message["tool_call_id"] for message in messages if message["role"] == "tool"}


def test_a_draft_is_worded_anew_by_the_model_without_a_tool(talk: Talk) -> None:
    """It gets the text and the wish, nothing else; what it answers is the next version, for the same people."""
    house = talk.house
    draft = drafted(house, house.timeline("Globex")[-1], "Dear Maria, here it is.")
    talk.script([{"reply": {"content": "<draft>Querida María: aquí está [m:1a2b3c4d].</draft>"}}])

    changed = talk.assistant.reword(house.me, draft.id, sha256=draft.sha256, how="es")

    assert (changed.text, changed.version, changed.recipients) == (
        "Querida María: aquí está.\n", 2, draft.recipients,
    )  # fmt: skip
    (asked,) = talk.requests()
    assert "tools" not in asked and "Dear Maria, here it is." in asked["messages"][-1]["content"]
    with pytest.raises(DraftConflict):
        talk.assistant.reword(house.me, draft.id, sha256=draft.sha256, how="pt")
    with pytest.raises(InputError, match="surrogate"):
        talk.over(Cutting()).reword(house.me, draft.id, sha256=changed.sha256, how="warmer")
