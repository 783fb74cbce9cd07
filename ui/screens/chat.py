"""Chat: questions and answers with their sources, and the drafts that come of them."""

from __future__ import annotations

import re
import secrets
from contextlib import closing

import streamlit as st

from agent.answer import Pulse, Step, Token
from crm.customers import list_customers
from crm.errors import LealUpError
from crm.identity import Principal
from crm.prompts.store import prompts_of
from crm.trace import operation
from outbox.drafts import list_drafts
from ui import inert
from ui.components import answer as answer_view
from ui.components import answer_actions, draft_card, mail_card, prompt_run
from ui.components.examples import examples
from ui.components.failure import describe, failures
from ui.components.failure import show as show_failure
from ui.conversations import Turn, all_conversations, turns_of
from ui.deps import current_app, current_principal
from ui.screens import drafts as drafts_screen
from wiring.app import App

_PICKED = "picked_question"
_OFFERED = 8  # saved prompts where a conversation begins
_REFERENCE = re.compile(r"\s*\[m:[0-9a-f]*\]?")  # how a model cites before its quotes are checked


def as_page() -> st.Page:
    return st.Page(page, title="Chat", icon=":material/forum:", url_path="chat", default=True)


def page() -> None:
    app, me = current_app(), current_principal()
    thread = st.query_params.get("thread", "")
    turns = turns_of(app, me, thread)
    asked = st.chat_input("Ask about your customers' mail", key="ask", submit_mode="stop")
    asked = asked or st.session_state.pop(_PICKED, "") or prompt_run.ready()
    _heading(bool(turns))
    if not turns and not asked:
        _welcome(app, me)
    for place, turn in enumerate(turns):
        _show(app, me, thread, turn, key=str(place), last=turn is turns[-1] and not asked)
    if turns and turns[-1].text and not asked:
        _waiting(app, me)
    if asked:
        thread = thread or secrets.token_hex(8)
        st.query_params["thread"] = thread
        turn = Turn(question=str(asked))
        all_conversations().setdefault(thread, []).append(turn)
        _ask(app, me, thread, turn)
        st.rerun()
    mail_card.show_opened(app, me)
    prompt_run.show_asked_for(app, me, st.rerun)


def _waiting(app: App, me: Principal) -> None:
    """A conversation that is read back has no cards, so it says where its drafts are."""
    with app.database.read() as session:
        count = sum(draft.status == "draft" for draft in list_drafts(session, me))
    if count:
        words = "1 draft waits" if count == 1 else f"{count} drafts wait"
        st.page_link(drafts_screen.as_page(), label=f"{words} for your decision", icon=":material/outgoing_mail:")


def _heading(talking: bool) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.title("Chat", anchor=False)
        if talking:
            st.button(
                "New conversation",
                key="new-conversation",
                icon=":material/add:",
                on_click=st.query_params.clear,
            )


def _welcome(app: App, me: Principal) -> None:
    with app.database.read() as session:
        customers = list_customers(session, me.workspace_id)
    if not customers:
        st.caption("There are no customers yet. Import them on the Customers page, then connect Gmail.")
        return
    st.caption("Answers come from your customers' mail, and every statement cites its mail. For example:")
    with app.database.read() as session:
        saved = prompts_of(session, me)[:_OFFERED]
    with st.container(key="examples", gap=None):
        for prompt in saved:
            st.button(
                inert.label(prompt.name), key=f"prompt-{prompt.id}", type="tertiary", icon=":material/bookmark:",
                help=inert.label(prompt.text), on_click=prompt_run.run, args=(prompt.text,),
            )  # fmt: skip
        for place, question in enumerate(examples(customers)):
            st.button(
                inert.label(question), key=f"example-{place}", type="tertiary", icon=":material/chat_bubble:",
                on_click=_pick, args=(question,),
            )  # fmt: skip


def _ask(app: App, me: Principal, thread: str, turn: Turn) -> None:
    """Stream one answer. Whatever stops it, the question stays on the page."""
    _question(turn)
    _notice_stop(turn)
    with st.chat_message("assistant", avatar=":material/mark_email_read:"), operation() as trace_id:
        status, place, written = st.status("Reading the mail…"), st.empty(), ""
        try:
            # closed at once when the page stops: the model is no longer listened to
            with closing(app.assistant.stream(me, turn.question, thread=thread)) as parts:
                for part in parts:
                    if isinstance(part, Step):
                        written = ""  # what a model says before it calls a tool is not the answer
                        turn.steps.append(part.text)
                        status.text(part.text)
                    elif isinstance(part, Token):
                        written += part.text
                        place.html(answer_view.prose(_REFERENCE.sub("", written)))
                    elif isinstance(part, Pulse):
                        status.update()  # whatever is drawn lets the page notice that it was stopped
                    else:
                        turn.answer = part
        except LealUpError as error:
            turn.failure = describe(error, trace_id)
        finally:
            turn.over = True


@st.fragment(run_every=1)
def _notice_stop(turn: Turn) -> None:
    """A run that was stopped can draw nothing any more, so the page is drawn anew once it is over."""
    if turn.over and turn.stopped:
        st.rerun()


def _show(app: App, me: Principal, thread: str, turn: Turn, *, key: str, last: bool) -> None:
    _question(turn)
    with st.chat_message("assistant", avatar=":material/mark_email_read:"):
        if turn.steps:
            _steps(turn)
        if turn.answer:
            answer_view.show(turn.answer, me, key=key)
            answer_actions.show(app, me, turn.question, turn.answer)
            if turn.answer.draft_id:
                with failures():
                    _draft(app, me, thread, turn, turn.answer.draft_id)
        elif turn.text:
            st.html(answer_view.prose(_REFERENCE.sub("", turn.text)))
        elif turn.failure:
            show_failure(turn.failure)
        else:
            st.caption("Stopped.")
        if last and (turn.failure or turn.stopped):
            st.button(
                "Ask again",
                key=f"again-{key}",
                icon=":material/refresh:",
                on_click=_again,
                args=(thread, turn),
            )


def _question(turn: Turn) -> None:
    with st.chat_message("user", avatar=":material/person:"):
        st.html(f'<div class="lu-body">{inert.html(turn.question)}</div>')


def _steps(turn: Turn) -> None:
    seconds = f" in {turn.answer.seconds:.1f} s" if turn.answer else ""
    state = "complete" if turn.answer else "error"
    with st.status(f"{len(turn.steps)} step{'' if len(turn.steps) == 1 else 's'}{seconds}", state=state):  # type: ignore[arg-type]
        for step in turn.steps:
            st.text(step)


def _draft(app: App, me: Principal, thread: str, turn: Turn, draft_id: str) -> None:
    """The card; once a human has decided, the conversation that waited for it goes on."""
    draft = draft_card.show(app, me, draft_id)
    if draft.status in ("sent", "discarded") and turn.closing is None:
        turn.closing = app.assistant.settle(me, thread) or ""
    if turn.closing:
        st.html(answer_view.prose(turn.closing))


def _pick(question: str) -> None:
    st.session_state[_PICKED] = question


def _again(thread: str, turn: Turn) -> None:
    all_conversations()[thread].remove(turn)
    _pick(turn.question)
