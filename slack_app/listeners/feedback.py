"""Thumbs below an answer, and the modal that asks why."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, Args, BoltContext

from agent.answer import Answer
from crm.answers import get_answer
from crm.feedback import Verdict, my_votes, vote
from crm.identity import Principal
from slack_app.attempt import attempt, caller_of
from slack_app.blocks.answer import COMMENT, COMMENTED, VOTE_DOWN, VOTE_UP, answer_message, comment_modal
from slack_app.blocks.modal import notice_modal
from slack_app.blocks.text import Message
from slack_app.card import whisper
from slack_app.deps import Deps


def register(app: App, deps: Deps) -> None:
    for action, verdict in ((VOTE_UP, "up"), (VOTE_DOWN, "down")):
        _register_vote(app, deps, action, "up" if verdict == "up" else "down")

    @app.action(COMMENT)
    def comment(args: Args) -> None:
        args.ack()
        answer_id = str((args.action or {})["value"])

        def open_modal(principal: Principal) -> Message | None:
            with deps.database.read() as session:
                language = str(get_answer(session, principal, answer_id).said["language"])
                said = my_votes(session, principal, [answer_id]).get(answer_id, ("", ""))[1]
            args.client.views_open(trigger_id=args.body["trigger_id"], view=comment_modal(answer_id, language, said))
            return None

        shown = attempt(deps, caller_of(args.context), open_modal)
        if shown is not None:
            whisper(args, shown)

    @app.view(COMMENTED)
    def commented(ack: Ack, view: dict[str, Any], context: BoltContext) -> None:
        answer_id = str(view["private_metadata"])
        text = view["state"]["values"]["comment"]["comment"].get("value") or ""

        def save(principal: Principal) -> Message | None:
            with deps.database.write() as session:
                voted = my_votes(session, principal, [answer_id]).get(answer_id, ("down", ""))[0]
                verdict: Verdict = "up" if voted == "up" else "down"
                vote(session, deps.clock, principal, answer_id, verdict, face="slack", comment=text)
            return None

        shown = attempt(deps, caller_of(context), save)
        if shown is None:
            ack()
        else:
            ack(response_action="update", view=notice_modal(shown))


def _register_vote(app: App, deps: Deps, action: str, verdict: Verdict) -> None:
    @app.action(action)
    def voted(args: Args) -> None:
        args.ack()
        answer_id = str((args.action or {})["value"])

        def cast(principal: Principal) -> Message:
            with deps.database.write() as session:
                vote(session, deps.clock, principal, answer_id, verdict, face="slack")
                kept = get_answer(session, principal, answer_id)
            answer = Answer.from_json(kept.said)
            return answer_message(answer, question=kept.question, zone=principal.zone, verdict=verdict)

        caller = caller_of(args.context)
        shown = attempt(deps, caller, cast)
        if shown is not None:
            # the answer again, with the vote; a failure stands beside it
            answered = any(block["type"] == "actions" for block in shown.blocks)
            args.respond(**shown.as_posted(), response_type="ephemeral", replace_original=answered)
