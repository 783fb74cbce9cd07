"""`/csm ask QUESTION` and `/csm draft REQUEST`: acked at once, answered privately; drafts come as cards."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from crm.identity import Principal
from slack_app.attempt import attempt, caller_of
from slack_app.blocks.answer import answer_message
from slack_app.blocks.text import Message, clip, escape, sentence
from slack_app.blocks.usage import usage
from slack_app.card import post_card
from slack_app.deps import Deps
from slack_app.links import SlackUser
from slack_app.subcommand import COMMAND, named, rest

_DOING = {"ask": "Reading your mail", "draft": "Drafting a reply"}


def register(app: App, deps: Deps) -> None:
    for name, doing in _DOING.items():
        _register(app, deps, name, doing)


def _register(app: App, deps: Deps, name: str, doing: str) -> None:
    def acknowledge(ack: Ack, command: dict[str, Any]) -> None:
        question = rest(command)
        shown = sentence(f"{doing}: {escape(clip(question, 2000))}") if question else usage(f"{COMMAND} {name}")
        ack(**shown.as_posted())

    def answer(command: dict[str, Any], context: BoltContext, respond: Respond, client: WebClient) -> None:
        question, caller = rest(command), caller_of(context)
        if not question:
            return
        shown = attempt(deps, caller, lambda principal: _answer(deps, client, caller, principal, question))
        if shown is not None:
            respond(**shown.as_posted(), response_type="ephemeral", replace_original=True)

    app.command(COMMAND, matchers=[named(name)])(ack=acknowledge, lazy=[answer])


def _answer(deps: Deps, client: WebClient, caller: SlackUser, principal: Principal, question: str) -> Message:
    answer = deps.assistant.ask(principal, question)
    if answer.draft_id is not None:
        post_card(deps, client, caller, principal, draft_id=answer.draft_id, thread=answer.thread)
        return sentence(
            f"{escape(clip(question, 2000))}\nThe draft is in your messages with LealUp, for you to review."
        )
    return answer_message(answer, question=question, zone=principal.zone)
